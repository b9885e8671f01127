"""An application -> the plan that brings it up and runs its tests. Pure: the same description gives the same plan.

Everything that doesn't depend on readiness has no need but what it is made of (image, network, volume); only a service's own process
waits, behind its gate, for its conditions. So containers are created and started while others still become ready. A service that can't
take the gate is created early and started when its turn comes.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping

from dockyard.environments.choose import Choice, dependants, namespaces, volumes_from
from dockyard.model.application import Application
from dockyard.model.plan import Act, Instance, Plan, Role, Step
from dockyard.model.service import Service
from dockyard.model.sharing import together

_CONDITIONS = {
    "service_started": "has started",
    "service_healthy": "is ready",
    "service_completed_successfully": "has completed",
}


def decide(
    application: Application,
    choice: Choice,
    ungated: Mapping[str, str],
    *,
    exclusive: tuple[str, ...] = (),
    mates: bool = False,
    images: Mapping[str, tuple[str, ...]] | None = None,
    completes: Collection[str] = (),
) -> Plan:
    """`ungated`: by service, why it can't wait behind a gate. `exclusive`: what the engine says only one run may hold. `mates`: what
    shares something is made when the images of all that share it are known (what stands by is taken over together). `images`: by service,
    whose images must be known too before it is made. `completes`: what is done when it has ended, though nobody here waits for that."""
    return _Planner(application, choice, ungated, mates, images or {}, completes).plan(exclusive)


class _Planner:
    def __init__(
        self,
        application: Application,
        choice: Choice,
        ungated: Mapping[str, str],
        mates: bool,
        images: Mapping[str, tuple[str, ...]],
        completes: Collection[str],
    ) -> None:
        self.application = application
        self.choice = choice
        self.services = {name: application.services[name] for name in choice.services}
        self.images = images
        self.roles = _roles(self.services, choice, completes)
        self.keys = set(self.services)
        self.healthy_wanted = {
            name
            for service in self.services.values()
            for name, dependency in service.depends_on.items()
            if dependency.condition == "service_healthy"
        }
        self.instances = {name: self._instances_of(name, ungated.get(name, "")) for name in choice.services}
        everybody = [instance for instances in self.instances.values() for instance in instances]
        self.mates = together(application, everybody) if mates else {}
        self.service_of = {instance.key: instance.service for instance in everybody}
        self.optional = _optional(self.services)
        self.above_tests = dependants(application, choice.tests)

    def plan(self, exclusive: tuple[str, ...]) -> Plan:
        steps = [*self._networks(), *self._volumes(), *self._images()]
        for name in self._order():
            for instance in self.instances[name]:
                steps += self._steps_of(instance)
        return Plan(
            instances=tuple(i for name in self._order() for i in self.instances[name]),
            steps=tuple(steps),
            tests=tuple(i.key for name in self.choice.tests for i in self.instances[name]),
            exclusive=exclusive,
        )

    def _instances_of(self, name: str, ungated: str) -> tuple[Instance, ...]:
        service = self.services[name]
        if not ungated and not self.application.extension(name).gate:
            ungated = "x-dockyard says gate: never"
        return tuple(
            Instance(
                key=self._key(name, index),
                service=name,
                index=index,
                role=self.roles[name],
                gated=not ungated,
                ungated_because=ungated,
            )
            for index in range(1, service.replicas + 1)
        )

    def _key(self, name: str, index: int) -> str:
        """`web`, `web-2` …; what is somebody else's already gets one more dash."""
        if index == 1:
            return name
        key = next(key for dashes in itertools.count(1) if (key := f"{name}{'-' * dashes}{index}") not in self.keys)
        self.keys.add(key)
        return key

    def _order(self) -> list[str]:
        """Services with what they depend on before them, else in the file's order."""
        done: dict[str, None] = {}

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in done or name in path:
                return
            for below in self._below(name):
                visit(below, (*path, name))
            done[name] = None

        for name in self.services:
            if name not in self.choice.tests and name not in self.above_tests:
                visit(name, ())
        for name in self.services:
            visit(name, ())
        return list(done)

    def _below(self, name: str) -> list[str]:
        service = self.services[name]
        below = [*service.depends_on, *(link.split(":", 1)[0] for link in service.links)]
        below += [*namespaces(service).values(), *volumes_from(service)]
        return [b for b in dict.fromkeys(below) if b in self.services]

    def _networks(self) -> list[Step]:
        used: dict[str, list[str]] = {}
        for name, service in self.services.items():
            for network in service.networks:
                used.setdefault(network, []).append(name)
        return [
            Step(act=Act.NETWORK, subject=name, why=f"for {_listed(users)}")
            for name, users in used.items()
            if not self._external(self.application.networks, name)
        ]

    def _volumes(self) -> list[Step]:
        used: dict[str, list[str]] = {}
        for name, service in self.services.items():
            for mount in service.volumes:
                if mount.type == "volume" and mount.source:
                    used.setdefault(mount.source, []).append(name)
        return [
            Step(act=Act.VOLUME, subject=name, why=f"for {_listed(users)}")
            for name, users in used.items()
            if not self._external(self.application.volumes, name)
        ]

    @staticmethod
    def _external(objects: Mapping[str, object], name: str) -> bool:
        return bool(getattr(objects.get(name), "external", False))

    def _images(self) -> list[Step]:
        steps: dict[str, Step] = {}
        for name, service in self.services.items():
            if service.provider is not None or not self.instances[name]:
                continue
            step = self._image_step(name, service)
            steps.setdefault(step.id, step)
        return list(steps.values())

    def _image_step(self, name: str, service: Service) -> Step:
        if service.build is None:
            return Step(act=Act.PULL, subject=image_subject(service), why=f"the image of {name}")
        name = built_by(self.services, name)
        bases = [
            f"{Act.BUILD} {context.removeprefix('service:')}"
            for context in service.build.additional_contexts.values()
            if context.startswith("service:")
        ]
        return Step(act=Act.BUILD, subject=name, needs=tuple(bases), why=f"{name} is built from {service.build.context}")

    def image_need(self, name: str) -> str:
        return self._image_step(name, self.services[name]).id

    def _steps_of(self, instance: Instance) -> list[Step]:
        service = self.services[instance.service]
        optional = instance.service in self.optional
        conditions = self._conditions(instance)
        create = Step(
            act=Act.CREATE, subject=instance.key, needs=self._made_of(instance), optional=optional, why=self._why_there(instance)
        )
        joined = tuple(self._first(Act.START, target) for target in namespaces(service).values() if target in self.services)
        # a container is made while its networks still are; it is started on them
        joined += tuple(f"{Act.NETWORK} {n}" for n in service.networks if not self._external(self.application.networks, n))
        steps = [create]
        if instance.gated:
            steps.append(
                Step(act=Act.START, subject=instance.key, needs=(create.id, *joined), optional=optional, why="held at its gate")
            )
            begun = Step(
                act=Act.RELEASE,
                subject=instance.key,
                needs=(f"{Act.START} {instance.key}", *conditions.needs),
                after=conditions.after,
                optional=optional,
                why=conditions.why,
            )
        else:
            begun = Step(
                act=Act.START,
                subject=instance.key,
                needs=(create.id, *joined, *conditions.needs),
                after=conditions.after,
                optional=optional,
                why=f"{conditions.why}; no gate: {instance.ungated_because}",
            )
        steps.append(begun)
        last = begun.id
        if service.post_start:
            steps.append(Step(act=Act.HOOK, subject=instance.key, needs=(last,), optional=optional, why="post_start"))
            last = steps[-1].id
        if instance.role is Role.SERVICE or instance.service in self.healthy_wanted:
            steps.append(Step(act=Act.READY, subject=instance.key, needs=(last,), optional=optional))
        if instance.role is not Role.SERVICE:
            why = "a test" if instance.role is Role.TEST else "others wait for its end"
            steps.append(Step(act=Act.COMPLETE, subject=instance.key, needs=(last,), optional=optional, why=why))
        return steps

    def _made_of(self, instance: Instance) -> tuple[str, ...]:
        service = self.services[instance.service]
        needs = [self.image_need(instance.service)]
        needs += [
            f"{Act.VOLUME} {m.source}"
            for m in service.volumes
            if m.type == "volume" and m.source and not self._external(self.application.volumes, m.source)
        ]
        needs += [
            self._first(Act.CREATE, n) for n in (*namespaces(service).values(), *volumes_from(service)) if n in self.services
        ]
        mates = {self.service_of[key] for key in self.mates.get(instance.key, (instance.key,))}
        needs += sorted(
            self.image_need(name) for name in {*mates, *self.images.get(instance.service, ())} if name in self.services
        )
        if any(self.roles[name] is Role.TEST for name in mates):
            # DOCKYARD_SERVICE_* tell a test the ports that images expose
            needs += [self.image_need(n) for n in self.services if self.instances[n]]
        return tuple(dict.fromkeys(needs))

    def _first(self, act: Act, service: str) -> str:
        instances = self.instances[service]
        return f"{act} {instances[0].key}" if instances else ""

    def _why_there(self, instance: Instance) -> str:
        if instance.role is Role.TEST:
            return f"a test ({self.choice.why})"
        users = [n for n, s in self.services.items() if instance.service in s.depends_on]
        return f"{_listed(users)} need{'s' if len(users) == 1 else ''} it" if users else "in the file"

    def _conditions(self, instance: Instance) -> _Conditions:
        found = _Conditions()
        service = self.services[instance.service]
        for name, dependency in service.depends_on.items():
            if name in self.services:
                found.add(
                    self._condition_steps(name, dependency.condition),
                    dependency.required,
                    f"{name} {_CONDITIONS[dependency.condition]}",
                )
        for name in [link.split(":", 1)[0] for link in service.links]:
            if name in self.services and name not in service.depends_on:
                found.add(self._condition_steps(name, "service_started"), True, f"{name} has started")
        if instance.role is Role.TEST:
            self._environment_ready(instance, found)
        return found

    def _environment_ready(self, instance: Instance, found: _Conditions) -> None:
        """A test begins when the environment is ready: every service that doesn't itself wait for a test."""
        out = self.above_tests | set(self.choice.tests)
        others = [n for n in self.services if n not in out]
        for name in others:
            condition = "service_healthy" if self.roles[name] is Role.SERVICE else "service_completed_successfully"
            found.add(self._condition_steps(name, condition), name not in self.optional)
        if others:
            found.reasons.append("everything else is ready")

    def _condition_steps(self, name: str, condition: str) -> list[str]:
        if condition == "service_healthy":
            return [f"{Act.READY} {i.key}" for i in self.instances[name]]
        if condition == "service_completed_successfully":
            return [f"{Act.COMPLETE} {i.key}" for i in self.instances[name]]
        return [f"{Act.RELEASE if i.gated else Act.START} {i.key}" for i in self.instances[name]]


