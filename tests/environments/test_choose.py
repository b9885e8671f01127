"""Which services an environment has, and which of them are its tests."""

from __future__ import annotations

import pytest

from dockyard.environments.choose import choose
from dockyard.model.application import Application
from dockyard.model.errors import UserError
from dockyard.model.extension import TopExtension
from dockyard.model.service import Dependency, Service


def _app(test: tuple[str, ...] | None = None, **services: Service) -> Application:
    return Application(name="t", services=services, dockyard=TopExtension(test=test))


def _on(*names: str, **more: str) -> Service:
    return Service(image="x", depends_on={name: Dependency() for name in names}, **more)  # type: ignore[arg-type]


DB, WEB = _on(), _on("db")


@pytest.mark.parametrize(
    ("application", "tests"),
    [
        (_app(db=DB, web=WEB), ()),
        (_app(db=DB, sut=WEB), ("sut",)),
        (_app(db=DB, e2e=Service(image="x", profiles=("test",))), ("e2e",)),
        (_app(db=DB, sut=WEB, e2e=Service(image="x", profiles=("test",))), ("sut",)),
        (_app(("web", "db"), db=DB, web=WEB, sut=WEB), ("web", "db")),
        (_app((), db=DB, sut=WEB), ()),
    ],
)
def test_tests_are_what_the_extension_says_else_sut_else_the_profile_test(
    application: Application, tests: tuple[str, ...]
) -> None:
    choice = choose(application)
    assert choice.tests == tests
    assert choice.services == tuple(application.services), "everything comes up, in the file's order"


def test_a_test_that_is_not_there_is_named_with_what_there_is() -> None:
    with pytest.raises(UserError) as caught:
        choose(_app(("api-test", "web"), db=DB, web=WEB))
    (problem,) = caught.value.problems
    assert "'api-test'" in problem.what and "db, web" in problem.hint


def test_named_services_are_the_tests_with_what_they_need_and_nothing_else() -> None:
    application = _app(db=DB, queue=_on(), web=WEB, other=_on("queue"), sut=_on("web"))
    choice = choose(application, ["web"])
    assert (choice.services, choice.tests) == (("db", "web"), ("web",))
    with pytest.raises(UserError, match="no such service: wbe"):
        choose(application, ["wbe"])


@pytest.mark.parametrize(
    "service",
    [
        Service(image="x", links=("db:database",)),
        Service(image="x", network_mode="service:db"),
        Service(image="x", pid="service:db"),
        Service(image="x", ipc="service:db"),
        Service(image="x", volumes_from=("db:ro",)),
        Service(image="x", volumes_from=("container:elsewhere", "db")),
    ],
)
def test_what_a_service_cannot_be_there_without_comes_along(service: Service) -> None:
    assert choose(_app(db=DB, other=DB, web=service), ["web"]).services == ("db", "web")


def test_with_a_host_command_the_files_own_tests_and_what_needs_them_stay_out() -> None:
    application = _app(db=DB, web=WEB, sut=_on("web"), report=_on("sut"))
    choice = choose(application, host_command=True)
    assert (choice.services, choice.tests) == (("db", "web"), ())


def test_up_brings_up_no_tests_unless_they_are_named() -> None:
    application = _app(db=DB, web=WEB, sut=_on("web"))
    assert choose(application, tests=False).services == ("db", "web")
    named = choose(application, ["sut"], tests=False)
    assert (named.services, named.tests) == (("db", "web", "sut"), ())


def test_a_test_without_a_replica_is_refused_since_it_would_test_nothing() -> None:
    with pytest.raises(UserError, match="sut is a test and has no replicas"):
        choose(_app(db=DB, sut=Service(image="x", scale=0)))
    assert choose(_app(db=Service(image="x", scale=0), sut=WEB)).tests == ("sut",)
