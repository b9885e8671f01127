"""A registry on loopback that answers as it is told: with a status for so many asks, or with a real image out of an engine."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from dev import api

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class Registry:
    """`address` is what an image's name begins with. `statuses`: what the next asks for a manifest get; then `image`, else 404.

    A status of 0 is no answer at all. `asked`: when manifests were asked for, as paths.
    """

    def __init__(self, *statuses: int, always: int = 404, retry_after: str = "") -> None:
        self.statuses, self.always, self.retry_after = list(statuses), always, retry_after
        self.asked: list[str] = []
        self.manifest = b""
        self.blobs: dict[str, bytes] = {}
        self.closing = threading.Event()
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry._answer(self)

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self, saved: bytes) -> None:
        """Hold the image of `docker save`."""
        with tarfile.open(fileobj=io.BytesIO(saved)) as tar:

            def read(name: str) -> bytes:
                file = tar.extractfile(name)
                assert file is not None
                return file.read()

            (told,) = json.loads(read("manifest.json"))
            config, layers = read(told["Config"]), [read(name) for name in told["Layers"]]
        self.manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": self._blob("application/vnd.docker.container.image.v1+json", config),
                "layers": [self._blob("application/vnd.docker.image.rootfs.diff.tar.gzip", layer) for layer in layers],
            }
        ).encode()

    def _blob(self, kind: str, data: bytes) -> dict[str, object]:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = data
        return {"mediaType": kind, "size": len(data), "digest": digest}

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        if "/blobs/" in path:
            data = self.blobs.get(path.rpartition("/")[2])
            self._send(handler, 200 if data is not None else 404, data or b"", "application/octet-stream")
        elif "/manifests/" in path:
            self.asked.append(path)
            status = self.statuses.pop(0) if self.statuses else 200 if self.manifest else self.always
            if status == 0:
                self.closing.wait(120)
            elif status == 200:
                self._send(handler, 200, self.manifest, _MANIFEST)
            else:
                codes = {429: "TOOMANYREQUESTS", 401: "UNAUTHORIZED", 403: "DENIED", 404: "MANIFEST_UNKNOWN"}
                told = {"errors": [{"code": codes.get(status, "UNKNOWN"), "message": f"told to say {status}"}]}
                self._send(handler, status, json.dumps(told).encode(), "application/json")
        else:
            self._send(handler, 200, b"{}", "application/json")

    def _send(self, handler: BaseHTTPRequestHandler, status: int, data: bytes, kind: str) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(data)))
        handler.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        if kind == _MANIFEST:
            handler.send_header("Docker-Content-Digest", f"sha256:{hashlib.sha256(data).hexdigest()}")
        if status == 429 and self.retry_after:
            handler.send_header("Retry-After", self.retry_after)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(data)


def saved(host: str, image: str) -> bytes:
    """An image of an engine as `docker save` gives it."""
    return api.raw(host, "GET", f"/images/{quote(image, safe='')}/get")
