"""Files into one tree: parse, interpolate, extend, include, merge, check, lengthen - in Compose's order.

`Reader.model` is what a set of `-f` files gives, and what each `include` gives. Paths in the result are absolute. The
result is not normalised yet, and is full of marks. Problems gather in the report; what is wrong is taken out of the
tree, so that the rest can still be looked at.
"""

from __future__ import annotations

import os.path
import posixpath
from collections.abc import Callable, Sequence
from typing import Any

from dockyard.compose import canonical, document, normalize, override, paths, schema, validation
from dockyard.compose.asked import Asked
from dockyard.compose.discover import read_env_files
from dockyard.compose.document import Limits
from dockyard.compose.files import Files
from dockyard.compose.interpolate import interpolate
from dockyard.compose.paths import Base, join
from dockyard.compose.tree import Map, Mark, Path, Report, Seq, clone, is_map, path_text
from dockyard.model.errors import Location, Problem, UserError

_REMOTE = ("https://", "http://", "git://", "ssh://", "git@", "github.com/", "oci://")
_IMPORTED = ("services", "volumes", "networks", "secrets", "configs", "models")


class Scope:
    """What a set of files is read with: its folder and variables; `chain` are the files that led here."""

    def __init__(self, directory: str, env: Asked, chain: tuple[str, ...] = ()) -> None:
        self.directory = directory
        self.env = env
        self.chain = chain


