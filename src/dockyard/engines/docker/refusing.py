"""What it means that an engine refuses to make or to start something: whose fault it is, and which field its words speak of.

An engine answers 500 for nearly everything that a description makes impossible, as it does for what is wrong with itself; its words alone
tell them apart. What speaks of what was asked for (a value that is none, a driver that isn't there, a program that can't be run) won't
change by waiting and is a `UserError`. Everything else of 5xx may pass, and is told as `client_errors.translate` has it.
"""

from __future__ import annotations

import re

import msgspec

from dockyard.engines.docker.client_errors import EngineError, translate
from dockyard.engines.docker.fields import find
from dockyard.model.application import Application
from dockyard.model.errors import DockyardError, Problem, Retry, UserError
from dockyard.model.facts import EngineFacts

_ASKED_WRONGLY = re.compile(
    "|".join(
        (
            # The program, and what it is to run in.
            "executable file not found|no such file or directory|permission denied|exec format error|is not a directory",
            "oci runtime create failed|failed to create task|unable to find (?:user|group)|unknown or invalid runtime",
            # Ports, mounts and devices.
            "port is already allocated|address already in use|bind source path does not exist|error while mounting volume",
            "could not select device driver|error gathering device information",
            # A value that is none: not a kernel's or a parser's own complaint about something else.
            r"\binvalid (?!argument|character|memory address)|not a valid|invalid argument: |not allowed|failed to parse",
            "out of range|does not belong to any|no matching subnet|unrecognized namespace",
            # What this engine doesn't have.
            r"supported only|only supported|not supported|unsupported|plugin \S+ not found",
            "failed to initialize logging driver|failed to create logging driver",
        )
    )
)

_ITS_OWN = "containerd.sock"
"""An engine that doesn't reach its own other half: no such file, connection refused."""

_FIELDS = (
    ("could not select device driver", ("gpus", "deploy.resources.reservations.devices[]", "devices[]")),
    ("error gathering device information", ("devices[]",)),
    ("logging driver", ("logging.driver", "logging")),
    ("logging plugin", ("logging.driver", "logging")),
    ("log driver", ("logging.driver", "logging")),
    ("storage-opt", ("storage_opt",)),
    ("security-opt", ("security_opt",)),
    ("ipc mode", ("ipc",)),
    ("namespace mode", ("ipc", "pid", "userns_mode", "uts")),
    ("mac address", ("mac_address",)),
)
"""Words of the engine's, and the fields of a service that they may speak of: the first that is set is named."""


def refused(what: str, error: EngineError) -> DockyardError:
    """What a refused call means. `what` couldn't be done: "web can't be started"."""
    text = error.message.lower()
    found = translate(error)
    passes = isinstance(found, Retry) and (_ITS_OWN in text or not _ASKED_WRONGLY.search(text))
    if passes or not isinstance(found, (Retry, UserError)):
        return found
    made = UserError(Problem(f"{what}: {error.message}", hint=_hint(text)))
    made.__cause__ = error
    return made


def _hint(text: str) -> str:
    if text == "address already in use":
        return "another container has that address"
    if "already allocated" in text or "address already in use" in text:
        return "something else has that port; without --fixed-ports a free one is taken"
    if "exec format error" in text:
        return "the image is for another architecture"
    if "could not select device driver" in text:
        return "the engine has no driver for such devices (for NVIDIA's: the NVIDIA Container Toolkit on the engine's machine)"
    return ""


def placed(error: UserError, application: Application, service: str, facts: EngineFacts) -> UserError:
    """The same, with the field of the service and the place in the file where the engine's words tell which it is."""
    problem = error.problems[0]
    text = problem.what.lower()
    view = {"services": {service: application.services[service]}}
    fields = next((fields for words, fields in _FIELDS if words in text), ())
    path = next((path for field in fields for path, _ in find(view, f"services.*.{field}")), "")
    if not path:
        return error
    what = f"{problem.what}, on {facts.title}"
    return UserError(msgspec.structs.replace(problem, what=what, at=application.locate(path), path=path))
