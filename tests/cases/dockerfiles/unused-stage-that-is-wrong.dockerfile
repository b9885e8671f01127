FROM a AS one
COPY --from=NotAnImage / /
FROM c
