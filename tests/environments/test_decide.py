"""A plan is safe (nothing runs before its conditions) and live (everything ends), for any application; and as parallel as it can be."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.environments.choose import choose
from dockyard.environments.decide import decide
from dockyard.model.application import Application, Network, Volume
from dockyard.model.extension import ServiceExtension, TopExtension
from dockyard.model.plan import Act, Plan, Role
from dockyard.model.service import Build, Dependency, Hook, Mount, Service

STARTED, HEALTHY, COMPLETED = CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")
DATA = (Mount(type="volume", source="data", target="/d"),)


@st.composite
def applications(draw: st.DrawFn) -> Application:
    """Up to nine services that depend on others; some are tests, some can't be gated, some come several times or not at all."""
    names = [f"s{n}" for n in range(draw(st.integers(1, 9)))]
    services: dict[str, Service] = {}
    for n, name in enumerate(names):
        below = draw(st.lists(st.sampled_from(names[:n]), unique=True, max_size=4)) if n else []
        condition, required = st.sampled_from(CONDITIONS), st.sampled_from([True, True, False])
        built = draw(st.booleans())
        services[name] = Service(
            image="" if built else draw(st.sampled_from(["a", "b"])),
            build=Build(context=f"/{n % 3}") if built else None,
            depends_on={b: Dependency(condition=draw(condition), required=draw(required)) for b in below},
            scale=draw(st.sampled_from([None, None, None, 2, 0])),
            networks=dict.fromkeys(draw(st.lists(st.sampled_from(["front", "back"]), unique=True))),
            volumes=DATA if draw(st.booleans()) else (),
        )
    order = draw(st.permutations(names))
    there = [name for name in names if services[name].replicas]
    return Application(
        name="t",
        services={name: services[name] for name in order},
        networks={"front": Network(), "back": Network(external=True)},
        volumes={"data": Volume()},
        dockyard=TopExtension(test=tuple(draw(st.lists(st.sampled_from(there), unique=True, max_size=2))) if there else ()),
        dockyard_services={
            name: ServiceExtension(gate=False) for name in draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
        },
    )


def _plan(application: Application, ungated: dict[str, str] | None = None) -> Plan:
    return decide(application, choose(application), ungated or {})


def _app(**services: Service) -> Application:
    return Application(name="t", services=services, networks={"default": Network()}, volumes={"data": Volume()})


def _on(condition: str = STARTED, *names: str, required: bool = True, image: str = "x", **more: object) -> Service:
    needs = {name: Dependency(condition=condition, required=required) for name in names}
    return Service(image=image, depends_on=needs, **more)  # type: ignore[arg-type]


def _above(plan: Plan, step: str) -> set[str]:
    """All that must have ended before `step` begins."""
    steps = {s.id: s for s in plan.steps}
    found: set[str] = set()
    waiting = [step]
    while waiting:
        current = steps[waiting.pop()]
        for name in (*current.needs, *current.after):
            if name in steps and name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _process(plan: Plan, service: str) -> list[str]:
    """The steps that let a service's own processes go."""
    return [f"{Act.RELEASE if i.gated else Act.START} {i.key}" for i in plan.of_service(service)]


def _met(plan: Plan, service: str, condition: str) -> Iterable[str]:
    if condition == STARTED:
        return _process(plan, service)
    return [f"{Act.READY if condition == HEALTHY else Act.COMPLETE} {i.key}" for i in plan.of_service(service)]


@given(applications())
def test_every_plan_can_be_carried_out_to_its_end(application: Application) -> None:
    plan = _plan(application)
    ids = [s.id for s in plan.steps]
    assert len(set(ids)) == len(ids)
    done: set[str] = set()
    for step in plan.steps:
        assert set(step.needs) | set(step.after) <= done, "steps stand in an order in which they can be done, one by one"
        done.add(step.id)
    assert {i.key for i in plan.instances} == {s.subject for s in plan.steps if s.act is Act.CREATE}


@given(applications())
def test_no_process_runs_before_its_conditions(application: Application) -> None:
    plan = _plan(application)
    steps = {s.id: s for s in plan.steps}
    for name, service in application.services.items():
        for below, dependency in service.depends_on.items():
            for process in _process(plan, name):
                waits_for = set(steps[process].needs) if dependency.required else {*steps[process].needs, *steps[process].after}
                assert set(_met(plan, below, dependency.condition)) <= waits_for


@given(applications())
def test_a_test_begins_when_everything_that_does_not_wait_for_a_test_is_ready(application: Application) -> None:
    plan = _plan(application)
    steps = {s.id: s for s in plan.steps}
    for key in plan.tests:
        (begins,) = (p for p in _process(plan, plan.instance(key).service) if p.endswith(f" {key}"))
        waits_for = {*steps[begins].needs, *steps[begins].after}
        for name in application.services:
            of_tests = name in {plan.instance(t).service for t in plan.tests} or any(
                s in _below(application, name) for s in {plan.instance(t).service for t in plan.tests}
            )
            if not of_tests:
                assert any(set(_met(plan, name, condition)) <= waits_for for condition in (HEALTHY, COMPLETED))


def _below(application: Application, name: str) -> set[str]:
    direct = set(application.services[name].depends_on)
    return direct.union(*(_below(application, d) for d in direct)) if direct else set()


