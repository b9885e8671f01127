FROM alpine
RUN 3<<EOF cat <&3
FROM nothing
EOF
COPY --from=busybox / /
