"""From flags to an application and its settings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from dockyard.api import settings as configuration
from dockyard.api.settings import Settings
from dockyard.compose import load
from dockyard.model.application import Application


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


def settings(project_directory: str) -> Settings:
    return configuration.load(os.environ, project_directory)
