"""`load`: Compose files into an `Application`, exactly as `docker compose` 2.40 reads them.

The steps, each a module: find the files and variables (`discover`), read them into one tree (`reader`), normalise it,
bind it to the model, switch profiles, check that it fits together, read env files. All problems of a file come at once,
as one UserError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from dockyard.compose import consistency, discover, extension, normalize, variables
from dockyard.compose.bind import Binder, plain
from dockyard.compose.document import Limits
from dockyard.compose.files import Disk, Files
from dockyard.compose.reader import Reader, Scope
from dockyard.compose.sources import TreeSources
from dockyard.compose.template import substitute
from dockyard.compose.tree import Map, Report, is_list, is_map
from dockyard.model.application import Application, FileObject, Model, Network, Volume
from dockyard.model.errors import Problem, UserError
from dockyard.model.service import Service

TEST_PROFILE = "test"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to load. Paths may be relative to `cwd`, which is absolute.

    `services` are targets: their profiles are switched on. `for_test` (for `test` and `plan`) switches the profile
    `test` on and prefers docker-compose.test.yml. `name` is Compose's `-p`.
    """

    cwd: str
    files: Sequence[str] = ()
    project_directory: str | None = None
    name: str | None = None
    profiles: Sequence[str] = ()
    env_files: Sequence[str] = ()
    services: Sequence[str] = ()
    for_test: bool = False
    limits: Limits = Limits()


def load(
    files: Sequence[str] | None,
    env: Mapping[str, str],
    *,
    cwd: str,
    project_directory: str | None = None,
    project_name: str | None = None,
    profiles: Sequence[str] = (),
    env_files: Sequence[str] = (),
    services: Sequence[str] = (),
    for_test: bool = False,
    stdin: Callable[[], bytes] | None = None,
    reader: Files | None = None,
    limits: Limits | None = None,
) -> Application:
    """The application. UserError with every problem that was found, in file order.

    `env` is the whole environment (COMPOSE_FILE, COMPOSE_PROFILES and their kin count); `stdin` gives what `-f -`
    reads; `reader` is where bytes come from (the disk, unless given).
    """
    request = Request(
        cwd=cwd,
        files=files or (),
        project_directory=project_directory,
        name=project_name,
        profiles=profiles,
        env_files=env_files,
        services=services,
        for_test=for_test,
        limits=limits or Limits(),
    )
    return Loading(request, env, reader or Disk(), stdin or _no_stdin).application()


def _no_stdin() -> bytes:
    raise UserError("nothing can be read from standard input here")


