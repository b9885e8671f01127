"""What a plan warns of before anything is done."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
from tests.engines.docker.scenes import facts

from dockyard.environments.choose import choose
from dockyard.environments.planning import plan_for
from dockyard.model.application import Application
from dockyard.model.extension import Limits
from dockyard.model.service import Service


def test_a_limit_of_the_run_that_the_engine_cannot_hold_is_told() -> None:
    application = Application(name="a", services={"sut": Service(image="a")})
    limited = msgspec.structs.replace(
        application, dockyard=msgspec.structs.replace(application.dockyard, limits=Limits(memory=1 << 30))
    )

    def warnings(application: Application, *limits: str, lacks: tuple[str, ...] = ("memory", "pids")) -> list[str]:
        engine: Any = SimpleNamespace(facts=facts(lacks=lacks), refusals=lambda *_: ((), ()), ungated=lambda _: "")
        told = plan_for(application, choose(application, (), host_command=False), engine, limits=limits).warnings
        return [warning.partition(" is not held")[0] for warning in told]

    assert warnings(application) == warnings(limited, "cpus", lacks=()) == []
    assert warnings(limited, "cpus") == ["the run's limit of memory"]
    assert warnings(limited, "pids", "memory") == ["the run's limit of memory", "the run's limit of pids"]
