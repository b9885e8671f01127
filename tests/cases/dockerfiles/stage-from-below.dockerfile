FROM a AS one
COPY --from=two / /
FROM b AS two
FROM c
COPY --from=one / /
