FROM golang AS tools
COPY --from=ghcr.io/acme/tools:1 / /
FROM node AS docs
FROM alpine
