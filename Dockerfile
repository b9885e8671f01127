# Dockyard as a container image. It drives the engine whose socket (or DOCKER_HOST) it is given:
#   docker run --rm -v /var/run/docker.sock:/var/run/docker.sock -v "$PWD:/src" -w /src dockyard test
FROM python:3.11-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY requirements requirements
COPY src src
# The gate's programs first: the wheel carries them.
RUN python -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --require-hashes -r requirements/dev.lock \
    && PYTHONPATH=src /tools/bin/python -m dockyard.engines.gate.build \
    && /tools/bin/python -m hatchling build -t wheel -d /dist
RUN python -m venv /opt/dockyard \
    && /opt/dockyard/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock \
    && /opt/dockyard/bin/pip install --no-cache-dir --no-deps /dist/*.whl

FROM python:3.11-slim
COPY --from=build /opt/dockyard /opt/dockyard
ENV PATH=/opt/dockyard/bin:$PATH
ENTRYPOINT ["dockyard"]
CMD ["--help"]
