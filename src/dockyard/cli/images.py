"""`dockyard images`: the family tree of images, what is stale in it, and what a change of a base would cause."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dockyard.images.plan import Action, Wave
from dockyard.images.stale import Finding, State, short
from dockyard.images.tree import Tree
from dockyard.model.errors import Fatal, Problem, Retry, UserError
from dockyard.model.lineage import Graph, Node
from dockyard.model.plural import count
from dockyard.record.printable import printable

Counts = tuple[int, int, int]


def run(given: argparse.Namespace) -> int:
    acts: dict[str, Callable[[argparse.Namespace], int]] = {
        "scan": _scan,
        "graph": _graph,
        "show": _show,
        "why": _why,
        "stale": _stale,
        "plan": _plan,
    }
    return acts[given.act](given)


def _scan(given: argparse.Namespace) -> int:
    from dockyard.images import document

    graph, counts = _scanned(given)
    if given.output:
        _write(given.output, document.write(graph))
    if given.json:
        sys.stdout.write(document.write(graph).decode())
        return 0
    files = ", ".join(
        count(number, noun) for number, noun in zip(counts, ("Dockerfile", "Compose file", "bake file"), strict=True) if number
    )
    built = sum(node.recipe is not None for node in graph.nodes)
    print(f"{files or 'no files'}: {count(len(graph.nodes), 'image')} ({built} built here), {count(len(graph.edges), 'edge')}")
    if graph.unused and not given.quiet:
        print(f"{count(len(graph.unused), 'image')} named by stages that no target needs: no dependencies")
    _note_flaws(graph)
    return 0


def _graph(given: argparse.Namespace) -> int:
    from dockyard.images import document, draw
    from dockyard.images.families import picture

    graph = _read(given)
    form = "json" if given.json else given.format
    if form == "json":
        out = document.write(graph).decode()
    else:
        drawn = picture(Tree(graph), fold=not given.all)
        if form == "text":
            out = "".join(f"{printable(line)}\n" for line in draw.text(drawn, everything=given.all))
        else:
            out = draw.dot(drawn) if form == "dot" else draw.svg(drawn)
    if given.output:
        _write(given.output, out.encode())
    else:
        sys.stdout.write(out)
    _note_flaws(graph)
    return 0


def _show(given: argparse.Namespace) -> int:
    tree = Tree(_read(given))
    nodes = tree.find(given.image)
    if given.json:
        import msgspec

        rows = [
            {"image": node, "parents": tree.parents.get(node.key, []), "children": tree.children.get(node.key, [])}
            for node in nodes
        ]
        print(msgspec.json.encode(rows).decode())
        return 0
    for node in nodes:
        _print("\n".join(_shown(tree, node)))
    return 0


def _shown(tree: Tree, node: Node) -> list[str]:
    lines = [node.key]
    recipe = node.recipe
    if recipe is not None:
        target = f", target {recipe.target}" if recipe.target else ""
        declared = f", declared at {recipe.declared}" if recipe.declared else ""
        lines.append(f"  built from {recipe.dockerfile}{target}{declared}")
    for title, values in (("also called", node.aliases), ("digest", node.digests), ("id", (node.id,) if node.id else ())):
        lines += [f"  {title} {value}" for value in values]
    for title, edges, end in (
        ("stands on", tree.parents.get(node.key, []), "parent"),
        ("is used by", tree.children.get(node.key, []), "child"),
    ):
        for edge in edges:
            learned = ", ".join(str(one) for one in edge.learned)
            pinned = f", pinned to {short(edge.pinned)}" if edge.pinned else ""
            lines.append(
                f"  {title} {getattr(edge, end)}  {edge.kind}{'' if edge.final or edge.kind != 'from' else ' (a stage)'}, {learned}{pinned}"
            )
    lines += [f"  not needed: {one.name} of {one.stage}, {one.at}" for one in tree.graph.unused if one.child == node.key]
    return lines


def _why(given: argparse.Namespace) -> int:
    from dockyard.images.stale import findings

    tree = Tree(_read(given, engine=True))
    nodes = tree.find(given.image)
    keys = {node.key for node in nodes}
    found = [one for one in findings(tree) if one.image in keys]
    if given.json:
        import msgspec

        print(msgspec.json.encode(found).decode())
        return 0
    for node in nodes:
        mine = [one for one in found if one.image == node.key]
        for one in mine:
            _print(f"{one.state:<8} {one.image}: {one.why}")
            if one.why.startswith("through") or len(one.readings) > 1:
                _print("\n".join(f"         {reading.state}: {reading.why}" for reading in one.readings))
        if not mine:
            _print(f"{'base':<8} {node.key}: nothing is known that it stands on")
        _print(f"cost     {_cost(tree, node)}")
    return 0


def _cost(tree: Tree, node: Node) -> str:
    seconds = f"{node.seconds:.0f} s" if node.seconds else "an unknown time"
    size = f"{node.size / 1e6:.0f} MB" if node.size else "an unknown size"
    return f"building it again: {seconds}, {size}; {count(len(tree.below([node.key])), 'image')} below it"


def _stale(given: argparse.Namespace) -> int:
    from dockyard.images.stale import findings

    graph = _read(given, engine=True)
    tree = Tree(graph)
    found = findings(tree)
    if given.images:
        keys = {node.key for text in given.images for node in tree.find(text)}
        found = [one for one in found if one.image in keys]
    if given.json:
        import msgspec

        print(msgspec.json.encode(found).decode())
    else:
        _tell(found, given.quiet)
        _note_flaws(graph)
    bad = (State.STALE, State.UNKNOWN) if given.strict else (State.STALE,)
    return 1 if any(one.state in bad for one in found) or (given.strict and graph.flaws) else 0


def _tell(found: list[Finding], quiet: bool) -> None:
    order = {State.STALE: 0, State.UNKNOWN: 1, State.CURRENT: 2}
    for one in sorted(found, key=lambda one: (order[one.state], one.image)):
        if not quiet or one.state is State.STALE:
            _print(f"{one.state:<8} {one.image}: {one.why}")
    counts = [sum(one.state is state for one in found) for state in order]
    print(f"{counts[0]} stale, {counts[1]} unknown, {counts[2]} current")


def _plan(given: argparse.Namespace) -> int:
    from dockyard.images.plan import plan

    name, _, digest = given.changed.partition("=")
    tree = Tree(_read(given))
    nodes = [node for node in tree.find(name) if not given.platform or node.platform in given.platform]
    wave = plan(tree, [node.key for node in nodes], _policies(given), digest=digest)
    if given.json:
        import msgspec

        print(msgspec.json.encode(wave).decode())
        return 0
    for line in _planned(wave, given.quiet):
        _print(line)
    _note_flaws(tree.graph)
    return 0


def _planned(wave: Wave, quiet: bool) -> list[str]:
    now = [step for step in wave.steps if step.action is not Action.LATER]
    later = len(wave.steps) - len(now)
    rebased = sum(step.action is Action.REBASE for step in now)
    what = count(len(now) - rebased, "build") + (f" and {count(rebased, 'rebase')}" if rebased else "")
    levels = count(max((step.level for step in now), default=0), "level")
    lines = [f"{what} in {levels}, {later} at their next build, {len(wave.held)} not reached"]
    if not quiet:
        for step in wave.steps:
            cost = "" if step.action is Action.LATER else f"  {_estimate(step.seconds, step.bytes)}"
            lines.append(f"{step.level:>3}  {step.action:<7} {step.image}: {step.why}{cost}")
        lines += [f"  -  not     {one.image}: {one.why}" for one in wave.held]
        for one in wave.publish:
            if len(one.platforms) + len(one.kept) > 1:
                kept = f", with {' and '.join(one.kept)} as it is" if one.kept else ""
                lines.append(f"tag moves once: {one.name} when {' and '.join(one.platforms)} are done{kept}")
    if now:
        unknown = f"; of {wave.unknown} nothing is known" if wave.unknown else ""
        lines.append(
            f"known: {wave.seconds:.0f} s of building, {wave.critical:.0f} s on the longest chain, {wave.bytes / 1e6:.0f} MB{unknown}"
        )
    return lines


def _estimate(seconds: float | None, size: int | None) -> str:
    return f"[{f'{seconds:.0f} s' if seconds is not None else 'time unknown'}, {f'{size / 1e6:.0f} MB' if size is not None else 'size unknown'}]"


def _policies(given: argparse.Namespace) -> Any:
    import msgspec

    from dockyard.images import policies

    found = policies.load(Path(os.getcwd()) / "dockyard.toml")
    if given.policy:
        found = msgspec.structs.replace(found, default=policies.Policy(given.policy))
    rules = list(found.rules)
    for text in given.edge_policy:
        edge, _, policy = text.rpartition("=")
        try:
            rules.append(policies.rule(edge, policy))
        except ValueError as error:
            hint = f"PARENT=POLICY or CHILD<PARENT=POLICY, with one of {', '.join(policies.Policy)}"
            raise UserError(Problem(f"{text!r} is no policy of an edge", path="--edge-policy", hint=hint)) from error
    return msgspec.structs.replace(found, rules=tuple(rules))


def _read(given: argparse.Namespace, *, engine: bool = False) -> Graph:
    """The graph of `--graph`, else of a scan. `engine`: without one there is no answer, unless the document has one."""
    if not given.graph:
        return _scanned(given, engine=engine)[0]
    from dockyard.images import document

    try:
        data = sys.stdin.buffer.read() if given.graph == "-" else Path(given.graph).read_bytes()
    except OSError as error:
        raise UserError(Problem(f"{given.graph} can't be read: {error.strerror}", path="--graph")) from error
    return document.read(data, given.graph)


def _scanned(given: argparse.Namespace, *, engine: bool = False) -> tuple[Graph, Counts]:
    import msgspec

    from dockyard.images import policies, scan
    from dockyard.model.lineage import Flaw

    cwd = os.getcwd()
    names = policies.load(Path(cwd) / "dockyard.toml").names
    found = scan.scan(given.paths, cwd, os.environ, _world(given), names)
    problems = found.grown.problems
    if problems and not given.keep_going:
        raise UserError(*problems)
    graph = msgspec.structs.replace(
        found.grown.graph, flaws=tuple(Flaw(what=one.what, at=one.at, hint=one.hint) for one in problems)
    )
    return _with_engine(given, graph, engine), (found.dockerfiles, found.composes, found.bakes)


def _with_engine(given: argparse.Namespace, graph: Graph, needed: bool) -> Graph:
    if given.no_engine and needed:
        raise UserError(
            Problem("what is stale is seen by what an engine has", path="--no-engine", hint="leave it out, or give a --graph")
        )
    if given.no_engine:
        return graph
    from dockyard.images import engine_images, observe

    try:
        images = asyncio.run(engine_images.look(os.environ, host=given.host, context=given.context))
    except (Retry, Fatal):
        if needed or given.host or given.context:
            raise
        print("note: no engine answers, so what one has is not in it", file=sys.stderr)
        return graph
    return observe.merge(graph, images)


def _world(given: argparse.Namespace) -> Any:
    from dockyard.images import grow, platforms

    here = platforms.normal("linux", os.uname().machine, "")
    wanted: list[platforms.Platform] = []
    for text in given.platform:
        try:
            wanted.append(platforms.parse(text, here))
        except ValueError as error:
            raise UserError(Problem(str(error), path="--platform", hint="for example linux/arm64")) from error
    args: dict[str, str] = {}
    for text in given.build_arg:
        name, equals, value = text.partition("=")
        args[name] = value if equals else os.environ.get(name, "")
    return grow.World(platforms=tuple(wanted) or (here,), build_platform=here, args=args)


def _note_flaws(graph: Graph) -> None:
    if graph.flaws:
        print(f"note: {count(len(graph.flaws), 'place')} could not be read and is missing here:", file=sys.stderr)
        for flaw in graph.flaws:
            print(printable(f"  {f'{flaw.at}: ' if flaw.at else ''}{flaw.what}"), file=sys.stderr)


def _write(path: str, data: bytes) -> None:
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise UserError(Problem(f"{path} can't be written: {error.strerror}", path="--output")) from error


def _print(text: str) -> None:
    print("\n".join(printable(line) for line in text.split("\n")))
