FROM alpine
COPY --from=busybox / /