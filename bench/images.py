"""Images: what a change of one base costs to plan on a graph of a big company, and a scan of 1,500 Dockerfiles."""

from __future__ import annotations

import random
import time
from pathlib import Path

from bench.figures import Row, median, spread

NODES, EDGES, BELOW = 4000, 4500, 400


def graph(nodes: int = NODES, edges: int = EDGES, below: int = BELOW, seed: int = 7):
    """A graph in which exactly `below` images depend on `base:1`; the others are families of their own, with joins."""
    from dockyard.model.lineage import VERSION, Edge, EdgeKind, Graph, How, Learned, Node, key

    chance = random.Random(seed)
    platform = "linux/amd64"
    names = ["base:1", *(f"team/image-{number}:1" for number in range(1, nodes))]
    made: dict[tuple[int, int], Edge] = {}

    def edge(child: int, parent: int, kind: EdgeKind) -> None:
        learned = (Learned(how=How.DOCKERFILE, digest="", stage="stage 0"),)
        made[(child, parent)] = Edge(
            child=key(names[child], platform),
            parent=key(names[parent], platform),
            kind=kind,
            learned=learned,
            final=kind is EdgeKind.FROM,
        )

    # The family of the base first: a few have many children. Then the others, whose roots have no parent.
    for child in range(1, below + 1):
        edge(child, int(child * chance.random() ** 3), EdgeKind.FROM)
    for child in range(below + 21, nodes):
        edge(child, below + 1 + int((child - below - 1) * chance.random() ** 3), EdgeKind.FROM)
    while len(made) < edges:
        inside = chance.random() < below / nodes
        low, high = (0, below) if inside else (below + 1, nodes - 1)
        child = chance.randint(low + 2, high)
        edge(child, chance.randint(low, child - 1), EdgeKind.COPY)
    rows = tuple(Node(name=name, platform=platform, seconds=chance.uniform(20, 600), size=50_000_000) for name in names)
    return Graph(version=VERSION, nodes=rows, edges=tuple(made.values()))


def dockerfiles(folder: Path, count: int = 1500) -> Path:
    """Files as they are: arguments, stages, mounts, here documents, comments; a third stands alone in its folder."""
    for number in range(count):
        place = folder / f"team-{number % 40}" / f"service-{number}"
        place.mkdir(parents=True)
        (place / "Dockerfile").write_text(
            f"""# syntax=docker/dockerfile:1
# The service of number {number}.
ARG REGISTRY=registry.example.com
ARG VERSION=1.{number % 7}
FROM --platform=$BUILDPLATFORM ${{REGISTRY}}/build/base-{number % 50}:${{VERSION:-latest}} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \\
    --mount=type=bind,from=registry.example.com/tools:{number % 9},target=/tools \\
    # fetched once
    go mod download && \\
    go vet ./...
COPY . .
RUN <<EOF
set -e
go build -o /out/app ./cmd/app
EOF
FROM ${{REGISTRY}}/run/base-{number % 30}:${{VERSION}} AS run
ENV HOME=/home/app PATH="/opt/bin:$PATH"
LABEL org.example.team="team-{number % 40}" org.example.service="service-{number}"
RUN useradd app
COPY --from=build --chown=app:app /out/app /usr/bin/app
COPY --from=busybox:1.36 /bin/wget /usr/bin/wget
USER app
EXPOSE 8080
HEALTHCHECK --interval=5s CMD ["wget", "-qO-", "http://localhost:8080/ready"]
ENTRYPOINT ["/usr/bin/app"]
"""
        )
    return folder


def measure(folder: Path, rounds: int) -> list[Row]:
    from dockyard.images import document, grow, plan, platforms, policies, scan
    from dockyard.images.tree import Tree

    data = document.write(graph())
    given = policies.Policies(default=policies.Policy.CASCADE)

    def one_plan() -> None:
        wave = plan.plan(Tree(document.read(data, "graph.json")), ["base:1 linux/amd64"], given)
        if len(wave.steps) != BELOW:
            raise RuntimeError(f"{len(wave.steps)} of {BELOW} descendants are planned")

    here = platforms.Platform("linux", "amd64")
    place = str(dockerfiles(folder / "dockerfiles"))

    def one_scan() -> None:
        found = scan.scan((), place, {}, grow.World(platforms=(here,), build_platform=here))
        if found.dockerfiles != 1500 or found.grown.problems:
            raise RuntimeError(f"{found.dockerfiles} Dockerfiles were read, {len(found.grown.problems)} problems")

    plans, scans = [_seconds(one_plan) for _ in range(rounds + 2)][2:], [_seconds(one_scan) for _ in range(min(rounds, 3))]
    return [
        Row(
            f"plan of one changed base, {NODES} images, {EDGES} edges, {BELOW} descendants, document read and all",
            f"**{spread(plans)}**",
            "",
            "150 ms",
            "50 ms",
            median(plans) <= 0.15,
            median(plans) <= 0.05,
        ),
        Row(
            "scan of 1,500 Dockerfiles",
            f"**{spread(scans, 's')}**",
            "",
            "5 s",
            "2 s",
            median(scans) <= 5,
            median(scans) <= 2,
        ),
    ]


def _seconds(act) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
