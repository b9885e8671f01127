FROM alpine
LABEL x="<<EOF"
CMD echo <<EOF
ENTRYPOINT ["<<EOF"]
RUN ["sh", "<<EOF"]
COPY --from=busybox / /
