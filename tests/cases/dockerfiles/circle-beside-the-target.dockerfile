FROM a AS one
COPY --from=two / /
FROM b AS two
COPY --from=one / /
FROM c
