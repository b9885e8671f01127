FROM \
  alpine\
:3.20 \
  AS \
  x
# a comment
RUN a \
  # in the middle
  b \

  c
COPY \
  --from=busybox \
  / /
