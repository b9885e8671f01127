FROM golang AS build
COPY --from=nobody/needs / /
FROM alpine
COPY --from=build / /
