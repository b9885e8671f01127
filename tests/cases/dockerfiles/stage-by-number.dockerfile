FROM a
FROM b
FROM c
COPY --from=0 /x /x
