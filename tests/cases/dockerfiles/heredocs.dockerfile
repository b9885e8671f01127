# syntax=docker/dockerfile:1
FROM alpine AS a
RUN <<EOF
FROM not-an-image
COPY --from=not-an-image-either / /
EOF
COPY <<"END" <<-TABBED /x/
FROM neither
END
	FROM nor-this
	TABBED
RUN python3 <<'PY' && cat <<EOF2
FROM nothing \
PY
FROM nothing
EOF2
COPY --from=busybox / /
