FROM alpine AS x
