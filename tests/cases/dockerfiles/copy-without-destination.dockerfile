FROM alpine
COPY x
