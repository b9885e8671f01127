"""The commands: their words, help and examples, and where each is carried out. The code behind a command is imported when it runs."""

from __future__ import annotations

import argparse
import difflib
import importlib
from collections.abc import Callable
from typing import NamedTuple

from dockyard.cli import images_options, options
from dockyard.cli.parser import Parser

Run = Callable[[argparse.Namespace], int]


class Command(NamedTuple):
    """One command. `where` is `module:function` below dockyard.cli; `add` gives its parser what it takes."""

    name: str
    summary: str
    where: str
    add: Callable[[argparse.ArgumentParser], None]
    examples: tuple[tuple[str, str], ...] = ()
    takes_command: bool = False
    more: str = ""

    def parser(self) -> argparse.ArgumentParser:
        text = "\n".join(f"  {line:<52}{why}" for line, why in self.examples)
        usage = "\n\n".join(part for part in (f"examples:\n{text}" if text else "", self.more) if part)
        parser = Parser(
            prog=f"dockyard {self.name}",
            description=self.summary[0].upper() + self.summary[1:] + ".",
            epilog=usage,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.add(parser)
        return parser


COMMANDS = (
    Command(
        "test",
        "bring the environment up, run the tests, tell the truth about them, leave nothing behind",
        "test:run",
        options.test,
        (
            ("dockyard test", "the tests that the file names"),
            ("dockyard test api-tests", "this test, and what it needs"),
            ("dockyard test -- pytest -x tests/", "a command here, against the environment"),
            ("dockyard test --keep=failure --for 30m", "look at it afterwards: dockyard env ls"),
            ("dockyard test -f compose.yaml -f ci.yaml --json", "events and verdict as JSON lines"),
        ),
        takes_command=True,
        more="exit codes: 0 passed, 1 failed, 2 usage, 3 environment-failed, 4 timed-out, 5 infrastructure, 70 internal, 130 aborted",
    ),
    Command(
        "plan",
        "print what would be done, and why in this order",
        "plan:run",
        options.plan,
        (
            ("dockyard plan", "the steps of dockyard test"),
            ("dockyard plan -- pytest tests/", "those of a run whose test is a command here"),
            ("dockyard plan --json", "the same as data"),
        ),
        takes_command=True,
    ),
    Command(
        "up",
        "bring the environment up and leave it standing, to its deadline",
        "up:up",
        options.up,
        (
            ("dockyard up", "published ports on free ones, which are told"),
            ("dockyard up --fixed-ports", "ports as the file writes them"),
            ("dockyard up --for 8h", "until then; dockyard env extend makes it longer"),
            ("dockyard up --new", "one more beside what stands"),
        ),
    ),
    Command("down", "destroy what dockyard up left standing", "up:down", options.down, (("dockyard down", "this project's"),)),
    Command(
        "env",
        "look at environments that stand: ls, show, logs, exec, extend, rm",
        "env:run",
        options.env,
        (
            ("dockyard env ls", "all on this engine"),
            ("dockyard env logs shop-1f3a api --follow", "one service's log"),
            ("dockyard env exec shop-1f3a db -- psql -U shop", "a command in a service"),
            ("dockyard env extend shop-1f3a --for 2h", "a later deadline"),
            ("dockyard env rm shop-1f3a", "destroy it now"),
        ),
        takes_command=True,
    ),
    Command(
        "standby",
        "environments that stand by for the next runs: ls, fill, drop",
        "standby:run",
        options.standby,
        (
            ("dockyard test --standby", "claims one, and leaves the next"),
            ("dockyard standby ls", "what stands by on this engine"),
            ("dockyard standby fill", "makes one now, before the first run"),
            ("dockyard standby drop", "removes this project's"),
        ),
    ),
    Command(
        "snapshot",
        "data that are kept for the next environments: ls, make, rm",
        "snapshot:run",
        options.snapshot,
        (
            ("dockyard snapshot make", "fills and keeps the data of services that ask for it, where they aren't kept yet"),
            ("dockyard snapshot ls", "what is kept on this engine"),
            ("dockyard snapshot rm", "removes this project's"),
            ("dockyard snapshot rm 63f18c", "one of them"),
        ),
    ),
    Command(
        "images",
        "the family tree of images: scan, graph, show, why, stale, plan",
        "images:run",
        images_options.images,
        (
            ("dockyard images graph", "what stands on what, from the files here"),
            ("dockyard images stale", "against what the engine has"),
            ("dockyard images why shop-api", "one line for each parent"),
            ("dockyard images plan --changed python:3.11", "what a new one would cause"),
            ("dockyard images scan -o graph.json services", "the graph as a document"),
        ),
    ),
    Command(
        "config",
        "print the normalised model of the Compose files",
        "config:command",
        options.config,
        (
            ("dockyard config", "YAML"),
            ("dockyard config --format json", "in the shape of docker compose config"),
            ("dockyard config --services", "names only"),
        ),
    ),
    Command(
        "doctor",
        "look at the engine and say what to do about what is wrong",
        "doctor:run",
        options.doctor,
        (("dockyard doctor", "the engine that runs would use"), ("dockyard doctor --host ssh://build-7", "another one")),
    ),
    Command(
        "sweep",
        "remove what runs that are gone have left",
        "sweep:run",
        options.sweep,
        (
            ("dockyard sweep", "what nobody answers for"),
            ("dockyard sweep --cache", "Dockyard's own cache too"),
            ("dockyard sweep --dry-run", "only say it"),
        ),
    ),
    Command(
        "history",
        "past runs and their verdicts",
        "history:run",
        options.history,
        (("dockyard history", "the last twenty"), ("dockyard history --verdict failed -n 5", "the last five that failed")),
    ),
    Command(
        "schema", "print a published JSON Schema", "schema:run", options.schema, (("dockyard schema verdict", "of verdict.json"),)
    ),
    Command(
        "completion",
        "print shell completion",
        "completion:run",
        options.completion,
        (
            ('eval "$(dockyard completion bash)"', "in ~/.bashrc"),
            ('eval "$(dockyard completion zsh)"', "in ~/.zshrc"),
            ("dockyard completion fish | source", "in ~/.config/fish/config.fish"),
        ),
    ),
)


def find(name: str) -> Command | None:
    return next((c for c in COMMANDS if c.name == name), None)


def load(command: Command) -> Run:
    module, function = command.where.split(":")
    return getattr(importlib.import_module(f"dockyard.cli.{module}"), function)


def unknown(name: str) -> str:
    names = [c.name for c in COMMANDS]
    near = difflib.get_close_matches(name, names, 1)
    meant = f"did you mean {near[0]}?" if near else f"commands are: {', '.join(names)}"
    return f"dockyard: there is no command {name!r}; {meant}\n    dockyard --help tells more"


def overview() -> str:
    """What `dockyard --help` prints."""
    lines = [
        "usage: dockyard COMMAND …",
        "",
        "Throwaway test environments from the Compose file you already have.",
        "",
        "commands:",
        *(f"  {c.name:<12}{c.summary}" for c in COMMANDS),
        "",
        "examples:",
        "  dockyard test                 in a folder with a Compose file",
        "  dockyard plan                 what that would do, and why",
        "  dockyard COMMAND --help       more, with examples",
        "",
        "  dockyard --version            this version",
    ]
    return "\n".join(lines)


def described() -> list[tuple[Command, argparse.ArgumentParser]]:
    """Every command with its parser: for the reference page and the completions."""
    return [(c, c.parser()) for c in COMMANDS]
