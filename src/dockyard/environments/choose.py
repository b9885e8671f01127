"""Which services an environment has, and which of them are its tests. Pure.

Tests are, in this order: the services named on the command line, `x-dockyard.test`, the service `sut`, the services of the profile
`test`. With a host command, or with none of these, there is no test service.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError
from dockyard.model.service import Service

TEST_PROFILE = "test"
SUT = "sut"


class Choice(msgspec.Struct, frozen=True):
    """Names of services, in the file's order; `tests` are among `services`. `why`: where the tests were found."""

    services: tuple[str, ...]
    tests: tuple[str, ...]
    why: str


def choose(application: Application, named: Sequence[str] = (), *, host_command: bool = False, tests: bool = True) -> Choice:
    """What to bring up. `tests` False (`dockyard up`): named services are wanted for themselves, and found tests stay out.

    UserError: a service that isn't there; a test that would not run.
    """
    _refuse_unknown(application, named)
    choice = _choose(application, named, host_command=host_command, tests=tests)
    idle = [name for name in choice.tests if application.services[name].replicas == 0]
    if idle:
        raise UserError(*(_idle(application, name) for name in idle))
    return choice


def _idle(application: Application, name: str) -> Problem:
    path = f"services.{name}.scale"
    return Problem(f"{name} is a test and has no replicas: nothing would be tested", application.locate(path), path, "scale: 1")


def _choose(application: Application, named: Sequence[str], *, host_command: bool, tests: bool) -> Choice:
    if named and (host_command or not tests):
        return Choice(needed(application, named), (), "named on the command line")
    if named:
        return Choice(needed(application, named), tuple(dict.fromkeys(named)), "named on the command line")
    found, why = _declared_tests(application)
    if host_command or not tests:
        above = dependants(application, found) | set(found)
        return Choice(
            tuple(n for n in application.services if n not in above), (), "the host command is the test" if host_command else why
        )
    return Choice(tuple(application.services), found, why)


def _declared_tests(application: Application) -> tuple[tuple[str, ...], str]:
    services = application.services
    declared = application.dockyard.test
    if declared is not None:
        missing = [name for name in declared if name not in services]
        if missing:
            raise UserError(
                *(
                    Problem(
                        f"there is no enabled service {name!r}",
                        application.locate("x-dockyard.test"),
                        "x-dockyard.test",
                        _choices(services),
                    )
                    for name in missing
                )
            )
        return tuple(declared), "x-dockyard.test"
    if SUT in services:
        return (SUT,), "the service named sut"
    profiled = tuple(name for name, service in services.items() if TEST_PROFILE in service.profiles)
    if profiled:
        return profiled, "the profile test"
    return (), "no service is a test: ready is the verdict"


def _refuse_unknown(application: Application, named: Sequence[str]) -> None:
    unknown = [name for name in named if name not in application.services]
    if unknown:
        raise UserError(*(Problem(f"no such service: {name}", hint=_choices(application.services)) for name in unknown))


def _choices(services: Iterable[str]) -> str:
    return "services are: " + ", ".join(services)


def dependencies(service: Service) -> tuple[str, ...]:
    """Every service that this one can't be there without: depends_on, links, volumes_from, shared namespaces."""
    names = list(service.depends_on)
    names += [link.split(":", 1)[0] for link in service.links]
    names += namespaces(service).values()
    names += volumes_from(service)
    return tuple(dict.fromkeys(names))


def namespaces(service: Service) -> dict[str, str]:
    """The services whose namespaces this one joins: `network_mode`, `pid` or `ipc` to the service's name."""
    values = {"network_mode": service.network_mode, "pid": service.pid, "ipc": service.ipc}
    return {field: value.removeprefix("service:") for field, value in values.items() if value.startswith("service:")}


def volumes_from(service: Service) -> tuple[str, ...]:
    """The services whose volumes this one mounts (entries `container:…` are not ours)."""
    return tuple(entry.split(":", 1)[0] for entry in service.volumes_from if not entry.startswith("container:"))


def needed(application: Application, named: Iterable[str]) -> tuple[str, ...]:
    """`named` and everything below them, in the file's order."""
    seen: set[str] = set()
    waiting = list(named)
    while waiting:
        name = waiting.pop()
        if name in seen or name not in application.services:
            continue
        seen.add(name)
        waiting += dependencies(application.services[name])
    return tuple(name for name in application.services if name in seen)


def dependants(application: Application, roots: Iterable[str]) -> set[str]:
    """Everything that directly or indirectly depends on one of `roots`, without them."""
    wanted = set(roots)
    found: set[str] = set()
    grew = True
    while grew:
        grew = False
        for name, service in application.services.items():
            if name not in found and any(d in wanted or d in found for d in dependencies(service)):
                found.add(name)
                grew = True
    return found - wanted
