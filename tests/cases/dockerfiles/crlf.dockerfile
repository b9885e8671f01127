# escape=`
FROM alpine `
  AS x
RUN <<EOF
FROM nothing
EOF
COPY --from=busybox / /
