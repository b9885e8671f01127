FROM debian
RUN --mount='type=bind,from=busybox,target=/b' --mount="type=bind,\"from=alpine\",target=/a" true
