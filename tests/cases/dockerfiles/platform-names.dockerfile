FROM --platform=linux/x86_64 a AS a
FROM --platform=linux/aarch64 b AS b
FROM --platform=linux/arm c AS c
FROM --platform=linux/arm64/v8 d AS d
FROM --platform=arm64 e AS e
FROM --platform=windows/amd64 f AS f
FROM scratch
COPY --from=a / /a
COPY --from=b / /b
COPY --from=c / /c
COPY --from=d / /d
COPY --from=e / /e
COPY --from=f / /f
