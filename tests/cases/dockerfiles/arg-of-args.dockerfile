ARG REGISTRY=registry.example.com:5000
ARG NAME=${REGISTRY}/team/base
ARG TAG=1
ARG NAME=${NAME}-slim TAG=${TAG}.2
FROM ${NAME}:${TAG}
