"""What a container was made of, as a key: whether one that waits at its gate is the one that would be made now. Pure.

The key is taken of the container as it is rendered for nobody's placement, so that everything counts that shapes it and nothing that
only names it. Images count by what they hold: their layers and the configuration that reaches a process, not their ids, times or labels (an
image that was built again to the same content is the same). A folder that is mounted doesn't count, nothing at a gate has read it; a single file counts by its
inode, because that is what was mounted. Of a service that is booted counts all that its process has met: the content of what it mounts, its
hooks, and who booted with it. All of it is hashed with a key of one's own (HMAC-SHA256): configs and secrets are among it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from dockyard.engines.docker import render
from dockyard.engines.docker.scene import Json, Put, Scene
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import SNAPSHOT, Placement
from dockyard.model.plan import Instance
from dockyard.model.service import engine_own

_SHORT = 8
"""Hex digits that tell whether one input changed; the key itself has 32."""

Inodes = Mapping[str, tuple[int, ...]]
"""Device, inode, and what else identifies a mounted file, by its path."""


class Key(msgspec.Struct, frozen=True):
    """`hash` of all; `inputs`: each input's own, by a name that people know."""

    hash: str
    inputs: Mapping[str, str]


def of(
    scene: Scene,
    instance: Instance,
    image: ImageFacts,
    secret: bytes,
    *,
    inherited: tuple[str, ...] = (),
    inodes: Inodes | None = None,
    contents: Mapping[str, str | None] | None = None,
) -> Key | None:
    """None where the container holds what can't be compared: folders that are uploaded, or too large to be read. `contents`: of what a
    service that is booted mounts, by path; None: can't be compared."""
    nobody = Placement("nobody", scene.placement.project, "", 0, "")
    options = msgspec.structs.replace(scene.options, hold_for=1.0)
    made = render.container(msgspec.structs.replace(scene, placement=nobody, options=options), instance, image, inherited)
    if made.fills or any(content is None for content in (contents or {}).values()):
        return None
    inputs = {name: hashed(secret, value)[:_SHORT] for name, value in inputs_of(made.body, image)}
    for network, endpoint in made.connect:
        inputs[f"network {network.removeprefix('nobody-')}"] = hashed(secret, endpoint)[:_SHORT]
    for put in made.puts:
        inputs[f"the content of {put.target}"] = hashed(secret, of_put(put))[:_SHORT]
    for path, numbers in (inodes or {}).items():
        inputs[f"the file {path}"] = hashed(secret, list(numbers))[:_SHORT]
    parts = [
        made.body | {"Image": content(image)},
        made.connect,
        [of_put(put) for put in made.puts],
        sorted((inodes or {}).items()),
    ]
    if party := scene.parties.get(instance.service):
        hooks = scene.application.services[instance.service].post_start
        inputs["how it is booted"] = hashed(secret, [party, hooks])[:_SHORT]
        inputs |= {f"the content of {path}": hashed(secret, text)[:_SHORT] for path, text in (contents or {}).items()}
        parts += [party, hooks, sorted((contents or {}).items())]
    return Key(hashed(secret, parts)[:32], inputs)


def content(image: ImageFacts) -> list[Any]:
    """What an image gives to a container: the same list, the same container."""
    health = msgspec.to_builtins(image.healthcheck) if image.healthcheck is not None else None
    words = (image.entrypoint, image.cmd, image.shell, image.env, image.ports, image.volumes)
    return [image.os, image.arch, image.variant, *words, image.user, image.workdir, image.stop_signal, health, image.layers]


def files_of(scene: Scene, service: str) -> list[str]:
    """The local paths that a service mounts, or has as its configs and secrets."""
    application, declared = scene.application, scene.application.services[service]
    found = [mount.source for mount in declared.volumes if mount.type == "bind" and not engine_own(mount.source)]
    for references, objects in ((declared.configs, application.configs), (declared.secrets, application.secrets)):
        found += [objects[one.source].file for one in references if one.source in objects and objects[one.source].file]
    return found


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Which inputs differ, for people; "" where none does."""
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


_NAMES = {
    "Image": "its image",
    "Cmd": "its command",
    "Entrypoint": "its entrypoint",
    "User": "its user",
    "WorkingDir": "its folder",
}


def inputs_of(body: Json, image: ImageFacts) -> list[tuple[str, Any]]:
    """The parts of a container's description, by names that people know."""
    found: list[tuple[str, Any]] = [(_NAMES["Image"], content(image))]
    for name, value in body.items():
        if name == "Env":
            found += [(f"the variable {entry.partition('=')[0]}", entry) for entry in value]
        elif name == "HostConfig":
            found += [(_field(field), part) for field, part in value.items()]
        elif name == "Labels":
            kept = value.get(SNAPSHOT, "")
            found += [("the data that it begins with", kept), ("its labels", {k: v for k, v in value.items() if k != SNAPSHOT})]
        elif name != "Image":
            found.append((_NAMES.get(name, _field(name)), value))
    return found


def _field(name: str) -> str:
    return "its " + "".join(
        f" {letter.lower()}" if letter.isupper() and number else letter.lower() for number, letter in enumerate(name)
    )


def of_put(put: Put) -> list[Any]:
    """A file that is put into a container, with its content."""
    if put.content is not None:
        read = put.content
    else:
        try:
            with open(put.source, "rb") as file:
                read = file.read()
        except OSError:
            read = b""
    return [put.target, put.folder, hashlib.sha256(read).hexdigest(), put.mode, put.uid, put.gid]


def hashed(secret: bytes, value: Any) -> str:
    """HMAC-SHA256 of a value, whatever it is made of."""
    return hmac.new(secret, msgspec.json.encode(value, order="sorted"), hashlib.sha256).hexdigest()
