FROM acme/base
COPY --from=busybox / /
