FROM scratch
COPY --from=alpine:3.20 /etc/ssl /etc/ssl
COPY --from=scratch / /
