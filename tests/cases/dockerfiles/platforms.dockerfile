FROM --platform=$BUILDPLATFORM golang:1.22 AS build
RUN GOARCH=$TARGETARCH go build
FROM --platform=linux/arm/v7 alpine AS arm
FROM --platform=$TARGETPLATFORM gcr.io/distroless/static
COPY --from=build /x /x
COPY --from=arm /y /y
COPY --from=busybox /z /z
