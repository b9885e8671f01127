"""What services' data were made of, as a key: two environments with the same key fill their volumes alike.

The containers of all that has a part in the data are taken as they are rendered for nobody's placement, without what can't reach the data: names, labels,
published ports, limits, the gate. Files count by their contents, those that are mounted too: an init script that was
edited makes other data. What can't be read whole can't be compared, and then nothing is kept. All of it is hashed with a key of
one's own, as in `keys`: configs and secrets are among it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from dockyard.engines.docker import keys, mounts, render
from dockyard.engines.docker.scene import Json, Scene
from dockyard.model.errors import Problem, UserError
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import Placement
from dockyard.model.plan import Instance
from dockyard.model.service import engine_own
from dockyard.model.snapshot import Group, Key

FORMAT = "1"
"""Of what is kept: raised where an older Dockyard's must not be read."""
MOST_FILES, MOST_BYTES = 20_000, 1 << 30
"""More than this in mounted files is not compared."""

_APART = ("Labels", "ExposedPorts", "NetworkingConfig", "AttachStdout", "AttachStderr")
_APART_OF_HOST = (
    "PortBindings",
    "RestartPolicy",
    "LogConfig",
    "NetworkMode",
    "NanoCpus",
    "Memory",
    "MemorySwap",
    "MemoryReservation",
    "PidsLimit",
)
"""Fields that say how a container is run, and nothing of what it does with its data."""


def of(scene: Scene, group: Group, images: Mapping[str, ImageFacts], secret: bytes, scope: str) -> Key:
    """UserError for what can't be compared, naming it. Reads files."""
    nobody = Placement("nobody", scene.placement.project, "", 0, "")
    scene = msgspec.structs.replace(scene, placement=nobody, gate=None, options=msgspec.structs.replace(scene.options, data={}))
    found: dict[str, Any] = {
        "the format": FORMAT,
        "the engine": scene.facts.id,
        "the trust scope": scope,
        "which services": [list(group.services), list(group.inputs), scene.placement.project],
    }
    targets: dict[str, tuple[str, ...]] = {}
    for name in group.everybody:
        found |= {f"{name}: {what}": value for what, value in _service(scene, name, images[name], secret)}
        found[f"{name}: when it is ready"] = _ready(scene, name)
        found[f"{name}: what it waits for"] = msgspec.to_builtins(scene.application.services[name].depends_on)
        found[f"{name}: its networks"] = _names(scene, name)
        if name in group.services:
            _must_say_when(scene, name, images[name])
            targets[name] = _targets(scene, name, images[name])
    for path in group.files:
        found[f"the file {_short(path, scene.application.project_directory)}"] = _path(path)
    hashes = {name: keys.hashed(secret, value) for name, value in found.items()}
    whole = hmac.new(secret, msgspec.json.encode(hashes, order="sorted"), hashlib.sha256).hexdigest()
    return Key(hash=whole[:32], inputs={name: value[:8] for name, value in hashes.items()}, targets=targets)


def _names(scene: Scene, name: str) -> Any:
    """Who is called what, where: which database a migration meets under a name is a part of what it does."""
    service = scene.application.services[name]
    called = [service.container_name, service.hostname, list(service.links), list(service.external_links), service.network_mode]
    return [called, {network: sorted(on.aliases) if on is not None else [] for network, on in service.networks.items()}]


def _ready(scene: Scene, name: str) -> Any:
    """Data are kept when it is, so that is a part of what they are."""
    service = scene.application.services[name]
    return msgspec.to_builtins([service.healthcheck, scene.application.extension(name).ready])


def _must_say_when(scene: Scene, name: str, image: ImageFacts) -> None:
    check = scene.application.services[name].healthcheck
    inherited = image.healthcheck is not None and image.healthcheck.test[:1] != ("NONE",)
    checked = (bool(check.test) or inherited) and not check.off if check is not None else inherited
    if image.id and not checked and not scene.application.extension(name).ready:
        raise UserError(Problem(f"{name} has no healthcheck and no x-dockyard.ready, so nobody knows when its data are filled"))


