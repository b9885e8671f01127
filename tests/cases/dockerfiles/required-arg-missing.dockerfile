FROM alpine:${VERSION:?say which}
