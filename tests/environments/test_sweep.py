"""What a sweep takes away: what nobody answers for, and never anything else, whatever the labels say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.environments import owner
from dockyard.environments.sweep import cache_of, decide, kept_until
from dockyard.model.facts import Found, FoundKind
from dockyard.model.placement import SNAPSHOT, Owner, marker_name

ME = Owner("host", "boot", "ns", 10, 1)
LIVING = str(Owner("host", "boot", "ns", 20, 2))
DEAD = str(Owner("host", "boot", "ns", 30, 3))
ELSEWHERE = str(Owner("other", "boot2", "ns", 30, 3))
NOW = 1000.0


def _alive(of: Owner) -> bool | None:
    return None if not of.same_machine(ME) else str(of) != DEAD


def _found(placement: str = "p", *, deadline: int = 2000, owner: str = LIVING, **more: object) -> Found:
    given = {"kind": FoundKind.CONTAINER, "id": "i", "name": f"{placement}-web", **more}
    return Found(placement=placement, deadline=deadline, owner=owner, **given)  # type: ignore[arg-type]


def _marker(until: str, placement: str = "p", owner: str = DEAD) -> Found:
    return _found(placement, owner=owner, kind=FoundKind.MARKER, name=marker_name(placement, "keep", until), deadline=0)


def _gone(*inventory: Found) -> dict[str, str]:
    return {dead.placement: dead.why for dead in decide(inventory, NOW, _alive)}


def test_what_has_a_living_owner_and_time_left_stays() -> None:
    assert _gone(_found()) == {}


def test_a_dead_owners_objects_go_before_their_deadline_and_all_of_them() -> None:
    network = _found(owner=DEAD, kind=FoundKind.NETWORK, name="n")
    (dead,) = decide([_found(owner=DEAD), network, _found("other")], NOW, _alive)
    assert dead.placement == "p" and dead.why == "its owner is gone" and len(dead.objects) == 2


def test_an_owner_that_cannot_be_judged_from_here_is_left_to_its_deadline() -> None:
    assert _gone(_found(owner=ELSEWHERE)) == {}
    assert _gone(_found(owner=ELSEWHERE, deadline=999)) == {"p": "its deadline has passed"}
    assert _gone(_found(owner="worker-17")) == {}, "somebody else's form of owner"


def test_a_deadline_goes_by_the_latest_of_a_placements_objects() -> None:
    assert _gone(_found(owner=ELSEWHERE, deadline=500), _found(owner=ELSEWHERE, deadline=1500)) == {}
    assert _gone(_found(deadline=500)) == {"p": "its deadline has passed"}, "though its owner lives"


def test_a_kept_environment_outlives_its_owner_to_its_last_marker() -> None:
    assert _gone(_found(owner=DEAD, deadline=900), _marker("1100")) == {}
    assert _gone(_found(owner=DEAD), _marker("900")) == {"p": "its deadline has passed"}
    assert _gone(_found(owner=DEAD), _marker("900"), _marker("1001")) == {}, "the highest counts"


def test_a_tag_alone_is_left_to_its_deadline() -> None:
    tag = _found(owner="", kind=FoundKind.IMAGE_TAG, name="dockyard-run/web:p-2000")
    assert _gone(tag) == {}
    assert _gone(_found(owner="", kind=FoundKind.IMAGE_TAG, deadline=900)) == {"p": "its deadline has passed"}


def test_a_tag_goes_with_the_dead_owner_that_a_marker_names() -> None:
    tag = _found(owner="", kind=FoundKind.IMAGE_TAG, name="dockyard-run/web:p-2000")
    marker = {"kind": FoundKind.MARKER, "name": marker_name("p", "builds")}
    assert _gone(tag, _found(owner=DEAD, **marker)) == {"p": "its owner is gone"}
    assert _gone(tag, _found(owner=LIVING, **marker)) == {}


@pytest.mark.parametrize(
    ("kinds", "goes"),
    [
        ({"filling": DEAD}, "its owner is gone"),
        ({"filling": LIVING}, ""),
        ({"filling": ELSEWHERE}, ""),
        ({"filling": DEAD, "filled-900": "standby"}, ""),
        ({"filling": DEAD, "filled-900": "standby", "claim": LIVING}, ""),
        ({"filling": LIVING, "filled-900": "standby", "claim": DEAD}, "its owner is gone"),
    ],
)
def test_who_makes_what_is_to_stand_by_answers_for_it_until_it_is_whole(kinds: dict[str, str], goes: str) -> None:
    marks = [_found(owner=owner, kind=FoundKind.MARKER, name=marker_name("p", kind)) for kind, owner in kinds.items()]
    tag = _found(owner="", kind=FoundKind.IMAGE_TAG, name="dockyard-run/web:p-2000")
    assert _gone(_found(owner="standby"), tag, *marks).get("p", "") == goes


def test_the_shared_cache_is_nobodys_placement() -> None:
    assert _gone(_found(owner=DEAD, deadline=1, cache=True), _found("", owner=DEAD, deadline=1)) == {}


_hostile = (
    st.sampled_from(["", LIVING, DEAD, ELSEWHERE, "a/b/c/²/1", "a/b/c/1", "a/b/c/-1/1", f"a/b/c/{'9' * 5000}/1", "\0"])
    | st.text()
)
_names = st.sampled_from(["p", "q", "r-s"])


@given(
    st.lists(
        st.builds(
            lambda placement, deadline, owner, kind, name: _found(
                placement, deadline=deadline, owner=owner, kind=kind, name=name
            ),
            _names,
            st.sampled_from([0, 1, 999, 1001, 1 << 62]),
            _hostile,
            st.sampled_from(list(FoundKind)),
            st.sampled_from(["x", "dockyard-mark-p-keep-", "dockyard-mark-p-keep-²", f"dockyard-mark-p-keep-{'9' * 5000}"])
            | st.text(),
        ),
        max_size=12,
    )
)
def test_whatever_labels_say_a_living_owner_with_time_left_is_not_swept_and_nobody_is_hurt(inventory: list[Found]) -> None:
    for dead in decide(inventory, NOW, _alive):
        objects = [f for f in inventory if f.placement == dead.placement]
        assert list(dead.objects) == objects
        kept = kept_until(dead.placement, objects)
        latest = kept if kept is not None else max(o.deadline for o in objects)
        owners = {o.owner for o in objects if o.owner}
        assert 0 < latest < NOW or (kept is None and owners == {DEAD})


def test_a_process_is_known_by_its_start_and_not_by_its_number_alone() -> None:
    me = owner.myself()
    assert owner.alive(me, me)
    assert owner.alive(Owner(me.host, me.boot, me.pidns, me.pid, me.started + 1), me) is False, "the number was given to another"
    assert owner.alive(Owner(me.host, me.boot, me.pidns, 2**22 + 1, 5), me) is False
    for stranger in (
        Owner("other", me.boot, me.pidns, 1, 1),
        Owner(me.host, "boot", me.pidns, 1, 1),
        Owner(me.host, me.boot, "ns", 1, 1),
    ):
        assert owner.alive(stranger, me) is None


@given(st.text())
def test_a_label_that_is_no_owner_of_ours_is_none(text: str) -> None:
    parsed = Owner.parse(text)
    assert parsed is None or str(parsed) == text


def test_an_owner_is_read_as_it_was_written() -> None:
    assert Owner.parse(str(ME)) == ME


def test_the_cache_goes_but_for_what_somebody_stands_on() -> None:
    cache = {"deadline": 0, "owner": "", "cache": True}
    gate = _found("", name="gate", **cache)
    kept = [_found("", name=name, labels={SNAPSHOT: key}, **cache) for name, key in (("one", "1"), ("two", "2"))]
    clone = _found("p", labels={SNAPSHOT: "1"})
    gone, stays = cache_of([gate, *kept, clone], [])
    assert [found.name for found in gone] == ["gate", "two"]
    assert [(left.name, left.why) for left in stays] == [("one", "p stands on it")]
    dead = decide([_found("p", owner=DEAD, labels={SNAPSHOT: "1"})], NOW, _alive)
    assert len(cache_of([gate, *kept, clone], dead)[0]) == 3, "who goes in the same sweep stands on nothing"
