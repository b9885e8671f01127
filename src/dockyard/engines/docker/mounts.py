"""Everything that is mounted in a container: volumes, binds, tmpfs, configs and secrets, and an image's own VOLUMEs.

Promises that no anonymous volume is ever left: whatever the file and the image leave unnamed becomes a named, labelled one (labels go
into the create call through VolumeOptions). Where the engine doesn't see this machine's files, folders become uploaded volumes and
files are put in; both are said. Which of the three ways a config or secret takes: a bind where its file is local, else put into the
container before it starts, else (read-only root, or a tmpfs above it) put into a volume over its folder.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

import msgspec

from dockyard.engines.docker import names
from dockyard.engines.docker.scene import Fill, Json, Put, Scene
from dockyard.model.application import Application, FileObject
from dockyard.model.errors import Problem, UserError
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import CACHE
from dockyard.model.plan import Instance
from dockyard.model.service import FileReference, Mount, Service, engine_own
from dockyard.model.snapshot import Data


class Mounted(msgspec.Struct):
    """What a container's mounts come to, as they are gathered."""

    binds: list[str] = []
    mounts: list[Json] = []
    tmpfs: dict[str, str] = {}
    puts: list[Put] = []
    fills: list[Fill] = []
    warnings: list[str] = []
    targets: set[str] = set()


def gather(scene: Scene, instance: Instance, service: Service, image: ImageFacts, inherited: Iterable[str] = ()) -> Mounted:
    """All mounts of one container. `inherited`: targets that `volumes_from` brings, which an image's VOLUME must not hide."""
    made = Mounted()
    for text in service.tmpfs:
        path, _, options = text.partition(":")
        made.tmpfs[path] = options
        made.targets.add(_clean(path))
    for mount in service.volumes:
        _volume(scene, instance, mount, made)
    if service.use_api_socket:
        made.binds.append("/var/run/docker.sock:/var/run/docker.sock")
        made.warnings.append("use_api_socket: the engine's socket is mounted, registry logins are not handed in")
    for kind, references, objects in (
        ("config", service.configs, scene.application.configs),
        ("secret", service.secrets, scene.application.secrets),
    ):
        for reference in references:
            _file(scene, instance, service, kind, reference, objects.get(reference.source), made)
    for path in image.volumes:
        target = _clean(path)
        if target not in made.targets and target not in {_clean(p) for p in inherited}:
            made.mounts.append(_own_volume(scene, instance, target))
            made.targets.add(target)
    if scene.gate is not None:
        made.mounts.append(
            {
                "Type": "volume",
                "Source": scene.gate.volume,
                "Target": scene.gate.folder,
                "ReadOnly": True,
                "VolumeOptions": {"NoCopy": True, "Labels": {CACHE: "gate"}},
            }
        )
    return made


def with_data(mounts: list[Json], data: Data | None) -> list[Json]:
    """The same mounts, those of a service's data where its data are. Nothing is copied up from the image into what is a clone."""
    if data is None:
        return mounts
    return [_with_data(mount, data) for mount in mounts]


def _with_data(mount: Json, data: Data) -> Json:
    target = _clean(mount["Target"])
    if mount["Type"] != "volume" or target not in data.volumes:
        return mount
    options = {name: value for name, value in mount.get("VolumeOptions", {}).items() if name != "Labels"}
    if data.snapshot is not None:
        options["NoCopy"] = True
    return {**mount, "Source": data.volumes[target] or mount["Source"], "VolumeOptions": options}


def data_targets(made: Mounted) -> tuple[str, ...]:
    """Where in the container the volumes are that hold its data: its own ones that it may write to, without what is uploaded."""
    uploads, files = {fill.volume for fill in made.fills}, {put.folder for put in made.puts}
    return tuple(
        target
        for mount in made.mounts
        if mount["Type"] == "volume" and not mount.get("ReadOnly") and mount["Source"] not in uploads
        for target in (_clean(mount["Target"]),)
        if target not in files
    )


