FROM golang AS tools
FROM alpine
RUN --mount=type=tmpfs,from=tools,target=/x true
