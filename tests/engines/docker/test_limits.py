"""A run's limits are shared out, and a sum above them is the user's error."""

from __future__ import annotations

import pytest

from dockyard.engines.docker.limits import share_out
from dockyard.engines.docker.scene import Share
from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application
from dockyard.model.errors import Location, Origin, UserError
from dockyard.model.service import Deploy, Resource, Resources, Service

MIB = 1024 * 1024


def _app(**services: Service) -> Application:
    return Application(name="a", services=services)


def test_no_limits_share_nothing() -> None:
    assert share_out(_app(a=Service()), ["a"], SiteOptions()) == {}


def test_what_is_left_is_divided_among_those_who_declare_nothing() -> None:
    application = _app(
        db=Service(mem_limit=400 * MIB, cpus=1),
        web=Service(scale=2),
        job=Service(deploy=Deploy(resources=Resources(limits=Resource(memory=100 * MIB)))),
    )
    shares = share_out(application, application.services, SiteOptions(limits_cpus=2, limits_memory=1000 * MIB, limits_pids=300))
    assert shares["db"] == Share(cpus=0, memory=0, pids=75)
    assert shares["web"] == Share(cpus=pytest.approx(1 / 3), memory=250 * MIB, pids=75)
    assert shares["job"] == Share(cpus=pytest.approx(1 / 3), memory=0, pids=75)


def test_a_declared_sum_above_the_limit_is_refused_with_both_numbers() -> None:
    application = _app(a=Service(mem_limit=600 * MIB, cpus=3), b=Service(mem_limit=600 * MIB))
    with pytest.raises(UserError) as error:
        share_out(application, application.services, SiteOptions(limits_cpus=2, limits_memory=1000 * MIB))
    assert [problem.path for problem in error.value.problems] == ["x-dockyard.limits.cpus", "x-dockyard.limits.memory"]
    assert "1200 MiB" in str(error.value) and "1000 MiB" in str(error.value)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"memory": Origin("--memory")}, "--memory: the services declare"),
        ({"memory": Origin("DOCKYARD_MEMORY")}, "DOCKYARD_MEMORY: the services declare"),
        ({"memory": Origin("memory", Location("dockyard.toml", 3))}, "dockyard.toml:3: memory: the services declare"),
        ({"cpus": Origin("--cpus")}, "x-dockyard.limits.memory: the services declare"),
    ],
)
def test_a_limit_is_refused_in_the_name_of_who_set_it(said: dict[str, Origin], told: str) -> None:
    application = _app(a=Service(mem_limit=600 * MIB))
    with pytest.raises(UserError) as error:
        share_out(application, application.services, SiteOptions(limits_memory=500 * MIB, limits_said=said))
    assert str(error.value).startswith(told)


def test_a_limit_that_leaves_a_container_too_little_is_refused() -> None:
    with pytest.raises(UserError, match="leaves 4 MiB"):
        share_out(_app(a=Service(), b=Service()), ["a", "b"], SiteOptions(limits_memory=8 * MIB))


def test_replicas_count_as_often_as_they_run() -> None:
    with pytest.raises(UserError):
        share_out(_app(a=Service(cpus=1, scale=3)), ["a"], SiteOptions(limits_cpus=2))