def _volume(scene: Scene, instance: Instance, mount: Mount, made: Mounted) -> None:
    made.targets.add(_clean(mount.target))
    match mount.type:
        case "bind":
            _bind(scene, mount, made)
        case "tmpfs":
            options = {}
            if mount.tmpfs is not None:
                options = {"SizeBytes": mount.tmpfs.size, "Mode": mount.tmpfs.mode}
            made.mounts.append(_plain(mount, {"TmpfsOptions": {k: v for k, v in options.items() if v}}))
        case "volume" if not mount.source:
            made.mounts.append(_own_volume(scene, instance, mount.target, mount))
        case "volume":
            name = names.volume(scene.placement, scene.application, mount.source)
            declared = scene.application.volumes.get(mount.source)
            made.mounts.append(
                {**_plain(mount, _volume_options(scene, mount, external=bool(declared and declared.external))), "Source": name}
            )
        case "image":
            options: Json = {"Subpath": mount.image.subpath} if mount.image is not None and mount.image.subpath else {}
            made.mounts.append({**_plain(mount, {"ImageOptions": options} if options else {}), "Source": mount.source})
        case _:
            made.mounts.append({**_plain(mount, {}), "Source": mount.source})


def _bind(scene: Scene, mount: Mount, made: Mounted) -> None:
    kind = scene.seen.get(mount.source, "")
    if not scene.facts.local_files and kind and not engine_own(mount.source):
        if kind == "dir":
            volume = names.upload_volume(scene.placement, mount.source)
            options: Json = {"NoCopy": True, "Labels": names.labels(scene.placement)}
            made.mounts.append(
                {
                    "Type": "volume",
                    "Source": volume,
                    "Target": mount.target,
                    "ReadOnly": mount.read_only,
                    "VolumeOptions": options,
                }
            )
            made.fills.append(Fill(volume, mount.source))
        else:
            made.puts.append(Put(target=mount.target, source=mount.source))
        made.warnings.append(f"{mount.source}: the engine does not see this machine's files; uploaded to {mount.target}")
        return
    bind = mount.bind
    if bind is not None and bind.create_host_path and not bind.recursive:
        # Only the short form makes a missing folder on API < 1.42; Compose sends it the same way.
        words = ["ro" if mount.read_only else "rw", bind.selinux, bind.propagation]
        made.binds.append(f"{mount.source}:{mount.target}:{','.join(word for word in words if word)}")
        return
    detail: Json = {}
    if bind is not None:
        if bind.propagation:
            detail["Propagation"] = bind.propagation
        match bind.recursive:
            case "disabled":
                detail["NonRecursive"] = True
            case "writable":
                detail["ReadOnlyNonRecursive"] = True
            case "readonly":
                detail["ReadOnlyForceRecursive"] = True
            case _:
                pass
        if bind.selinux:
            # `Mounts` has no word for it.
            made.binds.append(f"{mount.source}:{mount.target}:{'ro' if mount.read_only else 'rw'},{bind.selinux}")
            return
    made.mounts.append({**_plain(mount, {"BindOptions": detail} if detail else {}), "Source": mount.source})


def _plain(mount: Mount, more: Json) -> Json:
    made: Json = {"Type": mount.type, "Target": mount.target, "ReadOnly": mount.read_only, **more}
    if mount.consistency:
        made["Consistency"] = mount.consistency
    return made


def _volume_options(scene: Scene, mount: Mount, *, external: bool = False) -> Json:
    options: Json = {}
    if not external:
        options["Labels"] = names.labels(scene.placement, own=mount.volume.labels if mount.volume is not None else None)
    if mount.volume is not None:
        if mount.volume.nocopy:
            options["NoCopy"] = True
        if mount.volume.subpath:
            options["Subpath"] = mount.volume.subpath
    return {"VolumeOptions": options}


