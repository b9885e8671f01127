FROM alpine
COPY --form=busybox / /
