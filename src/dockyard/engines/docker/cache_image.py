"""An image of ours with nothing in it: what markers and fillers are made of, so that no user's image is needed for them.

It is loaded from an archive whose every byte is fixed, so that any number of runs that load it at once end with one image and no
untagged leftovers. Containers of it are never started; its platform is the engine's own only because engines look at it.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile

from dockyard.model.placement import CACHE

REPOSITORY = "dockyard-cache/empty"


def reference(arch: str) -> str:
    return f"{REPOSITORY}:{arch}"


def archive(arch: str) -> bytes:
    """A `docker save` archive of the image."""
    layer = bytes(1024)
    config = json.dumps(
        {
            "architecture": arch,
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": {"Cmd": ["/never-started"], "Labels": {CACHE: "empty"}},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
            "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "dockyard"}],
        },
        sort_keys=True,
    ).encode()
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": [reference(arch)], "Layers": ["empty/layer.tar"]}]).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, content in ((name, config), ("empty/layer.tar", layer), ("manifest.json", manifest)):
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
