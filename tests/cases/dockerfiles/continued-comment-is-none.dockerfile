FROM alpine
# a comment does not go on \
COPY --from=busybox / /
