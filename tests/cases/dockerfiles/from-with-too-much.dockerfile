FROM alpine AS x y