def _own_volume(scene: Scene, instance: Instance, target: str, mount: Mount | None = None) -> Json:
    """A volume that nobody named: made by the create call, found again by its labels."""
    options = (_volume_options(scene, mount) if mount is not None else {"VolumeOptions": {}})["VolumeOptions"]
    options = {**options, "Labels": {**options.get("Labels", {}), **names.labels(scene.placement, instance)}}
    return {
        "Type": "volume",
        "Source": names.private_volume(scene.placement, instance.key, _clean(target)),
        "Target": target,
        "ReadOnly": mount is not None and mount.read_only,
        "VolumeOptions": options,
    }


def _file(
    scene: Scene,
    instance: Instance,
    service: Service,
    kind: str,
    reference: FileReference,
    declared: FileObject | None,
    made: Mounted,
) -> None:
    path = f"services.{instance.service}.{kind}s.{reference.source}"
    if declared is None or declared.external:
        raise UserError(
            Problem(
                f"{kind} {reference.source!r} is external: Docker Engine keeps no {kind}s",
                scene.application.locate(path),
                path,
                f"give it a `file`, `environment` or `content` under `{kind}s`",
            )
        )
    target = file_target(kind, reference)
    made.targets.add(target)
    mode = reference.mode if reference.mode is not None else 0o444
    uid, gid = _number(reference.uid), _number(reference.gid)
    if declared.file:
        if scene.facts.local_files:
            bind: Json = {"Type": "bind", "Source": declared.file, "Target": target, "ReadOnly": True}
            made.mounts.append(bind)
            if reference.uid or reference.gid or reference.mode is not None:
                made.warnings.append(f"{path}: uid, gid and mode are the file's own where it is mounted")
            return
        put = Put(target=target, source=declared.file, mode=mode, uid=uid, gid=gid)
    elif declared.content is None:
        raise UserError(
            Problem(
                f"{kind} {reference.source!r} comes from the variable {declared.environment}, which is not set",
                scene.application.locate(path),
                path,
                f"set {declared.environment}",
            )
        )
    else:
        put = Put(target=target, content=declared.content.encode(), mode=mode, uid=uid, gid=gid)
    folder = _takes_files(scene, service, path, target)
    if folder != "/" and folder not in made.targets:
        # What the image has there is copied up into the volume by the engine.
        made.targets.add(folder)
        made.mounts.append(_own_volume(scene, instance, folder))
    made.puts.append(msgspec.structs.replace(put, folder=folder))


def _takes_files(scene: Scene, service: Service, path: str, target: str) -> str:
    """Where the engine is to unpack a file: the root, or the file's own folder, which a volume covers then."""
    if not service.read_only and not _under_tmpfs(target, service):
        return "/"
    folder = posixpath.dirname(target)
    if folder == "/":
        raise UserError(
            Problem(
                f"{target} can't be put into a container whose root is read-only",
                scene.application.locate(path),
                path,
                "give it a `target` in a folder of its own, or a `file`",
            )
        )
    return folder


def _under_tmpfs(target: str, service: Service) -> bool:
    roots = [text.partition(":")[0] for text in service.tmpfs]
    roots += [mount.target for mount in service.volumes if mount.type == "tmpfs"]
    return any(target.startswith(_clean(root).rstrip("/") + "/") for root in roots)


def wants_files(application: Application) -> bool:
    """Whether any service needs files of this machine: what a remote engine has to be given by upload."""
    return any(
        any(mount.type == "bind" and not engine_own(mount.source) for mount in service.volumes)
        or service.configs
        or service.secrets
        for service in application.services.values()
    )


def file_target(kind: str, reference: FileReference) -> str:
    """Where a config or secret is: a config's default is `/<source>`, a secret's folder `/run/secrets` (Compose Specification)."""
    target = reference.target or reference.source
    if not target.startswith("/"):
        target = f"/{target}" if kind == "config" else f"/run/secrets/{target}"
    return _clean(target)


def _clean(path: str) -> str:
    return posixpath.normpath(path.replace("//", "/")) if path else "/"


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
