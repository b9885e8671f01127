FROM alpine:3.20
COPY --from=tools / /
COPY --from=src / /
