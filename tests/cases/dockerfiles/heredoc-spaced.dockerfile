FROM alpine
RUN cat << EOF
FROM nothing
EOF
RUN cat <<$X
FROM x
$X
RUN echo "<<NOT" '<<NEITHER' \<<NOR
FROM busybox
