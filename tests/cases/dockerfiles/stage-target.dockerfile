FROM golang:1.22 AS build
FROM node:20 AS web
FROM alpine:3.20 AS run
COPY --from=build /out /bin
COPY --from=web /dist /dist