class Reader:
    """Reads files. One per load: files and bytes are counted over all that it includes."""

    def __init__(
        self, files: Files, limits: Limits, report: Report, *, cwd: str, home: str | None, stdin: Callable[[], bytes]
    ) -> None:
        self.files = files
        self.limits = limits
        self.report = report
        self.cwd = cwd
        self.home = home
        self.stdin = stdin
        self.raw = False
        self.uses = 0
        self.documents: dict[str, list[document.Document]] = {}
        self.bases: dict[tuple[str, int], tuple[Any, tuple[Path, ...]]] = {}

    def model(self, names: Sequence[str], scope: Scope) -> Map:
        """The merged tree of the files, in long forms, with defaults, checked, and with absolute paths."""
        tree = Map()
        for name in names:
            self.add(tree, name, scope)
        canonical.fill(tree, self.report)
        validation.check(tree, self.report)
        paths.resolve(tree, Base(scope.directory, self.home), self.report)
        if not self.raw:
            normalize.resolve_lists(tree, scope.env)
        return tree

    def documents_of(self, path: str) -> list[document.Document]:
        """A file's documents, parsed once; not to be changed."""
        if path not in self.documents:
            self.documents[path] = document.parse(self.show(path), self.bytes(path), self.limits)
        return self.documents[path]

    def parse(self, path: str) -> list[document.Document]:
        """A file's documents, for one use. Uses are counted: includes could multiply."""
        self.uses += 1
        if self.uses > self.limits.files:
            raise UserError(Problem(f"more than {self.limits.files} files belong to this application"))
        return [document.Document(clone(one.value), one.resets) for one in self.documents_of(path)]

    def bytes(self, path: str) -> bytes:
        if path == "-":
            return self.stdin()
        try:
            return self.files.read(path, self.limits.file_bytes)
        except OSError as error:
            raise UserError(Problem(f"cannot read the file: {error.strerror or error}", Location(self.show(path)))) from error

    def show(self, path: str) -> str:
        """A path as messages show it: relative where it is below the working directory."""
        if path == "-":
            return "-"
        relative = os.path.relpath(path, self.cwd)
        return path if relative.startswith("..") else relative

    def add(self, tree: Map, path: str, scope: Scope) -> None:
        """One file (all its documents) on top of what is there."""
        for one in self.parse(path):
            if not isinstance(one.value, Map):
                self.report.add("the top of a Compose file must be a mapping", (self.show(path), 1, 1))
                continue
            content = one.value
            if not self.raw:
                interpolate(content, scope.env.get, self.report)
            self.extend_all(content, path, scope, one.resets)
            take_out(tree, one.resets)
            self.include_all(content, path, scope)
            override.merge(tree, content, self.report)
            override.enforce_unicity(tree)
            self.check_shape(tree)
            if "version" in tree:
                self.report.warn(f"{self.show(path)}: the attribute `version` is obsolete and ignored; please remove it")
                tree.drop("version")
            canonical.lengthen(tree, self.report, tolerant=self.raw)
            override.enforce_unicity(tree, self.report)

    def check_shape(self, tree: Map) -> None:
        found = Report()
        schema.check(tree, found)
        self.report.take(*found.problems)
        _remove(tree, found.paths)

    def extend_all(self, content: Map, path: str, scope: Scope, resets: tuple[Path, ...]) -> None:
        services = content.get("services")
        if isinstance(services, Map):
            for name in list(services):
                services[name] = self.extended(name, services, path, scope, (), resets)

    def extended(
        self, name: str, services: Map, path: str, scope: Scope, chain: tuple[tuple[str, str], ...], resets: tuple[Path, ...]
    ) -> Any:
        """A service with all that it `extends` in it."""
        service = services[name]
        if not isinstance(service, Map) or "extends" not in service:
            return service
        mark, where = service.at.get("extends"), ("services", name, "extends")
        given = service["extends"]
        wanted = given if isinstance(given, Map) else {"service": given}
        ref, file = wanted.get("service"), wanted.get("file")
        if not isinstance(ref, str) or not isinstance(file, str | None):
            return service
        if (path, name) in chain:
            ring = " -> ".join(one for _, one in [*chain[chain.index((path, name)) :], (path, name)])
            self.report.add(f"extends goes in a circle: {ring}", mark, where)
            service.drop("extends")
            return service
        base_services, base_path, base_resets = services, path, resets
        if file is not None:
            base_path = join(scope.directory, file) if file[:1] != "/" else file
            found = self.base_file(file, base_path, scope, mark, where)
            if found is None:
                service.drop("extends")
                return service
            base_services, base_resets = found
        if ref not in base_services:
            hint = schema.suggest(ref, base_services)
            inside = f" in {self.show(base_path)}" if file is not None else ""
            self.report.add(f"cannot extend '{ref}': no such service{inside}", mark, where, hint)
            service.drop("extends")
            return service
        base = self.extended(ref, base_services, base_path, scope, (*chain, (path, name)), base_resets)
        if not isinstance(base, Map):
            service.drop("extends")
            return service
        source = clone(base)
        take_out({"services": {name: source}}, resets)
        merged = override.extend(source, service, name, self.report)
        merged.drop("extends")
        services[name] = merged
        return merged

    def base_file(
        self, file: str, path: str, scope: Scope, mark: Mark | None, where: Path
    ) -> tuple[Map, tuple[Path, ...]] | None:
        """The services of a file that is extended: read by themselves, in long forms, paths absolute."""
        if not self.may_read(file, path, mark, where):
            return None
        key = (path, id(scope.env))
        if key not in self.bases:
            tree, resets = Map(), tuple[Path, ...]()
            for one in self.parse(path):
                if isinstance(one.value, Map):
                    if not self.raw:
                        interpolate(one.value, scope.env.get, self.report)
                    take_out(tree, one.resets)
                    override.merge(tree, one.value, self.report)
                    override.enforce_unicity(tree)
                    canonical.lengthen(tree, self.report, tolerant=self.raw)
                    override.enforce_unicity(tree)
                    resets = one.resets
            paths.resolve(tree, Base(posixpath.dirname(path), self.home), self.report)
            self.bases[key] = (tree.get("services"), resets)
        services, resets = self.bases[key]
        if not isinstance(services, Map):
            self.report.add(f"cannot extend from {self.show(path)}: it has no services", mark, where)
            return None
        return services, resets

    def may_read(self, written: str, path: str, mark: Mark | None, where: Path) -> bool:
        if written.startswith(_REMOTE):
            self.report.add(f"{written} is not on this machine: remote files are not read", mark, where)
            return False
        if not self.files.is_file(path):
            self.report.add(f"no such file: {self.show(path)}", mark, where)
            return False
        return True

    def include_all(self, content: Map, path: str, scope: Scope) -> None:
        entries = content.get("include")
        content.drop("include")
        if entries is None:
            return
        if not isinstance(entries, Seq):
            self.report.add("include must be a list", content.mark, "include")
            return
        for index, (entry, mark) in enumerate(list(entries.pairs())):
            where = ("include", index)
            if isinstance(entry, Map):
                for key in [key for key, value in entry.items() if value is None]:
                    entry.drop(key)
            before = len(self.report.problems)
            kinds = schema.compose_schema()["definitions"]
            schema.check_against({**kinds["include"], "definitions": kinds}, entry, where, mark, self.report)
            if len(self.report.problems) == before:
                imported = self.included(entry, mark, where, path, scope)
                if imported is not None:
                    self.import_into(content, imported, mark, where)

    def included(self, entry: Any, mark: Mark | None, where: Path, path: str, scope: Scope) -> Map | None:
        entry = {"path": entry} if isinstance(entry, str) else entry
        written = _listed(entry.get("path"))
        files = [one if one[:1] == "/" else join(scope.directory, one) for one in written]
        if not files or not all(self.may_read(one, file, mark, where) for one, file in zip(written, files, strict=True)):
            return None
        chain = (*scope.chain, path)
        if files[0] in chain:
            ring = " -> ".join(self.show(one) for one in [*chain[chain.index(files[0]) :], files[0]])
            self.report.add(f"include goes in a circle: {ring}", mark, where)
            return None
        directory = entry.get("project_directory") or posixpath.dirname(files[0])
        directory = directory if directory[:1] == "/" else join(scope.directory, directory)
        env_files = [one if one[:1] == "/" else join(scope.directory, one) for one in _listed(entry.get("env_file"))]
        if not env_files and self.files.is_file(join(directory, ".env")):
            env_files = [join(directory, ".env")]
        for one in env_files:
            if not self.files.is_file(one) and one != "/dev/null":
                self.report.add(f"no such env file: {self.show(one)}", mark, where)
                return None
        env = scope.env.above(read_env_files(env_files, scope.env, self.files, self.limits))
        if not self.files.is_directory(directory):
            directory = posixpath.dirname(directory)  # as Compose does: what isn't there is taken for a file's name
        return self.model(files, Scope(directory, env, chain))

    def import_into(self, content: Map, imported: Map, mark: Mark | None, where: Path) -> None:
        for kind in _IMPORTED:
            source = imported.get(kind)
            if not isinstance(source, Map):
                continue
            if kind not in content:
                content.put(kind, Map(mark), mark)
            if not isinstance(content[kind], Map):
                self.report.add(f"{kind} must be a mapping", content.at.get(kind), kind)
                continue
            target = content[kind]
            for name, value in source.items():
                if name not in target:
                    target.put(name, value, source.at.get(name))
                elif target[name] != value:
                    first = target.at.get(name)
                    at = f" ({first[0]}:{first[1]})" if first else ""
                    what = f"{path_text((kind, name))} is in the included file and elsewhere{at}, and they differ"
                    self.report.add(what, mark, where, "override it in a file given by -f, not in the one that includes")


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def take_out(tree: Any, resets: Sequence[Path]) -> None:
    """Removes what `!reset` and `!override` name."""
    for path in resets:
        node = tree
        for part in path[:-1]:
            node = node.get(str(part)) if is_map(node) else None
        if isinstance(node, Map):
            node.drop(str(path[-1]))
        elif is_map(node) and path:
            node.pop(str(path[-1]), None)


def _remove(tree: Map, paths: Sequence[Path]) -> None:
    """Takes wrong values out of the tree."""
    items: dict[int, tuple[Seq, set[int]]] = {}
    for path in paths:
        node: Any = tree
        for part in path[:-1]:
            node = _below(node, part)
        if not path:
            tree.clear()
        elif isinstance(node, Map):
            node.drop(str(path[-1]))
        elif isinstance(node, Seq) and isinstance(path[-1], int):
            items.setdefault(id(node), (node, set()))[1].add(path[-1])
    for listed, indexes in items.values():
        for index in sorted(indexes, reverse=True):
            del listed[index], listed.at[index]


def _below(node: Any, part: str | int) -> Any:
    if is_map(node):
        return node.get(str(part))
    if isinstance(node, Seq) and isinstance(part, int) and part < len(node):
        return node[part]
    return None
