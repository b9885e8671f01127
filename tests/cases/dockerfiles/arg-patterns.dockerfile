ARG V=12.4.1-bookworm
FROM a:${V%-*} AS a
FROM b:${V%%.*} AS b
FROM c:${V#*.} AS c
FROM d:${V##*-} AS d
FROM e:${V/./_} AS e
FROM f:${V//./_}
COPY --from=a / /
COPY --from=b / /
COPY --from=c / /
COPY --from=d / /
COPY --from=e / /
