arg v=3
from alpine:$v as x
copy --from=busybox / /
run --mount=from=debian,target=/d true
