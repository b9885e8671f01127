FROM alpine AS build
FROM busybox
COPY --from=build:latest / /