@given(applications())
def test_nothing_but_the_processes_themselves_waits_for_readiness(application: Application) -> None:
    plan = _plan(application)
    waits = {Act.RELEASE, Act.READY, Act.COMPLETE, Act.HOOK}
    acts = {s.id: s.act for s in plan.steps}
    for instance in plan.instances:
        early = [f"{Act.CREATE} {instance.key}", *([f"{Act.START} {instance.key}"] if instance.gated else [])]
        for step in early:
            assert not {acts[above] for above in _above(plan, step)} & waits


@given(applications())
def test_a_plan_rests_on_the_description_alone_and_not_on_an_order_of_the_moment(application: Application) -> None:
    assert _plan(application) == _plan(application)


@given(applications())
def test_images_networks_and_volumes_are_had_once_and_external_ones_not_made(application: Application) -> None:
    plan = _plan(application)
    for step in plan.steps:
        if step.act is Act.CREATE:
            service = application.services[plan.instance(step.subject).service]
            assert ("volume data" in step.needs) is bool(service.volumes)
            assert any(n.startswith(("pull ", "build ")) for n in step.needs)
    assert "network back" not in {s.id for s in plan.steps}
    assert sum(s.act is Act.PULL for s in plan.steps) <= 2 and sum(s.act is Act.BUILD for s in plan.steps) <= 3


def _step(plan: Plan, step: str) -> tuple[str, ...]:
    return next(s.needs for s in plan.steps if s.id == step)


def test_a_service_that_is_not_gated_is_created_early_and_started_in_its_turn() -> None:
    plan = _plan(_app(db=_on(), web=_on(HEALTHY, "db")), {"web": "its entrypoint is a trap"})
    assert _step(plan, "create web") == ("pull x",)
    assert "ready db" in _step(plan, "start web")
    assert not any(s.id == "release web" for s in plan.steps)
    assert "its entrypoint is a trap" in next(s.why for s in plan.steps if s.id == "start web")


def test_a_container_is_created_while_its_network_is_and_started_on_it() -> None:
    plan = _plan(_app(web=_on(networks={"default": None})))
    assert "network default" not in _step(plan, "create web")
    assert "network default" in _step(plan, "start web")


def test_what_joins_anothers_namespace_is_started_after_it_though_both_wait_at_their_gates() -> None:
    plan = _plan(_app(pod=_on(), side=Service(image="x", network_mode="service:pod")))
    assert "create pod" in _step(plan, "create side") and "start pod" in _step(plan, "start side")


def test_a_one_shot_is_waited_for_to_its_end_and_not_to_be_ready() -> None:
    plan = _plan(_app(migrate=_on(), web=_on(COMPLETED, "migrate")))
    ids = [s.id for s in plan.steps]
    assert plan.instance("migrate").role is Role.ONE_SHOT
    assert "complete migrate" in ids and "ready migrate" not in ids


def test_a_failure_of_what_nobody_requires_is_a_warning_and_ends_nobodys_wait() -> None:
    plan = _plan(_app(cache=_on(), web=_on(HEALTHY, "cache", required=False)))
    assert next(s for s in plan.steps if s.id == "ready cache").optional
    release = next(s for s in plan.steps if s.id == "release web")
    assert "ready cache" in release.after and "ready cache" not in release.needs


def test_all_replicas_must_meet_a_condition() -> None:
    plan = _plan(_app(db=_on(scale=3), web=_on(HEALTHY, "db")))
    assert {"ready db", "ready db-2", "ready db-3"} <= set(_step(plan, "release web"))


def test_hooks_run_between_the_start_and_ready() -> None:
    plan = _plan(_app(web=_on(post_start=(Hook(command=("true",)),))))
    assert _step(plan, "hook web") == ("release web",) and _step(plan, "ready web") == ("hook web",)


def test_what_is_built_alike_is_built_once_and_on_other_services_images_after_them() -> None:
    base, alike = Build(context="/base"), Build(context="/app", additional_contexts={"base": "service:base"})
    plan = _plan(_app(base=Service(build=base), api=Service(build=alike), worker=Service(build=alike)))
    builds = {s.id: s.needs for s in plan.steps if s.act is Act.BUILD}
    assert builds == {"build base": (), "build api": ("build base",)}
    assert "build api" in _step(plan, "create worker")


@pytest.mark.parametrize(
    ("service", "why"),
    [
        (_on(), "waits for nothing"),
        (_on(HEALTHY, "db"), "when db is ready"),
        (_on(COMPLETED, "db", "s"), "when db has completed and s has completed"),
    ],
)
def test_each_wait_says_why(service: Service, why: str) -> None:
    plan = _plan(_app(db=_on(), s=_on(), web=service))
    assert next(s.why for s in plan.steps if s.id == "release web") == why


def test_a_replica_never_has_the_name_of_another_service_or_of_its_replicas() -> None:
    plan = _plan(_app(**{"w": Service(image="a", scale=3), "w-2": Service(image="a"), "w-": Service(image="a", scale=2)}))
    keys = [instance.key for instance in plan.instances]
    assert len(set(keys)) == len(keys) == 6 and {"w", "w-2", "w-3", "w-"} < set(keys)
    assert {i.key for i in plan.instances if i.index == 1} == {"w", "w-2", "w-"}, "the first has the service's own"
