"""`dockyard schema`: the published JSON Schemas, made from the structs that are written, so that they can't drift from them."""

from __future__ import annotations

import argparse
import json
from importlib import resources
from typing import Any


def run(given: argparse.Namespace) -> int:
    print(json.dumps(schema(given.name), indent=2))
    return 0


def schema(name: str) -> dict[str, Any]:
    """`verdict`, `event` (a line of timeline.jsonl), `images` (the graph of `images scan`), `x-dockyard` or `compose`."""
    if name in ("x-dockyard", "compose"):
        file = "x-dockyard.schema.json" if name == "x-dockyard" else "compose-spec.json"
        return json.loads((resources.files("dockyard.compose") / file).read_text(encoding="utf-8"))
    import msgspec

    from dockyard.model.event import Event
    from dockyard.model.lineage import Graph
    from dockyard.model.verdict import Verdict

    made = msgspec.json.schema({"verdict": Verdict, "event": Event, "images": Graph}[name])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Dockyard {name}, version 1", **made}
