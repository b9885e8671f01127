"""Whether the parts of an application fit together: references, exclusive fields, cycles. Reports every misfit."""

from __future__ import annotations

from collections.abc import Iterable

from dockyard.compose.schema import suggest
from dockyard.compose.tree import Report
from dockyard.model.application import Application
from dockyard.model.errors import Location, Problem
from dockyard.model.service import Service


def check(app: Application, report: Report) -> None:
    """Active services only; secrets all."""
    _Check(app, report).run()


class _Check:
    def __init__(self, app: Application, report: Report) -> None:
        self.app = app
        self.report = report

    def run(self) -> None:
        for name, service in self.app.services.items():
            self.source(name, service)
            self.build(name, service)
            self.networks(name, service)
            self.references(name, service)
            self.dependencies(name, service)
            self.numbers(name, service)
            self.mounts(name, service)
        for name, secret in self.app.secrets.items():
            if not secret.external and not secret.file and not secret.environment and secret.content is None:
                self.add(f"secrets.{name}", "must declare either 'file' or 'environment'")
        self.container_names()
        self.cycles()

    def add(self, path: str, what: str, hint: str = "", at: Location | None = None) -> None:
        self.report.take(Problem(what, at or self.app.locate(path), path, hint))

    def source(self, name: str, service: Service) -> None:
        if service.build is None and not service.image and service.provider is None:
            if not self.report.touches(f"services.{name}"):
                self.add(f"services.{name}", "has neither an image nor a build context", "add image: or build:")
        test = service.healthcheck.test if service.healthcheck else ()
        if test and test[0] not in ("CMD", "CMD-SHELL", "NONE"):
            path = f"services.{name}.healthcheck.test"
            self.add(path, "must start either by CMD, CMD-SHELL or NONE", f"CMD-SHELL runs text in a shell: {list(test)}")
        for index, watch in enumerate(service.develop.watch if service.develop else ()):
            if not watch.target and watch.action not in ("rebuild", "restart"):
                self.add(f"services.{name}.develop.watch[{index}]", "target is required for non-rebuild actions")
            if not watch.path:
                self.add(f"services.{name}.develop.watch[{index}].path", "must not be empty")

    def build(self, name: str, service: Service) -> None:
        build, path = service.build, f"services.{name}.build"
        if build is None:
            return
        if build.dockerfile and build.dockerfile_inline:
            self.add(f"{path}.dockerfile_inline", "dockerfile and dockerfile_inline exclude each other")
        for context, value in build.additional_contexts.items():
            if not value.startswith("service:"):
                continue
            other = value.removeprefix("service:")
            below = f"{path}.additional_contexts.{context}"
            if (found := self.app.services.get(other)) is None:
                self.add(below, f"unknown service '{other}'", suggest(other, self.app.services))
            elif found.build is None:
                self.add(below, f"the service '{other}' is not built")
        if build.platforms and service.platform and service.platform not in build.platforms:
            self.add(f"{path}.platforms", f"must include the service's platform {service.platform!r}")
        self.defined([s.source for s in build.secrets], self.app.secrets, f"{path}.secrets", "secret")

    def networks(self, name: str, service: Service) -> None:
        path = f"services.{name}"
        if service.network_mode and service.networks:
            self.add(f"{path}.network_mode", "network_mode and networks exclude each other")
        for network in service.networks:
            if network not in self.app.networks:
                self.undefined(f"{path}.networks.{network}", "network", network, self.app.networks)

    def references(self, name: str, service: Service) -> None:
        path = f"services.{name}"
        for index, mount in enumerate(service.volumes):
            if mount.type == "volume" and mount.source and mount.source not in self.app.volumes:
                where = f"{path}.volumes[{index}]"
                self.undefined(where, "volume", mount.source, self.app.volumes)
        self.defined([c.source for c in service.configs], self.app.configs, f"{path}.configs", "config")
        self.defined([s.source for s in service.secrets], self.app.secrets, f"{path}.secrets", "secret")
        for model in service.models:
            if model not in self.app.models:
                self.undefined(f"{path}.models.{model}", "model", model, self.app.models)

    def defined(self, names: Iterable[str], known: Iterable[str], path: str, kind: str) -> None:
        for index, name in enumerate(names):
            if name not in known:
                self.undefined(f"{path}[{index}]", kind, name, known)

    def undefined(self, path: str, kind: str, name: str, known: Iterable[str]) -> None:
        hint = suggest(name, known) or f"add it under {kind}s: at the top"
        self.add(path, f"undefined {kind} '{name}'", hint)

    def dependencies(self, name: str, service: Service) -> None:
        for other, dependency in service.depends_on.items():
            path = f"services.{name}.depends_on.{other}"
            if other in self.app.services:
                continue
            if (disabled := self.app.disabled.get(other)) is None:
                self.add(path, f"undefined service '{other}'", suggest(other, self.app.services))
            elif dependency.required:
                profiles = ", ".join(disabled.profiles)
                self.add(path, f"the service '{other}' is needed but off", f"switch on one of its profiles: {profiles}")

    def numbers(self, name: str, service: Service) -> None:
        path, deploy = f"services.{name}", service.deploy
        if service.scale is not None and service.scale < 0:
            self.add(f"{path}.scale", "must be greater than or equal to 0")
        if deploy is not None and deploy.replicas is not None:
            if deploy.replicas < 0:
                self.add(f"{path}.deploy.replicas", "must be greater than or equal to 0")
            if service.scale is not None and service.scale != deploy.replicas:
                self.add(f"{path}.scale", "scale and deploy.replicas say different things")
        limits = deploy.resources.limits if deploy else None
        reserved = deploy.resources.reservations if deploy else None
        for field, value, other, where in (
            ("cpus", service.cpus, limits and limits.cpus, "limits.cpus"),
            ("mem_limit", service.mem_limit, limits and limits.memory, "limits.memory"),
            ("mem_reservation", service.mem_reservation, reserved and reserved.memory, "reservations.memory"),
            ("pids_limit", service.pids_limit, limits and limits.pids, "limits.pids"),
        ):
            if value and other is not None and other != value:
                self.add(f"{path}.{field}", f"{field} and deploy.resources.{where} say different things")
        if service.replicas > 1 and service.container_name:
            self.add(f"{path}.container_name", f"{service.replicas} containers can't have one name")

    def mounts(self, name: str, service: Service) -> None:
        seen: dict[str, str] = {}
        targets = [(f"tmpfs[{i}]", one.partition(":")[0]) for i, one in enumerate(service.tmpfs)]
        targets += [(f"volumes[{i}]", one.target) for i, one in enumerate(service.volumes)]
        for where, target in targets:
            path = f"services.{name}.{where}"
            if target in seen:
                self.add(path, f"target {target} is already mounted as {seen[target]}")
            seen[target] = path
            if target[1:3] == ":/" and target[0].isalpha():
                self.report.warn(f"{path}: {target} is read as a path with a drive; a volume's name needs two letters or more")

    def container_names(self) -> None:
        owners: dict[str, str] = {}
        for name, service in self.app.services.items():
            if not service.container_name:
                continue
            if service.container_name in owners:
                other = owners[service.container_name]
                path = f"services.{name}.container_name"
                self.add(path, f"the name {service.container_name!r} is already taken by the service '{other}'")
            owners[service.container_name] = name

    def cycles(self) -> None:
        """One problem for each ring of services that wait for each other."""
        graph = {name: [d for d in s.depends_on if d in self.app.services] for name, s in self.app.services.items()}
        done: set[str] = set()
        for start in graph:
            trail: list[str] = []
            stack = [(start, iter(graph[start]))] if start not in done else []
            trail.extend(name for name, _ in stack)
            while stack:
                name, rest = stack[-1]
                following = next(rest, None)
                if following is None:
                    done.add(name)
                    stack.pop()
                    trail.pop()
                elif following in trail:
                    ring = [*trail[trail.index(following) :], following]
                    path = f"services.{name}.depends_on.{following}"
                    self.add(path, f"dependency cycle: {' -> '.join(ring)}")
                elif following not in done:
                    stack.append((following, iter(graph[following])))
                    trail.append(following)
