FROM debian:12 AS a
FROM a AS b
FROM --platform=$BUILDPLATFORM b AS c
FROM c
COPY --from=a / /
