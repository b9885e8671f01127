FROM maven:3 AS deps
FROM debian:12
RUN --mount=type=bind,from=ghcr.io/acme/tools:2,source=/bin,target=/tools \
    --mount=type=cache,target=/root/.m2,from=deps,source=/root/.m2 \
    --mount=type=tmpfs,target=/tmp,from=nobody/needs-this \
    --mount=from=busybox,target=/b \
    --mount=type=secret,id=token \
    --mount=type=ssh \
    true
