FROM alpine
COPY --from=busybox / /x \
