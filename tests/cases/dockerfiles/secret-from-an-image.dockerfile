FROM alpine
RUN --mount=type=secret,from=busybox,id=x true