class Loading:
    """One load: the request, and what it has found so far."""

    def __init__(self, request: Request, env: Mapping[str, str], files: Files, stdin: Callable[[], bytes]) -> None:
        self.request = request
        self.files = files
        self.report = Report()
        wanted = discover.Wanted(
            files=request.files,
            cwd=request.cwd,
            project_directory=request.project_directory,
            env_files=request.env_files,
            for_test=request.for_test,
        )
        self.found = discover.discover(wanted, env, files, request.limits, self.report)
        self.env = self.found.env
        home = self.env.quietly("HOME")
        self.reader = Reader(files, request.limits, self.report, cwd=request.cwd, home=home, stdin=_once(stdin))

    def application(self) -> Application:
        """The whole pipeline."""
        tree = self.tree()
        name = str(tree["name"])
        normalize.normalize(tree, self.env)
        app = self.bound(tree, name)
        app = self.switched(app)
        consistency.check(app, self.report)
        app = variables.resolve(app, self.files, self.request.limits, self.report)
        self.finish()
        warnings, asked = tuple(self.report.warnings), frozenset(self.env.names)
        return msgspec.structs.replace(app, environment=dict(self.env), asked=asked, warnings=warnings)

    def tree(self, *, raw: bool = False) -> Map:
        """The merged tree with the project's name; `raw` leaves variables as they are written."""
        self.reader.raw = raw
        try:
            name = self.project_name(raw)
            self.env["COMPOSE_PROJECT_NAME"] = name
            tree = self.reader.model(self.found.files, Scope(self.found.directory, self.env))
        except UserError as error:
            self.report.take(*error.problems)
            self.finish()
            raise
        if not tree:
            if not self.report.problems:
                self.report.add("this Compose file is empty", (self.reader.show(self.found.files[0]), 1, 1))
            self.finish()
        elif not name:
            self.report.add("the project's name is empty", hint="-p gives one, or name: in the file")
        tree.put("name", name, tree.at.get("name"))
        return tree

    def written(self) -> Map:
        """The normalised tree with its variables as they are written."""
        tree = self.tree(raw=True)
        normalize.normalize(tree, None)
        self.finish()
        return tree

    def finish(self) -> None:
        """Raises what has gathered, in file order."""
        if self.report.problems:
            shown = [self.reader.show(path) for path in self.found.files]

            def place(problem: Problem) -> tuple[int, str, int, int]:
                if problem.at is None:
                    return (len(shown) + 1, "", 0, 0)
                rank = shown.index(problem.at.file) if problem.at.file in shown else len(shown)
                return (rank, problem.at.file, problem.at.line, problem.at.column)

            raise UserError(*sorted(self.report.problems, key=place))

    def project_name(self, raw: bool) -> str:
        """-p, else COMPOSE_PROJECT_NAME, else the last `name:` of the files, else the folder's name."""
        given = self.request.name or self.env.get("COMPOSE_PROJECT_NAME")
        if given:
            if discover.normal_name(given) != given:
                what = f"invalid project name {given!r}"
                hint = "lower case letters, digits, '-' and '_', and a letter or digit first"
                raise UserError(Problem(what, hint=hint))
            return given
        written = ""
        for path in self.found.files:
            for one in self.reader.documents_of(path):
                if isinstance(one.value, Map) and isinstance(one.value.get("name"), str):
                    written = one.value["name"] or written
        if not written:
            return discover.normal_name(self.found.directory.rsplit("/", 1)[-1])
        if not raw:
            try:
                written = substitute(written, self.env.get)
            except ValueError as error:
                self.report.add(str(error), path="name")
                return "name"
        return discover.normal_name(written)

    def bound(self, tree: Map, name: str) -> Application:
        binder = Binder(self.report)
        kinds: dict[str, Any] = {
            "networks": Network,
            "volumes": Volume,
            "secrets": FileObject,
            "configs": FileObject,
            "models": Model,
        }
        parts: dict[str, Any] = {
            key: {one: self.part(binder, kind, item, (key, one)) for one, item in _sorted(tree.get(key))}
            for key, kind in kinds.items()
        }
        services = {
            one: _replicated(binder.struct(Service, item, ("services", one))) for one, item in _sorted(tree.get("services"))
        }
        spoken = {
            one: said
            for one, item in _sorted(tree.get("services"))
            if isinstance(item, Map) and (said := extension.read_service(item, one, self.report)) is not None
        }
        top = extension.read_top(tree, self.report)
        for index, test in enumerate(top.test or ()):
            if test not in services:
                self.undefined_test(tree, test, index, list(services))
        return Application(
            name=name,
            services=services,
            extensions={key: plain(value) for key, value in tree.items() if key.startswith("x-")},
            project_directory=self.found.directory,
            environment=self.env,
            dockyard=top,
            dockyard_services=spoken,
            sources=TreeSources(tuple(map(self.reader.show, self.found.files)), tree),
            **parts,
        )

    def undefined_test(self, tree: Map, test: str, index: int, services: list[str]) -> None:
        from dockyard.compose.schema import suggest
        from dockyard.compose.tree import child_mark

        said = tree[extension.KEY]
        at = child_mark(said["test"], index) if is_list(said["test"]) else child_mark(said, "test")
        self.report.add(f"undefined service '{test}'", at, (extension.KEY, "test"), suggest(test, services))

    def part(self, binder: Binder, kind: Any, item: Any, path: tuple[str, str]) -> Any:
        made = binder.struct(kind, item, path)
        if isinstance(item, Map) and "#content" in item and isinstance(made, FileObject):
            return msgspec.structs.replace(made, content=str(item["#content"]))
        return made

    def switched(self, app: Application) -> Application:
        """Services that no active profile wants are set aside."""
        profiles = list(self.request.profiles) or [p.strip() for p in self.env.get("COMPOSE_PROFILES", "").split(",")]
        active = [profile for profile in profiles if profile]
        if self.request.for_test and TEST_PROFILE not in active:
            active.append(TEST_PROFILE)
        for name in self.request.services:
            if name in app.services:
                active += [one for one in app.services[name].profiles[:1] if not _wanted(app.services[name], active)]
            else:
                from dockyard.compose.schema import suggest

                self.report.add(f"no such service: {name}", hint=suggest(name, app.services))
        enabled = {name: s for name, s in app.services.items() if _wanted(s, active)}
        disabled = {name: s for name, s in app.services.items() if name not in enabled}
        return msgspec.structs.replace(app, services=enabled, disabled=disabled, profiles=tuple(active))


def _replicated(service: Service) -> Service:
    """`scale` is said by `deploy.replicas` too, where there is a `deploy` that doesn't say it."""
    if service.scale is None or service.deploy is None or service.deploy.replicas is not None:
        return service
    return msgspec.structs.replace(service, deploy=msgspec.structs.replace(service.deploy, replicas=service.scale))


def _wanted(service: Service, profiles: Sequence[str]) -> bool:
    return not service.profiles or "*" in profiles or any(profile in service.profiles for profile in profiles)


def _sorted(value: Any) -> list[tuple[str, Any]]:
    return sorted(value.items()) if is_map(value) else []


def _once(stdin: Callable[[], bytes]) -> Callable[[], bytes]:
    """Standard input can be read only once, but the same file may be asked for again."""
    kept: list[bytes] = []

    def read() -> bytes:
        if not kept:
            kept.append(stdin())
        return kept[0]

    return read
