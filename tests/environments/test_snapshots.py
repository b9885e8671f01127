"""Whose data are kept with whose, and when they must not be: decisions over the description, and what goes when there is too much."""

from __future__ import annotations

from typing import Any

import pytest

from dockyard.environments import snapshots
from dockyard.environments.choose import Choice, choose
from dockyard.environments.decide import decide
from dockyard.environments.snapshots import Terms
from dockyard.model.application import Application, Volume
from dockyard.model.extension import ServiceExtension
from dockyard.model.placement import Placement
from dockyard.model.plan import Act, Role
from dockyard.model.service import Dependency, Hook, Mount, Service
from dockyard.model.snapshot import Group, Key, Snapshot

DAY = 86400.0


def _on(*names: str, condition: str = "service_healthy") -> dict[str, Dependency]:
    return {name: Dependency(condition=condition, required=True) for name in names}


def _volume(source: str) -> tuple[Mount, ...]:
    return (Mount(type="volume", source=source, target="/data"),)


DONE = "service_completed_successfully"
SERVICES: dict[str, Service] = {
    "db": Service(image="db", volumes=_volume("data")),
    "migrate": Service(image="app", depends_on=_on("db")),
    "api": Service(image="app", depends_on=_on("migrate", condition=DONE)),
    "sut": Service(image="app", depends_on=_on("api")),
}


def _app(asked: dict[str, tuple[str, ...]], *, volumes: dict[str, Volume] | None = None, **services: Service) -> Application:
    return Application(
        name="t",
        services={**SERVICES, **services},
        volumes={"data": Volume(), "other": Volume()} | (volumes or {}),
        project_directory="/nowhere",
        dockyard_services={name: ServiceExtension(snapshot=inputs) for name, inputs in asked.items()},
    )


def _why(application: Application, choice: Choice | None = None) -> list[str]:
    choice = choice or choose(application)
    return [snapshots.refusal(application, choice, group) for group in snapshots.groups(application, choice)]


def test_a_group_is_a_service_and_what_has_a_part_in_its_data() -> None:
    application = _app({"db": ("migrate",)})
    assert snapshots.groups(application, choose(application)) == (
        Group(services=("db",), inputs=("migrate",), one_shots=("migrate",)),
    )
    assert _why(application) == [""]


def test_services_with_an_input_in_common_are_kept_together() -> None:
    both = Service(image="app", depends_on=_on("db", "stock"))
    application = _app({"db": ("migrate",), "stock": ("migrate",)}, stock=Service(image="db"), migrate=both)
    (group,) = snapshots.groups(application, choose(application))
    assert (group.services, group.inputs) == (("db", "stock"), ("migrate",)) and _why(application) == [""]
    apart = _app({"db": (), "stock": ()}, stock=Service(image="db"), migrate=both)
    assert [group.services for group in snapshots.groups(apart, choose(apart))] == [("db",), ("stock",)]


def test_a_replica_is_kept_with_its_primary() -> None:
    replica = Service(image="db", depends_on=_on("db"))
    application = _app({"db": (), "replica": ("db",)}, replica=replica)
    (group,) = snapshots.groups(application, choose(application))
    assert (group.services, group.inputs) == (("db", "replica"), ()) and _why(application) == [""]


def test_who_is_not_named_runs_on_the_data_as_ever() -> None:
    """Its work is not in them: no environment in which they are filled has it."""
    application = _app({"db": ()})
    (group,) = snapshots.groups(application, choose(application))
    assert group.everybody == ("db",) and _why(application) == [""]


def test_a_service_that_asks_for_nothing_is_in_no_group() -> None:
    assert snapshots.groups(_app({}), choose(_app({}))) == ()
    assert snapshots.images_needed(_app({}), choose(_app({}))) == {}


