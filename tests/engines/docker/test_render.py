"""Each case file says a service and the part of the create call that it must come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from tests.engines.docker.scenes import IMAGE, facts, scene

from dockyard.engines.docker import render
from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application
from dockyard.model.errors import UserError
from dockyard.model.facts import ImageFacts
from dockyard.model.plan import Instance

CASES = Path(__file__).parents[2] / "cases" / "render"


def _case(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())


def _rendered(case: dict[str, Any]):
    service = {"networks": {"default": None}, "image": "app:1", **case["service"]}
    if "network_mode" in service:
        service.pop("networks")
    whole = {
        "name": "demo",
        "services": {"web": service},
        "networks": {"default": {"name": "demo_default"}},
        **case.get("application", {}),
    }
    whole["services"] = {**whole["services"], "web": service}
    application = msgspec.convert(whole, Application)
    image = msgspec.convert({**msgspec.to_builtins(IMAGE), **case.get("image", {})}, ImageFacts)
    engine = facts(case.get("api", "1.41"), local_files=case.get("local_files", True))
    options = msgspec.convert(case.get("options", {}), SiteOptions)
    where = scene(application, facts=engine, options=options, seen=case.get("seen", {}), texts=case.get("texts", {}))
    instance = Instance(key=case.get("key", "web"), service="web", gated=case.get("gated", True))
    return render.container(where, instance, image)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_service_becomes_this_create_call(path: Path) -> None:
    case = _case(path)
    if "fails" in case:
        with pytest.raises(UserError, match=case["fails"]):
            _rendered(case)
        return
    made = _rendered(case)
    found = {
        **made.body,
        "name": made.name,
        "connect": [list(pair) for pair in made.connect],
        "puts": [msgspec.to_builtins(put) for put in made.puts],
        "fills": [msgspec.to_builtins(fill) for fill in made.fills],
        "warnings": list(made.warnings),
    }
    assert not list(_missing(case.get("body", {}), found, "")), found
    for absent in case.get("absent", ()):
        assert _at(found, absent) is None, absent


def _missing(wanted: Any, found: Any, at: str):
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            yield from _missing(value, found.get(key), f"{at}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, value in enumerate(wanted):
            yield from _missing(value, found[index], f"{at}[{index}]")
    elif wanted != found:
        yield f"{at}: {wanted!r} wanted, {found!r} found"


def _at(found: Any, path: str) -> Any:
    for part in path.split("."):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found
