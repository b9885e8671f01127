FROM alpine
ENV x
