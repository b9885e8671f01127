FROM alpine AS base
ONBUILD COPY --from=busybox /x /x
FROM base AS middle
FROM middle
