"""`./dev demo`: the example end to end on a machine that may have nothing yet: a run that passes, then one that fails.

Promises: exit 0 only where both came out as they should (0, and 3 with the cause told), and nothing of either run is left on the
engine. Images are pulled; where no registry answers they are made from Debian's packages under the same names. An engine that
this started keeps running, as after `./dev engine start`, since a second demo is then much quicker.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from dev import api, engine, images, plugins, venv
from dev.paths import ROOT

NEEDED = ["python:3.11-slim", "postgres:15", "mariadb:10.11", "redis:7", "selenium/standalone-chromium:latest"]
HEARTBEAT = 15.0  # seconds


@dataclass(frozen=True)
class Act:
    """One run of the demo: `code` is what `dockyard test` must end with."""

    title: str
    folder: str
    code: int


ACTS = [
    Act("A shop with two databases, a queue, a worker and a browser: the tests pass", "examples/shop", 0),
    Act("A service that does not start: the cause comes first, and it is not called a failed test", "examples/broken", 3),
]


def main(name: str, argv: list[str]) -> int:
    options = _parse(argv)
    try:
        host = _engine()
        _images(host)
    except (RuntimeError, OSError, api.Refused, subprocess.CalledProcessError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    wrong = [problem for act in ACTS if (problem := _play(host, act, options.report))]
    _title("The demo")
    for problem in wrong:
        print(f"demo: {problem}", file=sys.stderr)
    if not wrong:
        print("Both runs came out as they should, and nothing of them is left on the engine.")
    return 1 if wrong else 0


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("dev demo", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--report", type=Path, metavar="DIR", help="where the reports go (default: beside each example)")
    return parser.parse_args(argv)


def _engine() -> str:
    _title("A Docker Engine")
    with _heartbeat("the engine"):
        host, started = engine.ensure()
    told = api.version(host) or {}
    print(f"{host}: {told.get('Version', '?')}, {'started' if started else 'answers already'}")
    return host


def _images(host: str) -> None:
    _title("Images")
    missing = [name for name in NEEDED if _made_here(host, name) is None]
    for name in list(missing):
        try:
            with _heartbeat(f"pulling {name}"):
                _pull(host, name)
        except (RuntimeError, OSError, api.Refused) as error:
            print(f"{name} can not be pulled: {_short(error)}", flush=True)
            break  # what keeps one from being pulled keeps the others
        print(f"{name} was pulled", flush=True)
        missing.remove(name)
    if missing:
        print(f"to be made from Debian's packages: {', '.join(missing)}", flush=True)
    # those of an earlier demo too: they are made anew where what they are made from has changed
    if made := [name for name in NEEDED if name in missing or _made_here(host, name)]:
        with _heartbeat("making images (some minutes the first time)"):
            images.load(host, made)
    print(f"there are {', '.join(NEEDED)}")


def _play(host: str, act: Act, reports: Path | None) -> str | None:
    """Run one act in front of the user; what was wrong with it, if anything."""
    _title(act.title)
    folder = ROOT / act.folder
    report = reports.resolve() / folder.name if reports else folder / "dockyard-report"
    command = [str(venv.ensure() / "bin" / "dockyard"), "test", "--host", host, "--report", str(report)]
    print(f"$ cd {act.folder} && dockyard test", flush=True)
    started = time.monotonic()
    code = subprocess.run(command, cwd=folder, env=_environment(), check=False).returncode
    said = f"exit {code} after {time.monotonic() - started:.1f} s"
    if code != act.code:
        print(f"→ {said}; it should have been {act.code}")
        return f"{act.folder} ended with {code} instead of {act.code}"
    print(f"→ {said}, as it should be")
    if found := _leftovers(host, report):
        return f"{act.folder} left on the engine: {', '.join(found)}"
    return None


def _environment() -> dict[str, str]:
    """The checkout's own programs first; buildx, where the machine has one of ours."""
    found = venv.environment()
    if folder := plugins.present():
        found["PATH"] = f"{folder}:{found['PATH']}"
    return found


def _made_here(host: str, name: str) -> bool | None:
    """Whether our tooling made this image; None where there is no such image."""
    try:
        found = api.call(host, "GET", f"/images/{name}/json")
    except api.Refused:
        return None
    return images.LABEL in (found["Config"].get("Labels") or {})


def _pull(host: str, name: str) -> None:
    answer = api.call(host, "POST", f"/images/create?{urlencode({'fromImage': name})}", timeout=900)
    # The engine says 200 first, and what went wrong later, in its stream of JSON lines.
    for line in answer.splitlines() if isinstance(answer, str) else [json.dumps(answer)]:
        if error := json.loads(line).get("error"):
            raise RuntimeError(error)


def left(host: str, placement: str) -> list[str]:
    """What the engine holds of the run that has this placement, by its labels and its tags; others' objects don't count."""
    query = urlencode({"filters": json.dumps({"label": [f"dockyard.placement={placement}"]})})
    volumes = api.call(host, "GET", f"/volumes?{query}")["Volumes"] or []
    tags = [tag for image in api.call(host, "GET", "/images/json") for tag in image.get("RepoTags") or []]
    return [
        *(f"container {c['Id'][:12]}" for c in api.call(host, "GET", f"/containers/json?all=1&{query}")),
        *(f"network {n['Name']}" for n in api.call(host, "GET", f"/networks?{query}")),
        *(f"volume {v['Name']}" for v in volumes),
        *(f"image {tag}" for tag in tags if tag.startswith("dockyard-run/") and placement in tag),
    ]


def _leftovers(host: str, report: Path) -> list[str]:
    """After ten seconds, which is what the watchdog is given."""
    placement = json.loads((report / "latest" / "verdict.json").read_text())["placement"]
    deadline = time.monotonic() + 10
    while (found := left(host, placement)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


@contextlib.contextmanager
def _heartbeat(what: str) -> Iterator[None]:
    """Say now and then that `what` is still going on."""
    over = threading.Event()
    started = time.monotonic()

    def beat() -> None:
        while not over.wait(HEARTBEAT):
            print(f"… {what}: {time.monotonic() - started:.0f} s", flush=True)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[-1][:200]


def _title(text: str) -> None:
    print(f"\n== {text}", flush=True)
