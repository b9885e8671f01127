FROM alpine AS a
ARG V=1
FROM busybox:${V:-2}
