"""What somebody asks a run to do, with everything decided that the outside decides: ids, times, files, settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import msgspec

from dockyard.environments.choose import Choice
from dockyard.environments.snapshots import Terms as Snapshots
from dockyard.environments.standby import Terms
from dockyard.model.application import Application
from dockyard.model.errors import Origin
from dockyard.model.facts import ImageFacts, StandingBy
from dockyard.model.placement import Placement
from dockyard.model.snapshot import Data

Clock = Callable[[], float]
"""Unix seconds by our clock."""


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """`when`: never, failure or always; `seconds`: for how long."""

    when: str = "never"
    seconds: float = 3600.0

    def holds(self, *, well: bool) -> bool:
        return self.when == "always" or (self.when == "failure" and not well)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `timeout` in seconds, of the whole run, or, with `tests_within` (seconds, 0: not said), until all is ready.
    `command`: a host command that is the test, () for none."""

    run: str
    placement: Placement
    application: Application
    choice: Choice
    timeout: float = 1800.0
    tests_within: float = 0
    command: tuple[str, ...] = ()
    pull: str = ""
    """"" as the file says, else always, missing or never."""
    build: str = "always"
    """`always`, or `missing`: an image that the file names is used where it is there."""
    no_cache: bool = False
    publish: str = "mapped"
    gate: bool = True
    keep: Keep = Keep()
    grace: bool = False
    limits_cpus: float = 0
    limits_memory: int = 0
    limits_pids: int = 0
    limits_said: Mapping[str, Origin] = {}
    """By whom, of those that a flag or a setting says."""
    up: bool = False
    """Leave the environment standing when it is ready: `dockyard up`."""
    command_env: dict[str, str] = {}
    """The environment of the host command."""
    command_directory: str = "."
    standby: Terms | None = None
    """The run may claim what stands by, and leaves the next environment standing; None: neither."""
    claimed: StandingBy | None = None
    """What was claimed; it has the id of `placement`."""
    snapshots: Snapshots | None = None
    """Services may begin with data that are kept, and theirs are kept afterwards; None: neither."""
    have: Mapping[str, ImageFacts] = {}
    """By service: images that are there already, and are neither pulled nor built."""
    data: Mapping[str, Data] = {}
    """By service: where its data are to be, where that is decided already."""
    completes: tuple[str, ...] = ()
    """Services that are done when they have ended, though nobody of the choice waits for it."""
    begun: float = 0
    """When it was begun, if that was before it is handed over (something was claimed for it); 0: then."""
    unclaimed: str = ""
    """Why nothing was claimed, where something was looked for."""


class Interrupt:
    """Somebody wants the run to end: SIGINT or SIGTERM. A second time: no evidence, only the clean-up."""

    def __init__(self) -> None:
        self.times = 0
        self.name = ""
        self._first = asyncio.Event()
        self._second = asyncio.Event()

    def raise_(self, name: str) -> None:
        self.times += 1
        self.name = self.name or name
        self._first.set()
        if self.times > 1:
            self._second.set()

    async def wait(self) -> None:
        await self._first.wait()

    async def wait_again(self) -> None:
        await self._second.wait()
