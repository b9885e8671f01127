FROM localhost/a AS a
FROM localhost:5000/a/b/c:1 AS b
FROM docker.io/library/alpine AS c
FROM index.docker.io/acme/x AS d
FROM acme/x AS e
FROM Registry.example.com/x AS f
FROM [2001:db8::1]:5000/x AS g
FROM x__y/a.b-c--d AS h
FROM scratch
COPY --from=a / /
COPY --from=b / /
COPY --from=c / /
COPY --from=d / /
COPY --from=e / /
COPY --from=f / /
COPY --from=g / /
COPY --from=h / /
