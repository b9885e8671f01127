ARG NAME=bus
FROM alpine
LABEL ünïcode="ß"
RUN echo "日本語" \
  && true
COPY --from=busybox /ä /ö
