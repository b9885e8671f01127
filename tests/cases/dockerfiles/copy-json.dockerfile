FROM alpine
COPY --from=busybox ["/a b", "/c"]
