"""docs/reference/labels.md: what is on an engine, by the names that the code gives."""

from __future__ import annotations

PAGE = "docs/reference/labels.md"


def render() -> str:
    from dockyard.model import placement as p

    example = p.Placement("shop-1f3a5b7c", "shop", "ci-7/3f1c…/4026531836/4711/9035768", 1700003900, "run")
    marker = p.marker_name(example.id, "keep", "1700010000")
    kinds = ", ".join(f"`{p.marker_name(example.id, kind)}`" for kind in (p.BUILDS, p.FILLING, p.CLAIM))
    rows = [
        (p.PLACEMENT, f"`{example.id}`", "the environment that it belongs to: a DNS label of at most 20 characters"),
        (p.DEADLINE, f"`{example.deadline}`", "Unix seconds, by the engine's clock, after which a sweep removes it"),
        (p.OWNER, "`<host>/<boot id>/<PID namespace>/<pid>/<start time>`", "the process that answers for it"),
        (p.PROJECT, "`shop`", "the project's name"),
        (
            p.SERVICE,
            "`api`",
            "the service, where the name is legal as a Kubernetes label; else 52 cleaned characters, `-`, 8 hex digits",
        ),
        (p.INSTANCE, "`api-2`", "the container among its service's"),
        (p.MARKER, "", "this container is a marker: it is never started"),
        (p.STANDBY, "5d41402abc4b2a76", "the environment stands by, in this pool: a checkout's, within one trust scope"),
        (p.KEY, "9f86d081884c7d65", "what a container that stands by was made of; `dockyard.inputs` has each input's own hash"),
        (
            p.FRAME,
            "b94d27b9934d3e08",
            "on the marker of an environment that stands by whole: what its networks and volumes were made of",
        ),
        (
            p.SNAPSHOT,
            "63f18c94114c…",
            "the key of data that are kept: on what holds them, and on whatever stands on a clone of them",
        ),
        (
            p.FILLS,
            f"`{example.id}`",
            "on a volume that is filled to be kept: whose it is while the snapshot isn't whole",
        ),
        (
            p.KEPT,
            "",
            "on what makes a snapshot whole: its volumes; `dockyard.size`, `dockyard.seconds`, `dockyard.clone` say more of them",
        ),
        (p.CACHE, "", "shared between runs: `dockyard sweep --cache` removes it"),
        (p.COMPOSE_PROJECT, f"`{example.id}`", "for other tools, which then show an environment as a project"),
        (p.COMPOSE_SERVICE, "`api`", "for other tools"),
    ]
    lines = [
        "# What is on an engine",
        "",
        "Made from `src/dockyard/model/placement.py` by `./dev docs`. Every object is labelled in the very call that creates it, so that nothing can be",
        "left without a name. The sweep reads labels, markers and run tags, and nothing else; what has none of them is never touched.",
        "",
        "| label | for example | |",
        "| --- | --- | --- |",
        *(f"| `{name}` | {value} | {what} |" for name, value, what in rows),
        "",
        "Compose files may not set `dockyard.*`.",
        "",
        "## Names",
        "",
        "| what | name |",
        "| --- | --- |",
        f"| containers, networks, volumes | begin with the placement: `{example.id}-api` |",
        f"| the tag of a built image | `{p.run_tag('api', example)}`: it holds the image while the environment stands; tags of yours are never moved |",
        f"| a marker that extends a deadline | `{marker}`: the highest counts |",
        f"| who builds, who makes what is to stand by, who has claimed it | {kinds}: their owner answers for all of it |",
        "| a marker for a turn | `dockyard-turn-<hash>`: who creates it holds a fixed subnet, port or the host's network |",
        "| data that are kept | `dockyard-snapshot-<key>` makes its volumes a snapshot; `…-filling` is a filler's lock, `…-used-<day>` notes its use |",
        "| the gate's volume and image | `dockyard-gate-<architecture>-<hash of its source>`, labelled as cache |",
        "",
        "## When something is swept",
        "",
        "- Its deadline has passed, by the engine's clock: the highest of its labels and markers.",
        "- Or its owner is dead, and nobody kept it. An owner is judged dead only where host, boot id and PID namespace are the sweeper's own;",
        "  elsewhere the deadline decides.",
    ]
    return "\n".join(lines) + "\n"
