"""What a run may claim of what stands by, and leave: from flags, settings, the file, and who the CI system says is asking."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping

import msgspec

from dockyard.api import settings as configuration
from dockyard.api.settings import Settings
from dockyard.environments import snapshots, standby
from dockyard.environments.choose import Choice
from dockyard.environments.standby import Terms
from dockyard.model.application import Application
from dockyard.model.errors import Fatal
from dockyard.model.placement import NOBODY, Placement, placement_id
from dockyard.store.own_key import own_key


def wanted(application: Application, settings: Settings, *, asked: bool = False, cold: bool = False) -> int:
    """How many environments are to stand by; 0: nothing is claimed or left. `asked`: at least one, where nobody says more."""
    if cold:
        return 0
    written = application.dockyard.standby
    number = settings.standby if written is None else written
    return max(1, number) if asked else number


def terms(application: Application, choice: Choice, settings: Settings, number: int, clock_offset: float) -> Terms:
    """Fatal where the key that they rest on can't be kept."""
    secret = own_key(os.environ)
    seconds = configuration.seconds(settings.standby_for, "standby_for")
    made = Terms(
        pool=standby.pool_of(
            application.name, os.path.realpath(application.project_directory), scope(os.environ, settings.trust)
        ),
        frame=standby.frame_of(application, choice.services, secret),
        secret=secret,
        number=number,
        seconds=seconds,
        most=settings.standby_most,
        disk=configuration.size(settings.standby_disk, "standby_disk"),
    )
    following = Placement(
        id=placement_id(application.name, secrets.token_hex(4)),
        project=application.name,
        owner=NOBODY,
        deadline=int(time.time() + clock_offset + seconds),
        run="",
    )
    return msgspec.structs.replace(made, next=following)


def kept(application: Application, settings: Settings, *, cold: bool = False) -> snapshots.Terms | None:
    """What a run may begin with of data that are kept, and keep; None where nothing asks for it."""
    if cold or all(application.extension(name).snapshot is None for name in application.services):
        return None
    try:
        secret, why = own_key(os.environ), ""
    except Fatal as error:
        secret, why = b"", str(error)
    return msgspec.structs.replace(bounds(settings), secret=secret, why=why, scope=scope(os.environ, settings.trust))


def bounds(settings: Settings) -> snapshots.Terms:
    """How much is kept on an engine, and for how long: these terms give nobody anything to begin with."""
    return snapshots.Terms(
        secret=b"",
        scope="",
        why="nothing is asked for",
        most=configuration.size(settings.snapshots_max_size, "snapshots_max_size"),
        unused=configuration.seconds(settings.snapshots_max_age, "snapshots_max_age"),
    )


def scope(environment: Mapping[str, str], said: str) -> str:
    """The trust scope: what is written, else the CI system's pull request or repository, else this user."""
    if said:
        return said
    if environment.get("GITHUB_ACTIONS") == "true":
        repository = environment.get("GITHUB_REPOSITORY", "")
        asked = environment.get("GITHUB_EVENT_NAME", "").startswith("pull_request")
        return f"github {repository} {environment.get('GITHUB_REF', '') if asked else ''}"
    if environment.get("GITLAB_CI") == "true":
        return f"gitlab {environment.get('CI_PROJECT_PATH', '')} {environment.get('CI_MERGE_REQUEST_IID', '')}"
    return f"user {os.getuid()}"
