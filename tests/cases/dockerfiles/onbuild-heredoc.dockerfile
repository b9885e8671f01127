FROM alpine
ONBUILD RUN <<EOF
FROM nothing
EOF
COPY --from=busybox / /
