"""Hatchling's hook: a wheel is never built without the gate's programs (src/dockyard/engines/gate/build.py)."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GateHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """`version`: "standard" or "editable"; a wheel without its gate is an error, a checkout without one is told."""
        source = Path(self.root, "src", "dockyard", "engines", "gate", "build.py")
        spec = importlib.util.spec_from_file_location("gate_build", source)
        assert spec is not None and spec.loader is not None
        build = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(build)
        try:
            made = build.build(os.environ)
            missing = [arch for arch in build.ARCHITECTURES if arch not in made]
            if missing:
                raise build.CannotBuild(f"no program for {', '.join(missing)}: pip install ziglang")
        except build.CannotBuild as error:
            if version != "editable":
                raise
            # In a checkout everything else can still be worked on.
            self.app.display_warning(f"the gate could not be built: {error}")
