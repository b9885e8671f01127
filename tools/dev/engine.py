"""`./dev engine`: a Docker Engine to develop and test against.

A Docker that answers already (DOCKER_HOST, our own from before, /var/run/docker.sock) is used as it is; else a private
one is started, as root on Debian, which installs what it needs first. `stop` ends only what `start` started.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys

from dev import api, images, namespaces, plugins, podman
from dev.dockerd import Engine
from dev.paths import state

ACTIONS = {
    "start": "start it (nothing happens where one runs)",
    "stop": "end what `start` started; --purge: with its data",
    "status": "which engine is used, and whether it answers",
    "env": 'shell lines that point the shell at it: eval "$(./dev engine env)"',
    "restart": "end the daemon and start it again in the same world (--kill: by SIGKILL)",
    "exec": "run a command in the network of a named engine, with DOCKER_HOST set",
    "images": "[NAME…] put the tests' images into it",
    "log": "where its log is",
}


def main(name: str, argv: list[str]) -> int:
    options = _parse(argv)
    engine = Engine(options.name, options.kind, options.disk, tuple(options.rest if options.action == "start" else ()))
    known = engine.data / "kind"
    if options.action == "start":
        known.write_text(engine.kind)
    elif known.exists():
        engine = Engine(engine.name, known.read_text(), engine.disk, engine.options)
    try:
        return _ACT[options.action](engine, options) or 0
    except (RuntimeError, api.Refused, subprocess.CalledProcessError) as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1


def answering(own: bool = False) -> str | None:
    """The address of the Docker that is there already: what the user names, ours, the machine's."""
    mine = Engine()
    if own:
        return mine.host if mine.running() else None
    named = os.environ.get("DOCKER_HOST", "")
    for host in (named, mine.host, "unix:///var/run/docker.sock"):
        if host.startswith(("unix://", "tcp://")) and api.version(host):
            return host
    return None


def ensure() -> tuple[str, bool]:
    """(address, whether it was started now) of the engine that tests use."""
    if host := answering():
        return host, False
    install()
    if host := answering():  # where systemd runs, Debian's package starts one
        return host, False
    engine = Engine()
    return engine.host, engine.start()


def install() -> None:
    """dockerd and what it needs, from Debian's packages, where they are missing."""
    if os.geteuid() != 0:
        raise RuntimeError("a private engine needs root; start a Docker of your own and set DOCKER_HOST")
    programs = {"dockerd": "docker.io", "iptables": "iptables", "ip": "iproute2", "nsenter": "util-linux"}
    plugins.apt_need({**programs, "mkfs.ext4": "e2fsprogs"})


def _parse(argv: list[str]) -> argparse.Namespace:
    text = "\n".join(f"  {action:<9}{text}" for action, text in ACTIONS.items())
    parser = argparse.ArgumentParser(
        "dev engine", description=f"{__doc__}\n{text}", formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("--name", default="default", help="another engine, in namespaces of its own")
    parser.add_argument("--modern", action="store_const", dest="kind", const="modern", help="the newest Docker (with --name)")
    parser.add_argument("--podman", action="store_const", dest="kind", const="podman", help="Debian's Podman (with --name)")
    parser.set_defaults(kind="classic")
    parser.add_argument("--disk", default="", metavar="SIZE", help="a disk of its own for the data, such as 300M (with --name)")
    parser.add_argument("--own", action="store_true", help="a private engine although another Docker answers")
    parser.add_argument("--purge", action="store_true", help="stop: remove the data too")
    parser.add_argument("--kill", action="store_true", help="restart: by SIGKILL")
    parser.add_argument("rest", nargs="*", help="images: names. After --: exec: the command; start: options for dockerd")
    cut = argv.index("--") if "--" in argv else len(argv)
    options = parser.parse_args(argv[:cut])
    options.rest += argv[cut + 1 :]
    if options.name == "default" and (options.kind != "classic" or options.disk):
        parser.error("--modern, --podman and --disk need --name")
    return options


def _start(engine: Engine, options: argparse.Namespace) -> int:
    if engine.name == "default" and not options.own and not engine.options:
        host, started = ensure()
    else:
        install()
        if engine.kind == "podman":
            podman.install()
        host, started = engine.host, engine.start()
    print(f"engine: {host} {'started' if started else 'answers already'}")
    return 0


def _stop(engine: Engine, options: argparse.Namespace) -> int:
    engine.stop(options.purge)
    print(f"engine: {engine.name} is stopped")
    return 0


def _status(engine: Engine, options: argparse.Namespace) -> int:
    host = answering(options.own) if engine.name == "default" else (engine.host if engine.running() else None)
    told = api.version(host) if host else None
    if not told:
        print(f"engine: {engine.name} does not run")
        return 3
    print(f"engine: {host} runs {told.get('Version')} (API {told.get('ApiVersion')})")
    others = [p.name for p in state("engines").iterdir() if p.name != engine.name and Engine(p.name).running()]
    for other in sorted(others):
        print(f"engine: {Engine(other).host} runs too (--name {other})")
    return 0


def _env(engine: Engine, options: argparse.Namespace) -> int:
    host = answering(options.own) if engine.name == "default" else engine.host
    print(f"export DOCKER_HOST={shlex.quote(host or engine.host)}")
    if folder := plugins.present():
        print(f'export PATH={shlex.quote(str(folder))}:"$PATH"')
    return 0


def _restart(engine: Engine, options: argparse.Namespace) -> int:
    engine.restart(signal.SIGKILL if options.kill else signal.SIGTERM)
    return 0


def _exec(engine: Engine, options: argparse.Namespace) -> int:
    with namespaces.enter_network(engine.network_pid):
        return subprocess.run(options.rest, env={**os.environ, "DOCKER_HOST": engine.host}, check=False).returncode


def _images(engine: Engine, options: argparse.Namespace) -> int:
    host = answering(options.own) if engine.name == "default" else engine.host
    if not host:
        raise RuntimeError("no engine answers: ./dev engine start")
    images.load(host, options.rest)
    return 0


def _log(engine: Engine, options: argparse.Namespace) -> int:
    print(engine.log)
    return 0


_ACT = {
    "start": _start,
    "stop": _stop,
    "status": _status,
    "env": _env,
    "restart": _restart,
    "exec": _exec,
    "images": _images,
    "log": _log,
}
