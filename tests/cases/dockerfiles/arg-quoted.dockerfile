ARG V="3.20" W='3.19'
FROM "alpine:${V}" AS a
FROM alpine:$W
COPY --from=a / /
