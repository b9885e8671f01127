FROM alpine
ADD --from=busybox / /
