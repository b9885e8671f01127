"""The images that tests use: made from Debian's packages under their real names, so that real Compose files run unchanged
where no image registry answers.

tools/images/NAME/image.toml says what is in one (`packages`, or one package to `unpack` alone; `setup`: shell lines run in
its root folder; `changes` as Dockerfile lines; the folder root/ is copied over it; examples/images/ may hold more). The archives
are kept outside the tree, keyed by what they are made from. Where they can't be made (no root, no Debian) they are pulled.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from dev import api, plugins
from dev.paths import ROOT, cache, lock

LABEL = "dockyard-dev.image"
AUTHORITIES = Path("/usr/local/share/ca-certificates")  # a proxy's, which containers have to trust as this machine does
SLIM = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "info", "locale", "lintian")]


def load(host: str, names: list[str]) -> None:
    """Put the images (all, or those that have one of these names) into the engine at `host`, where they are missing."""
    known = _definitions()
    wanted = [d for d in known if not names or set(names) & set(d["names"])]
    if unknown := set(names) - {name for d in known for name in d["names"]}:
        raise RuntimeError(f"no image {', '.join(sorted(unknown))}; there are: {', '.join(n for d in known for n in d['names'])}")
    missing = [d for d in wanted if not _present(host, d)]
    can_make = os.geteuid() == 0 and shutil.which("apt-get")
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(_import if can_make else _pull, host, d) for d in missing]:
            future.result()


def copy(source: str, host: str, names: list[str]) -> None:
    """Put images of the engine at `source` into the one at `host`, under the same names, where they are missing."""
    for name in names:
        if _inspect(host, name) is None:
            content = api.raw(source, "GET", f"/images/{name}/get", timeout=300)
            _checked(api.call(host, "POST", "/images/load", stream=io.BytesIO(content), timeout=300))


def archive(definition: dict[str, Any]) -> Path:
    """The root file system as a tar, made where it is missing (15 s for one of Debian's packages)."""
    target = cache("images") / f"{definition['key']}.tar"
    if not target.exists():
        with lock(f"image-{definition['key']}"):
            if not target.exists():
                print(f"dev: making the image {definition['names'][0]}", file=sys.stderr)
                _make(definition, target)
    return target


def _definitions() -> list[dict[str, Any]]:
    found = []
    own = [p.read_bytes() for p in sorted(AUTHORITIES.glob("*.crt"))]
    for file in sorted([*ROOT.glob("tools/images/*/image.toml"), *ROOT.glob("examples/images/*/image.toml")]):
        definition = tomllib.loads(file.read_text())
        parts = sorted(p for p in file.parent.rglob("*") if p.is_file())
        content = [part for p in parts for part in (str(p.relative_to(file.parent)).encode(), p.read_bytes())]
        trusted = own if "ca-certificates" in definition.get("packages", ()) else []
        digest = hashlib.sha256(b"\0".join([*content, *trusted])).hexdigest()
        key = f"{file.parent.name}-{digest[:12]}"
        found.append({"packages": [], "setup": "", "changes": [], **definition, "folder": file.parent, "key": key})
    return found


def _present(host: str, definition: dict[str, Any]) -> bool:
    """An image that somebody else put there under the name is theirs, and is used."""
    for name in definition["names"]:
        found = _inspect(host, name)
        if found is None or _label(found, definition["key"]) != definition["key"]:
            return False
    return True


def _inspect(host: str, name: str) -> dict[str, Any] | None:
    try:
        return api.call(host, "GET", f"/images/{name}/json")
    except api.Refused:
        return None


def _label(image: dict[str, Any], otherwise: str) -> str:
    return (image["Config"].get("Labels") or {}).get(LABEL, otherwise)


def _import(host: str, definition: dict[str, Any]) -> None:
    first, *others = definition["names"]
    found = _inspect(host, first)
    if found is None or _label(found, ""):
        tar = archive(definition)
        if found:
            # The one of yesterday goes; where a container uses it, only its names do.
            with contextlib.suppress(api.Refused):
                api.call(host, "DELETE", f"/images/{found['Id']}?force=1")
        changes = [*definition["changes"], f"LABEL {LABEL}={definition['key']}"]
        query = urlencode([("fromSrc", "-"), *_name(first), *(("changes", change) for change in changes)])
        with tar.open("rb") as stream:
            _checked(api.call(host, "POST", f"/images/create?{query}", stream=stream, timeout=300))
    for name in others:
        api.call(host, "POST", f"/images/{first}/tag?{urlencode(_name(name))}")


def _name(name: str) -> list[tuple[str, str]]:
    repository, _, tag = name.rpartition(":")
    return [("repo", repository), ("tag", tag)]


def _pull(host: str, definition: dict[str, Any]) -> None:
    for name in definition["names"]:
        repository, _, tag = name.rpartition(":")
        _checked(api.call(host, "POST", f"/images/create?{urlencode({'fromImage': repository, 'tag': tag})}", timeout=600))


def _checked(answer: Any) -> None:
    """The engine says 200 first and what went wrong later, in its stream of JSON lines."""
    lines = answer.splitlines() if isinstance(answer, str) else [json.dumps(answer)]
    for line in lines:
        if error := json.loads(line).get("error"):
            raise RuntimeError(f"the engine did not take the image: {error}")


def _make(definition: dict[str, Any], target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=cache("images")) as work:
        root, overlay = Path(work, "root"), definition["folder"] / "root"
        setup = Path(work, "setup")
        setup.write_text(f'set -e\ncd "$1"\n{definition["setup"]}\n')
        partial = Path(work, "image.tar")
        if package := definition.get("unpack"):
            _unpack(package, root)
            subprocess.run(["sh", str(setup), str(root)], check=True)
            shutil.copytree(overlay, root, dirs_exist_ok=True, symlinks=True) if overlay.exists() else None
            subprocess.run(
                ["tar", "-C", str(root), "--owner=0", "--group=0", "--numeric-owner", "-cf", str(partial), "."], check=True
            )
        else:
            _bootstrap(definition["packages"], setup, overlay, partial)
        partial.rename(target)


def _bootstrap(packages: list[str], setup: Path, overlay: Path, target: Path) -> None:
    plugins.apt_need({"mmdebstrap": "mmdebstrap"})
    uri, key = plugins.debian_mirror()
    hooks = []
    if overlay.exists():
        hooks.append(f'--customize-hook=cp -a --no-preserve=ownership "{overlay}/." "$1/"')
    hooks.append(f'--customize-hook=sh "{setup}" "$1"')
    if "ca-certificates" in packages and any(AUTHORITIES.glob("*.crt")):
        hooks.append(
            f'--customize-hook=cp {AUTHORITIES}/*.crt "$1{AUTHORITIES}/" && chroot "$1" update-ca-certificates >/dev/null 2>&1'
        )
    include = [f"--include={','.join(packages)}"] if packages else []
    command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", *SLIM, *include, *hooks, "bookworm", str(target)]
    subprocess.run([*command, f"deb [signed-by={key}] {uri} bookworm main"], check=True, stdout=sys.stderr)


def _unpack(package: str, root: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        download = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package]
        if subprocess.run(download, cwd=work, capture_output=True, check=False).returncode:
            subprocess.run(["apt-get", "-q", "update"], stdout=subprocess.DEVNULL, check=True)
            subprocess.run(download, cwd=work, stdout=subprocess.DEVNULL, check=True)
        (file,) = Path(work).glob("*.deb")
        subprocess.run(["dpkg", "-x", str(file), str(root)], check=True)
