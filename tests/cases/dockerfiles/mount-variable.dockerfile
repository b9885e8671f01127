ARG T=busybox
FROM debian
RUN --mount=type=bind,from=$T,target=/b true
