FROM alpine
ONBUILD COPY --from=busybox /x /x
