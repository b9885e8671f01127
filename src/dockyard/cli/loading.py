"""From flags to an application and its settings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from dockyard.api import settings as configuration
from dockyard.api.settings import Settings
from dockyard.compose import load
from dockyard.model.application import Application

if TYPE_CHECKING:
    from dockyard.engines.docker.engine import DockerEngine


def application(given: argparse.Namespace, *, for_test: bool, services: Sequence[str] = ()) -> Application:
    """The application that the flags name. UserError for everything that is wrong with it."""
    return load(
        given.file,
        dict(os.environ),
        cwd=os.getcwd(),
        project_directory=given.project_directory,
        project_name=given.project_name,
        profiles=given.profile,
        env_files=given.env_file,
        services=services,
        for_test=for_test,
        stdin=sys.stdin.buffer.read,
    )


async def with_engine(host: str, context: str, act: Callable[[DockerEngine], Awaitable[int]]) -> int:
    """Do something on the engine that these name, or the usual one."""
    from dockyard.engines.docker.engine import connect

    engine = await connect(os.environ, host=host, context=context)
    try:
        return await act(engine)
    finally:
        await engine.close()


def settings(project_directory: str) -> Settings:
    return configuration.load(os.environ, project_directory)
