"""A plan: what will be done, as data that prints itself. Nothing is done that was not first a step.

Steps are engine-neutral. A step runs when all steps that it `needs` have succeeded and all that it is `after` have ended, well or not
(`depends_on: required: false`). Step ids are `<act> <subject>`, unique in a plan.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What an instance is for, which decides what its end means."""

    SERVICE = "service"
    ONE_SHOT = "one-shot"
    """Its completion is somebody's condition."""
    TEST = "test"


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """One container of a service. `key` is the service's name, with `-N` behind it from the second replica on."""

    key: str
    service: str
    index: int = 1
    role: Role = Role.SERVICE
    gated: bool = True
    ungated_because: str = ""


class Act(StrEnum):
    """What a step does."""

    PULL = "pull"
    BUILD = "build"
    NETWORK = "network"
    VOLUME = "volume"
    CREATE = "create"
    START = "start"
    RELEASE = "release"
    HOOK = "hook"
    """The service's `post_start` commands."""
    READY = "ready"
    COMPLETE = "complete"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do or to wait for. `why` is one clause: why it is in the plan, or why it waits."""

    act: Act
    subject: str
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    why: str = ""
    optional: bool = False
    """Its failure is a warning: every dependence on the service says `required: false`."""

    @property
    def id(self) -> str:
        return f"{self.act} {self.subject}"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a run will do to have its environment, in an order in which it can be read."""

    instances: tuple[Instance, ...]
    steps: tuple[Step, ...]
    tests: tuple[str, ...] = ()
    """Keys of the test instances; none: ready is the verdict."""
    warnings: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()
    """What only one run on an engine may hold at a time (a fixed subnet, a host port): runs take turns."""

    def instance(self, key: str) -> Instance:
        return next(i for i in self.instances if i.key == key)

    def of_service(self, service: str) -> tuple[Instance, ...]:
        return tuple(i for i in self.instances if i.service == service)
