"""What `dockyard images` takes."""

from __future__ import annotations

from dockyard.cli import options
from dockyard.cli.options import Parser

_ACTS = (
    ("scan", "read Dockerfiles, Compose files and bake files, and say or write what stands on what"),
    ("graph", "the family tree: in the terminal, or as DOT, SVG or JSON"),
    ("show", "one image: what it stands on, what stands on it, and where that is written"),
    ("why", "why an image is stale or not, and what building it again costs"),
    ("stale", "what was built on a base that is another one now; 1 where something is"),
    ("plan", "what a change of a base would cause: who, in which order, why, at what cost"),
)
_POLICIES = ("lazy", "cascade", "rebase", "content")


def images(parser: Parser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="|".join(name for name, _ in _ACTS))
    for name, what in _ACTS:
        act = acts.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".", allow_abbrev=False)
        _own(name, act)
        _source(name, act)
        options.engine(act)
        options.output(act)


def _own(name: str, act: Parser) -> None:
    if name in ("show", "why"):
        act.add_argument("image", metavar="IMAGE", help="its name, or its Dockerfile's path where nobody names it")
    if name == "stale":
        act.add_argument("images", nargs="*", metavar="IMAGE", help="only these")
        act.add_argument("--strict", action="store_true", help="1 also where something is not known")
    if name == "graph":
        act.add_argument("--format", choices=("text", "dot", "svg", "json"), default="text")
        act.add_argument("--all", action="store_true", help="fold nothing")
    if name == "plan":
        act.add_argument("--changed", required=True, metavar="BASE[=DIGEST]", help="the image that is new, and its digest")
        act.add_argument(
            "--policy", default="", choices=_POLICIES, help="of edges that no rule is about (default: dockyard.toml, else lazy)"
        )
        act.add_argument(
            "--edge-policy",
            action="append",
            default=[],
            metavar="RULE",
            help="PARENT=POLICY or 'CHILD<PARENT=POLICY', with * in names",
        )
    if name in ("scan", "graph"):
        act.add_argument("-o", "--output", default="", metavar="FILE", help="write the document to a file")


def _source(name: str, act: Parser) -> None:
    group = act.add_argument_group("what is read")
    if name in ("scan", "graph"):
        act.add_argument("paths", nargs="*", metavar="PATH", help="folders and files (default: this folder)")
    else:
        group.add_argument(
            "--path",
            dest="paths",
            action="append",
            default=[],
            metavar="PATH",
            help="a folder or file to scan (default: this folder)",
        )
    if name == "scan":
        act.set_defaults(graph="")
    else:
        group.add_argument(
            "--graph", default="", metavar="FILE", help="a document that scan wrote, in place of a scan; - is standard input"
        )
    group.add_argument(
        "--platform",
        action="append",
        default=[],
        metavar="PLATFORM",
        help="of builds that name none (default: this machine's); repeatable"
        + ("; only these of what changed" if name == "plan" else ""),
    )
    group.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE", help="for every Dockerfile; repeatable")
    group.add_argument("--keep-going", action="store_true", help="go on without what can't be read, and say what is missing")
    group.add_argument("--no-engine", action="store_true", help="only files: no look at the engine's images")
