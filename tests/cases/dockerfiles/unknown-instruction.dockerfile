FROM alpine
RUM true
