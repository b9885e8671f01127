"""A scene to render in, for tests that need no engine."""

from __future__ import annotations

from typing import Any

from dockyard.engines.docker.scene import GateMount, Scene
from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application
from dockyard.model.facts import EngineFacts, ImageFacts
from dockyard.model.placement import Placement

PLACEMENT = Placement("demo-1a2b3c4d", "demo", "owner", 1700000000, "run")
IMAGE = ImageFacts(id="sha256:1", reference="app:1", arch="amd64", cmd=("serve",))


def facts(api: str = "1.41", **more: Any) -> EngineFacts:
    base: dict[str, Any] = {
        "id": "i",
        "name": "n",
        "version": "20.10.24",
        "api": api,
        "os": "linux",
        "arch": "amd64",
        "cpus": 2,
        "memory": 1 << 34,
        "local_files": True,
        "cgroup": 1,
    }
    return EngineFacts(**{**base, **more})


def scene(
    application: Application, *, api: str = "1.41", options: SiteOptions | None = None, gate: bool = True, **more: Any
) -> Scene:
    engine = more.pop("facts", None) or facts(api)
    return Scene(
        application=application,
        placement=PLACEMENT,
        options=options or SiteOptions(),
        facts=engine,
        gate=GateMount("dockyard-gate", "/.dockyard", "/.dockyard/gate") if gate else None,
        **more,
    )
