# Dockyard as a container image. It drives the engine whose socket (or DOCKER_HOST) it is given:
#   docker run --rm -v /var/run/docker.sock:/var/run/docker.sock -v "$PWD:$PWD" -w "$PWD" dockyard test
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements/run.lock requirements/
RUN python3 -m venv /opt/dockyard \
    && /opt/dockyard/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY tools/hatch_gate.py tools/
COPY src src
RUN /opt/dockyard/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
COPY --from=build /opt/dockyard /opt/dockyard
ENV PATH=/opt/dockyard/bin:$PATH
ENTRYPOINT ["dockyard"]
CMD ["--help"]