class _Conditions:
    """What a process waits for: steps that must have gone well, steps that must have ended, and the clause that says so."""

    def __init__(self) -> None:
        self._needs: dict[str, None] = {}
        self._after: dict[str, None] = {}
        self.reasons: list[str] = []

    def add(self, steps: list[str], required: bool, reason: str = "") -> None:
        (self._needs if required else self._after).update(dict.fromkeys(steps))
        if reason:
            self.reasons.append(reason)

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(self._needs)

    @property
    def after(self) -> tuple[str, ...]:
        return tuple(s for s in self._after if s not in self._needs)

    @property
    def why(self) -> str:
        return f"when {_listed(self.reasons)}" if self.reasons else "waits for nothing"


def image_subject(service: Service) -> str:
    """The subject of a pull: the reference, with the platform behind it where one is asked for."""
    return f"{service.image} for {service.platform}" if service.platform else service.image


def built_by(services: Mapping[str, Service], name: str) -> str:
    """The first service with the same build for the same platform: what is described alike is built once."""
    mine = services[name]
    return next(n for n, s in services.items() if s.build == mine.build and s.platform == mine.platform)


def _roles(services: Mapping[str, Service], choice: Choice, completes: Collection[str]) -> dict[str, Role]:
    awaited = set(completes) | {
        name
        for service in services.values()
        for name, dependency in service.depends_on.items()
        if dependency.condition == "service_completed_successfully"
    }
    return {name: Role.TEST if name in choice.tests else Role.ONE_SHOT if name in awaited else Role.SERVICE for name in services}


def _optional(services: Mapping[str, Service]) -> set[str]:
    """Services that somebody depends on, and everybody who does says `required: false`."""
    required: dict[str, bool] = {}
    for service in services.values():
        for name, dependency in service.depends_on.items():
            required[name] = required.get(name, False) or dependency.required
    return {name for name, needed in required.items() if not needed}


def _listed(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
