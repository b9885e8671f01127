FROM golang:1.22 AS build
RUN make
FROM build AS test
RUN make test
FROM alpine:3.20 AS run
COPY --from=build /out /bin
