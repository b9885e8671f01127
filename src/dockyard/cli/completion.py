"""`dockyard completion`: what each shell needs so that the command itself answers at each tab (argcomplete).

Commands, flags and their choices come from the parsers; services and profiles from the Compose file, environments from the engine. Where these
can't be had (no file, no engine) nothing is offered, and nothing is said.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from dockyard.cli import table

_Offer = Callable[..., Iterable[str]]


def run(given: argparse.Namespace) -> int:
    print(script(given.shell), end="")
    return 0


def script(shell: str) -> str:
    """What `bash`, `zsh` or `fish` is to read."""
    from argcomplete.shell_integration import shellcode

    start = "autoload -Uz compinit && (( $+functions[compdef] )) || compinit\n" if shell == "zsh" else ""
    return start + shellcode(["dockyard"], shell=shell)


def answer() -> None:
    """Tell the shell that asks (its environment says what) what may stand where the cursor is. Doesn't return."""
    import argcomplete
    from argcomplete.completers import SuppressCompleter

    if " -- " in os.environ.get("COMP_LINE", ""):  # a command of somebody else's
        raise SystemExit(1)
    root = argparse.ArgumentParser("dockyard", allow_abbrev=False)
    root.add_argument("--version", action="store_true")
    commands = root.add_subparsers(parser_class=argparse.ArgumentParser)
    for command in table.COMMANDS:
        parser = commands.add_parser(command.name, help=command.summary, allow_abbrev=False)
        command.add(parser)
        _offer(command.name, parser)
    argcomplete.autocomplete(root, always_complete_options=False, default_completer=SuppressCompleter())


def _offer(command: str, parser: argparse.ArgumentParser) -> None:
    """Give the parser's arguments what they may be, where that isn't a choice of few words."""
    from argcomplete.completers import DirectoriesCompleter, FilesCompleter

    by_metavar: dict[Any, Any] = {
        "FILE": FilesCompleter(),
        "DIR": DirectoriesCompleter(),
        "SERVICE": _quiet(_services_there if command == "env" else _services),
        "ENVIRONMENT": _quiet(_environments),
        "SNAPSHOT": _quiet(_snapshots),
    }
    by_flag: dict[str, Any] = {"--profile": _quiet(_profiles)}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _offer(command, below)
            continue
        if "--keep" in action.option_strings:
            action.choices, action.nargs = ("failure", "always"), None  # argcomplete muddles what may stand after it otherwise
        offer = next((by_flag[flag] for flag in action.option_strings if flag in by_flag), by_metavar.get(action.metavar))
        if offer is not None:
            action.completer = offer  # type: ignore[attr-defined]


def _quiet(offer: _Offer) -> _Offer:
    """Nothing, where it fails."""

    def offered(**asked: Any) -> Iterable[str]:
        with contextlib.suppress(Exception):
            return offer(**asked)
        return ()

    return offered


def _services(parsed_args: argparse.Namespace, **_: Any) -> Iterable[str]:
    from dockyard.cli.loading import application

    chosen = getattr(parsed_args, "services", None) or ()
    return [name for name in application(parsed_args, for_test=True).services if name not in chosen]


def _profiles(parsed_args: argparse.Namespace, **_: Any) -> Iterable[str]:
    from dockyard.cli.loading import application

    parsed_args.profile = ["*"]
    return {profile for service in application(parsed_args, for_test=False).services.values() for profile in service.profiles}


def _environments(parsed_args: argparse.Namespace, **_: Any) -> Iterable[str]:
    return [one.placement for one in _standing(parsed_args)]


def _services_there(parsed_args: argparse.Namespace, **_: Any) -> Iterable[str]:
    return [name for one in _standing(parsed_args) if one.placement.startswith(parsed_args.environment) for name in one.services]


def _standing(given: argparse.Namespace) -> list[Any]:
    from dockyard.environments import keep

    return _asked(given, keep.standing)


def _snapshots(parsed_args: argparse.Namespace, **_: Any) -> Iterable[str]:
    return [one.key[:12] for one in _asked(parsed_args, lambda engine: engine.snapshots.find())]


def _asked(given: argparse.Namespace, ask: Callable[[Any], Awaitable[list[Any]]]) -> list[Any]:
    from dockyard.engines.docker.engine import connect

    async def answer() -> list[Any]:
        async with asyncio.timeout(3):
            engine = await connect(os.environ, host=given.host, context=given.context)
            try:
                return await ask(engine)
            finally:
                await engine.close()

    return asyncio.run(answer())
