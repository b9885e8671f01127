"""What objects are called on a Docker engine, and the labels that each carries.

Everything begins with the placement's id, so that runs never meet; what the file calls fixed (`container_name`, a network's or
volume's `name`) is made unique too and stays resolvable inside by alias. External objects keep their names.
"""

from __future__ import annotations

import hashlib

from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError
from dockyard.model.placement import COMPOSE_SERVICE, INSTANCE, SERVICE, Placement, service_label
from dockyard.model.plan import Instance


def container(placement: Placement, key: str) -> str:
    return f"{placement.id}-{key}"


def network(placement: Placement, application: Application, key: str) -> str:
    """The engine's name of a network; an external one's own."""
    declared = application.networks.get(key)
    if declared is not None and declared.external:
        return declared.name or key
    return f"{placement.id}-{key}"


def volume(placement: Placement, application: Application, key: str) -> str:
    """The engine's name of a named volume; an external one's own."""
    declared = application.volumes.get(key)
    if declared is not None and declared.external:
        return declared.name or key
    return f"{placement.id}-{key}"


def private_volume(placement: Placement, key: str, path: str) -> str:
    """A volume that the file doesn't name (an image's VOLUME, `- /data`): one for each instance and path."""
    return f"{placement.id}-{key}-{digest(path)}"


def upload_volume(placement: Placement, source: str) -> str:
    """The volume that stands for a local folder on an engine that doesn't see it; services share it as they share the folder."""
    return f"{placement.id}-upload-{digest(source)}"


def labels(placement: Placement, instance: Instance | None = None, own: dict[str, str] | None = None) -> dict[str, str]:
    """Labels of an object: the file's own, then ours on top. The file may not set `dockyard.*`."""
    for label in own or {}:
        if label.startswith("dockyard."):
            raise UserError(
                Problem(f"label {label!r}: labels that begin with `dockyard.` are Dockyard's own", hint="name it otherwise")
            )
    made = {**(own or {}), **placement.labels()}
    if instance is not None:
        made[SERVICE] = service_label(instance.service)
        made[COMPOSE_SERVICE] = instance.service
        made[INSTANCE] = instance.key
    return made


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
