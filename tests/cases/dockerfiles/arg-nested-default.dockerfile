ARG A
ARG B=3.18
FROM alpine:${A:-${B}} AS one
FROM busybox:${A:-1.${B:+36}}
COPY --from=one /x /x
