ARG T=busybox
FROM debian
COPY --from=$T /x /x
