FROM acme/base
COPY --from=other:latest / /
