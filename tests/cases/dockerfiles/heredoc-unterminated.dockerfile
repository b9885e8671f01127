FROM alpine
RUN <<EOF
FROM nothing