def _targets(scene: Scene, name: str, image: ImageFacts) -> tuple[str, ...]:
    instance = Instance(key=name, service=name, gated=False)
    found = mounts.data_targets(mounts.gather(scene, instance, scene.application.services[name], image))
    if not found and image.id:  # of an image that isn't known yet (a plan's) nobody can say
        raise UserError(Problem(f"{name} has no volume of its own, so there is nothing to keep"))
    return found


def _service(scene: Scene, name: str, image: ImageFacts, secret: bytes) -> Iterator[tuple[str, Any]]:
    made = render.container(scene, Instance(key=name, service=name, gated=False), image)
    body = {field: value for field, value in made.body.items() if field not in _APART}
    body["HostConfig"] = _host(made.body["HostConfig"], scene.application.project_directory)
    yield from keys.inputs_of(body, image)
    for put in made.puts:
        yield f"the content of {put.target}", keys.of_put(put)
    for path in keys.files_of(scene, name):
        yield f"the content of {_short(path, scene.application.project_directory)}", _path(path)
    for mount in scene.application.services[name].volumes:
        if mount.type == "bind" and engine_own(mount.source):
            raise UserError(Problem(f"{name} mounts {mount.source} of the engine's machine, whose content is not known"))


def _host(host: Json, project: str) -> Json:
    """Where a checkout lies is nothing of its data's."""
    kept = {field: value for field, value in host.items() if field not in _APART_OF_HOST}
    return kept | {
        "Binds": [_short(text, project) for text in host.get("Binds", ())],
        "Mounts": [mount | {"Source": _short(mount.get("Source", ""), project)} for mount in host.get("Mounts", ())],
    }


def _short(path: str, project: str) -> str:
    return "./" + path.removeprefix(project + "/") if path.startswith(project + "/") else path


def _path(path: str) -> list[Any]:
    """What is in a file, or below a folder: names, kinds, modes and contents."""
    count = size = 0
    found: list[Any] = []
    for name, where in _below(path):
        try:
            there = os.lstat(where)
            if stat.S_ISLNK(there.st_mode):
                found.append([name, "link", os.readlink(where)])
            elif stat.S_ISDIR(there.st_mode):
                found.append([name, "folder", *_whose(there)])
            elif stat.S_ISREG(there.st_mode):
                count, size = count + 1, size + there.st_size
                if count > MOST_FILES or size > MOST_BYTES:
                    raise UserError(Problem(f"there is too much in {path} to compare it"))
                with open(where, "rb") as file:
                    found.append([name, *_whose(there), hashlib.file_digest(file, "sha256").hexdigest()])
            else:
                raise UserError(Problem(f"{where} is no file, and can't be compared"))
        except FileNotFoundError:
            found.append([name, "not there"])
        except OSError as error:
            raise UserError(Problem(f"{where} can't be read: {error.strerror}")) from error
    return found


def _whose(there: os.stat_result) -> list[int]:
    return [stat.S_IMODE(there.st_mode), there.st_uid, there.st_gid]


def _below(path: str) -> Iterator[tuple[str, str]]:
    """Names and paths, in an order that is always the same; a link that is named itself is followed."""
    yield "", os.path.realpath(path)
    for folder, below, files in os.walk(path, onerror=_unreadable):
        below.sort()
        links = [name for name in below if os.path.islink(os.path.join(folder, name))]
        for name in sorted([*files, *below]):
            where = os.path.join(folder, name)
            yield os.path.relpath(where, path), where
        for name in links:
            below.remove(name)


def _unreadable(error: OSError) -> None:
    if not isinstance(error, NotADirectoryError | FileNotFoundError):
        raise UserError(Problem(f"{error.filename} can't be read: {error.strerror}")) from error
