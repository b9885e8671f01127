"""What each command takes: flags with the meaning that they have in Compose, where Compose has them."""

from __future__ import annotations

import argparse

from dockyard.cli.parser import amount, whole

Parser = argparse.ArgumentParser

# Those of dockyard.model.verdict, which takes longer to import than all of this.
_VERDICTS = ("passed", "failed", "usage", "environment-failed", "timed-out", "infrastructure", "internal", "aborted")


def compose(parser: Parser) -> None:
    """Which application."""
    group = parser.add_argument_group("application (as in docker compose)")
    group.add_argument(
        "-f", "--file", action="append", default=[], metavar="FILE", help="a Compose file; repeatable, - is standard input"
    )
    group.add_argument("-p", "--project-name", metavar="NAME", help="the project's name")
    group.add_argument("--profile", action="append", default=[], metavar="NAME", help="a profile to switch on; repeatable")
    group.add_argument("--env-file", action="append", default=[], metavar="FILE", help="variables in place of .env; repeatable")
    group.add_argument("--project-directory", metavar="DIR", help="the folder that relative paths start from")


def engine(parser: Parser) -> None:
    """Which engine."""
    group = parser.add_argument_group("engine")
    group.add_argument("-H", "--host", default="", metavar="ADDRESS", help="the engine's address, as in DOCKER_HOST")
    group.add_argument("--context", default="", metavar="NAME", help="a Docker context")


def output(parser: Parser) -> None:
    """How it is told."""
    group = parser.add_argument_group("output")
    group.add_argument("--json", action="store_true", help="one JSON document, or JSON lines where it streams")
    group.add_argument("-q", "--quiet", action="store_true", help="only the result")
    group.add_argument("--no-color", action="store_true", help="no colours (so does NO_COLOR)")


def _images(parser: Parser) -> None:
    group = parser.add_argument_group("images")
    group.add_argument("--build", action="store_true", help="build images first (the default; as in docker compose)")
    group.add_argument(
        "--no-build", action="store_true", help="use the image that a service names, where it is there, instead of building it"
    )
    group.add_argument("--no-cache", action="store_true", help="build without the build cache")
    group.add_argument("--pull", choices=("always", "missing", "never"), default="", help="in place of the services' pull_policy")


def _limits(parser: Parser) -> None:
    group = parser.add_argument_group("limits of the whole run, shared out to its containers")
    group.add_argument("--cpus", type=amount, default=0, metavar="N", help="cores")
    group.add_argument("--memory", default="", metavar="SIZE", help="for example 4g")
    group.add_argument("--pids", type=whole, default=0, metavar="N", help="processes")


def _run(parser: Parser) -> None:
    parser.add_argument("--timeout", default="", metavar="TIME", help="of the whole run (default: x-dockyard.timeout, else 30m)")
    parser.add_argument("--no-gate", action="store_true", help="start each container when its turn comes, as Compose does")
    parser.add_argument(
        "--report", default="", metavar="DIR", help="where reports go (default: dockyard-report in the project's folder)"
    )
    _images(parser)
    _limits(parser)


def _beforehand(parser: Parser) -> None:
    parser.add_argument("--standby", action="store_true", help="claim what stands by, and leave the next environment standing by")
    parser.add_argument("--cold", action="store_true", help="use nothing that was made beforehand, leave and keep nothing")


def test(parser: Parser) -> None:
    parser.add_argument(
        "services",
        nargs="*",
        metavar="SERVICE",
        help="run these as tests, with what they need; after --: a command here is the test",
    )
    parser.add_argument(
        "--keep",
        nargs="?",
        const="always",
        default="",
        metavar="WHEN",
        help="leave the environment standing: failure or always (without a value)",
    )
    parser.add_argument("--for", dest="for_", default="", metavar="TIME", help="for how long it is kept (default 1h)")
    parser.add_argument("--grace", action="store_true", help="stop with stop_grace_period at the end instead of a kill")
    parser.add_argument("--dry-run", action="store_true", help="print the plan, do nothing")
    _beforehand(parser)
    _run(parser)
    _common(parser)


def plan(parser: Parser) -> None:
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="as in dockyard test")
    parser.add_argument("--no-gate", action="store_true", help="as in dockyard test")
    _beforehand(parser)
    _common(parser)


def up(parser: Parser) -> None:
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="only these, with what they need")
    parser.add_argument("--for", dest="for_", default="", metavar="TIME", help="until when it stands (default 8h)")
    parser.add_argument("--new", action="store_true", help="one more, where one of this project stands already")
    parser.add_argument("--fixed-ports", action="store_true", help="publish ports as the file writes them")
    parser.set_defaults(keep="always", grace=False)
    parser.add_argument("--test-profile", action="store_true", help="switch the profile test on, as dockyard test does")
    _beforehand(parser)
    _run(parser)
    _common(parser)