def test_images_of_the_whole_group_are_needed_first() -> None:
    application = _app({"db": ("migrate",)})
    choice = choose(application)
    needed = snapshots.images_needed(application, choice)
    assert needed == {"db": ("db", "migrate"), "migrate": ("db", "migrate")}
    plan = decide(application, choice, {}, images=needed)
    create = next(step for step in plan.steps if step.id == "create db")
    assert {"pull db", "pull app"} <= set(create.needs)
    plain = next(step for step in decide(application, choice, {}).steps if step.id == "create db")
    assert "pull app" not in plain.needs


def test_an_input_is_done_when_it_has_ended_though_nobody_there_waits_for_it() -> None:
    application = _app({"db": ("migrate",)})
    choice = Choice(("db", "migrate"), (), "")
    plan = decide(application, choice, {}, completes=("migrate",))
    assert plan.instance("migrate").role is Role.ONE_SHOT
    assert any(step.act is Act.COMPLETE and step.subject == "migrate" for step in plan.steps)
    assert decide(application, choice, {}).instance("migrate").role is Role.SERVICE


REFUSED: dict[str, tuple[Application, str]] = {
    "something that the database needs is not named": (
        _app({"db": ()}, db=Service(image="db", depends_on=_on("primary")), primary=Service(image="db")),
        "db needs primary, which is not named in inputs",
    ),
    "it is made from another, whose data are not kept": (
        _app({"db": ("primary",)}, db=Service(image="db", depends_on=_on("primary")), primary=Service(image="db")),
        "db needs primary, whose data are not kept with its own",
    ),
    "something that an input needs is not named": (
        _app({"db": ("migrate",)}, migrate=Service(image="app", depends_on=_on("db", "roles")), roles=Service(image="app")),
        "migrate, an input, needs roles, which is not named in inputs",
    ),
    "an input also fills what is not kept": (
        _app({"db": ("migrate",)}, migrate=Service(image="app", depends_on=_on("db", "stock")), stock=Service(image="db")),
        "migrate, an input, needs stock, which is not named in inputs",
    ),
    "an input is nothing": (_app({"db": ("migrat",)}), "the input /nowhere/migrat is neither a service nor a file that is there"),
    "an input is a test": (_app({"db": ("sut",)}, sut=Service(image="app")), "its input sut is a test"),
    "there are two of it": (_app({"db": ()}, db=Service(image="db", scale=2)), "db has 2 replicas"),
    "an input has no end": (
        _app({"db": ("feeder",)}, feeder=Service(image="app", depends_on=_on("db"))),
        "its input feeder works on db and nobody waits for its end, so its part is never done",
    ),
    "its volume is shared": (
        _app({"db": ()}, backup=Service(image="db", volumes=_volume("data"))),
        "db shares the volume data with backup",
    ),
    "its volume is shared with an input": (
        _app({"db": ("migrate",)}, migrate=Service(image="app", depends_on=_on("db"), volumes=_volume("data"))),
        "db shares the volume data with migrate",
    ),
    "an input leaves something in a volume for others": (
        _app(
            {"db": ("migrate",)},
            migrate=Service(image="app", depends_on=_on("db"), volumes=_volume("other")),
            api=Service(image="app", depends_on=_on("migrate", condition=DONE), volumes=_volume("other")),
        ),
        "migrate shares the volume other with api",
    ),
    "its volumes are mounted by another": (
        _app({"db": ()}, backup=Service(image="db", volumes_from=("db:ro",))),
        "backup mounts the volumes of db (volumes_from)",
    ),
    "it mounts another's volumes": (
        _app({"db": ()}, db=Service(image="db", volumes_from=("container:x",))),
        "db mounts volumes of another container (volumes_from)",
    ),
    "its volume is somebody else's": (
        _app({"db": ()}, volumes={"data": Volume(external=True)}),
        "db mounts the external volume data, whose content is not known",
    ),
    "its volume has a driver": (
        _app({"db": ()}, volumes={"data": Volume(driver="nfs")}),
        "the volume data has a driver or options of its own",
    ),
    "its volume has options": (
        _app({"db": ()}, volumes={"data": Volume(driver_opts={"type": "tmpfs"})}),
        "the volume data has a driver or options of its own",
    ),
    "it has hooks": (
        _app({"db": ()}, db=Service(image="db", post_start=(Hook(command=("seed",)),))),
        "db has post_start commands, which would run a second time on data that have them already",
    ),
    "somebody wants an input to be healthy": (
        _app({"db": ("migrate",)}, watcher=Service(image="app", depends_on=_on("migrate"))),
        "watcher needs more of the input migrate than its end (service_healthy)",
    ),
    "somebody is in an input's network": (
        _app({"db": ("migrate",)}, watcher=Service(image="app", network_mode="service:migrate")),
        "watcher needs more of the input migrate than its end (network_mode)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_data_are_not_kept_when(case: str) -> None:
    application, why = REFUSED[case]
    assert _why(application)[0] == why


def test_data_with_an_input_that_is_not_in_the_run_are_not_begun_with() -> None:
    """Without the migration the cold database has no tables: the kept one would."""
    application = _app({"db": ("migrate",)}, unit=Service(image="app", depends_on=_on("db")))
    assert _why(application, choose(application, ["unit"])) == ["its input migrate has no part in this run"]


def _snapshot(key: str, *, size: int = 10, used: float = 0.0, **more: Any) -> Snapshot:
    return Snapshot(key=key, project="t", size=size, used_at=used, made_at=used, **more)


def test_what_is_unused_for_long_or_too_much_goes_the_longest_unused_first() -> None:
    now = 100 * DAY
    there = [_snapshot("a", used=now - 40 * DAY), _snapshot("b", used=now - 3 * DAY), _snapshot("c", used=now - DAY)]
    terms = Terms(secret=b"", scope="", most=25, unused=30 * DAY)
    assert [one.key for one, _ in snapshots.surplus(there, terms, now)] == ["a"]
    assert snapshots.surplus(there, terms, now)[0][1] == "unused for 40 days"
    small = Terms(secret=b"", scope="", most=15, unused=30 * DAY)
    assert sorted(one.key for one, _ in snapshots.surplus(there, small, now)) == ["a", "b"]
    assert snapshots.surplus(there, Terms(secret=b"", scope=""), now) == []


def test_what_is_in_use_stays_however_old_and_large() -> None:
    now = 100 * DAY
    there = [_snapshot("a", size=100, used=1, used_by=("t-1",)), _snapshot("b", used=now)]
    assert snapshots.surplus(there, Terms(secret=b"", scope="", most=50, unused=DAY), now) == []


def test_why_no_snapshot_serves_names_what_differs_from_the_nearest() -> None:
    group = Group(services=("db",))
    key = Key(hash="k", inputs={"a": "1", "b": "2", "c": "3"}, targets={})
    none: dict[str, Any] = {"volumes": {"db": {}}}
    assert snapshots.unlike(key, "t", group, []) == "no snapshot is there"
    assert snapshots.unlike(key, "other", group, [_snapshot("x", **none)]) == "no snapshot is there"
    far, near = _snapshot("x", inputs={}, **none), _snapshot("y", inputs={"a": "1", "b": "9", "c": "3"}, **none)
    assert snapshots.unlike(key, "t", group, [far, near]) == "changed: b"
    other = Key(hash="k", inputs=dict.fromkeys("abcde", "1"), targets={})
    assert snapshots.unlike(other, "t", group, [far]) == "changed: a, b, c and 2 more"


def test_a_filling_is_named_after_its_run_and_its_key_alone() -> None:
    run, key = Placement("t-1", "t", "me", 5, "r"), Key(hash="k", inputs={}, targets={})
    one = snapshots.filling(key, "t", run)
    assert one == snapshots.filling(key, "t", run) and one.id != run.id and one.owner == "me"
    assert one.id != snapshots.filling(Key(hash="l", inputs={}, targets={}), "t", run).id
