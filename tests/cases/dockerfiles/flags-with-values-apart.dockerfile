FROM alpine
COPY --chown=1:1 --link --from="busybox:1.36" --chmod=755 / /
COPY --link=false --parents --exclude=a --exclude=b --from=debian:12 a b /x/