def down(parser: Parser) -> None:
    parser.add_argument("--all", action="store_true", help="of every project on this engine")
    _common(parser)


def env(parser: Parser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ls|show|logs|exec|extend|rm")
    for name, what in (
        ("ls", "list the environments on this engine"),
        ("show", "one environment: its services, states and addresses"),
        ("logs", "the logs of an environment's services"),
        ("exec", "run a command in a service: ENVIRONMENT SERVICE -- COMMAND"),
        ("extend", "give it a later deadline"),
        ("rm", "destroy it now"),
    ):
        act = acts.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".", allow_abbrev=False)
        _env_act(name, act)
        engine(act)
        output(act)


def _env_act(name: str, act: Parser) -> None:
    if name != "ls":
        act.add_argument(
            "environment", nargs="+" if name == "rm" else None, metavar="ENVIRONMENT", help="its id, or how it begins"
        )
    if name == "logs":
        act.add_argument("services", nargs="*", metavar="SERVICE")
        act.add_argument("--follow", action="store_true", help="go on as they write")
    if name == "exec":
        act.add_argument("service", metavar="SERVICE")
        act.add_argument("-T", "--no-tty", action="store_true", help="no terminal, also where there is one")
    if name == "extend":
        act.add_argument("--for", dest="for_", required=True, metavar="TIME", help="from now on, for example 2h")


def standby(parser: Parser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ls|fill|drop")
    for name, what in (
        ("ls", "list what stands by on this engine"),
        ("fill", "make what is to stand by for this project"),
        ("drop", "remove what stands by for this project"),
    ):
        act = acts.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".", allow_abbrev=False)
        if name == "drop":
            act.add_argument("--all", action="store_true", help="of every project on this engine")
        if name == "fill":
            act.add_argument("services", nargs="*", metavar="SERVICE", help="as in dockyard test")
            act.add_argument(
                "-n", "--number", type=whole, default=0, metavar="N", help="so many (default: as the settings say, else 1)"
            )
            act.set_defaults(keep="", for_="", standby=True, cold=False)
            _run(act)
        if name != "ls":
            compose(act)
        engine(act)
        output(act)


def snapshot(parser: Parser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ls|make|rm")
    for name, what in (
        ("ls", "list the data that are kept on this engine"),
        ("make", "make and keep the data of this project's services that ask for it"),
        ("rm", "remove data that are kept: those named, else this project's"),
    ):
        act = acts.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".", allow_abbrev=False)
        if name == "rm":
            act.add_argument("snapshots", nargs="*", metavar="SNAPSHOT", help="a snapshot, or how it begins")
            act.add_argument("--all", action="store_true", help="of every project on this engine")
        if name == "make":
            act.add_argument("services", nargs="*", metavar="SERVICE", help="as in dockyard test")
            act.set_defaults(keep="", for_="", standby=False, cold=False, host_command=())
            _run(act)
        if name != "ls":
            compose(act)
        engine(act)
        output(act)


def config(parser: Parser) -> None:
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="only these, with what they need")
    parser.add_argument("--format", choices=("yaml", "json"), default="yaml")
    lists = parser.add_argument_group("only")
    for name in ("services", "images", "volumes", "networks", "profiles", "models"):
        lists.add_argument(f"--{name}", dest=f"list_{name}", action="store_true", help=f"the names of {name}")
    lists.add_argument("--hash", metavar="SERVICE", help="a hash of each service's configuration: SERVICE,… or '*'")
    lists.add_argument("--variables", action="store_true", help="the variables that the files ask for, with their defaults")
    lists.add_argument("--environment", action="store_true", help="the variables that fill in the files")
    parser.add_argument("--no-interpolate", action="store_true", help="leave variables as they are written")
    parser.add_argument("--all-resources", action="store_true", help="also networks, volumes and others that no service uses")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to a file")
    compose(parser)
    output(parser)


def doctor(parser: Parser) -> None:
    engine(parser)
    output(parser)


def sweep(parser: Parser) -> None:
    parser.add_argument(
        "--cache", action="store_true", help="Dockyard's shared cache too (the gate's volume and image, data that are kept)"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    engine(parser)
    output(parser)


def history(parser: Parser) -> None:
    parser.add_argument("-n", "--number", type=whole, default=20, metavar="N", help="how many (default 20)")
    parser.add_argument("--project", default="", metavar="NAME", help="only of this project")
    parser.add_argument("--verdict", default="", choices=_VERDICTS, metavar="WORD", help="only with this verdict")
    output(parser)


def schema(parser: Parser) -> None:
    parser.add_argument("name", choices=("verdict", "event", "images", "x-dockyard", "compose"))


def completion(parser: Parser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def _common(parser: Parser) -> None:
    compose(parser)
    engine(parser)
    output(parser)
