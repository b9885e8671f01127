FROM alpine AS base
ONBUILD COPY --from=busybox /x /x
ONBUILD RUN --mount=from=debian,target=/d true
FROM base
RUN true
