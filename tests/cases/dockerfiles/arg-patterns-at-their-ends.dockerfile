ARG V=a_b_c
ARG E=
FROM a${V/*/x} AS a
FROM b${V//*/x} AS b
FROM c${V//_*/x} AS c
FROM d${V//?/x} AS d
FROM e${V/#/x}${E/*/y} AS e
FROM f${V#a*_}g${V##*_}h${V%_*}i${V%%_*} AS f
FROM g${E//*/y}${V//_/}${V///z} AS g
FROM scratch
COPY --from=a / /
COPY --from=b / /
COPY --from=c / /
COPY --from=d / /
COPY --from=e / /
COPY --from=f / /
COPY --from=g / /
