"""A container that stands by is taken for the one that would be made now only where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engines.docker.scenes import IMAGE, PLACEMENT, facts, scene

from dockyard.engines.docker import keys
from dockyard.engines.docker.scene import Scene
from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application, FileObject
from dockyard.model.facts import HealthFacts, ImageFacts
from dockyard.model.placement import Placement
from dockyard.model.plan import Instance
from dockyard.model.service import (
    Deploy,
    FileReference,
    Healthcheck,
    Hook,
    Mount,
    Port,
    Resource,
    Resources,
    Service,
    ServiceNetwork,
    Ulimit,
)

NAMES = ("api", "db", "web")
SECRET = b"s" * 32


def _application() -> Application:
    services = {
        name: Service(
            image=name,
            environment={"A": "1", "B": None},
            command=("serve", name),
            networks={"default": ServiceNetwork(aliases=("other",))},
            configs=(FileReference(source="inline", target="/etc/inline"),) if name == "api" else (),
            volumes=(Mount(type="volume", source=f"{name}-data", target="/data"),),
            depends_on={},
        )
        for name in NAMES
    }
    return Application(name="shop", services=services, configs={"inline": FileObject(content="one")})


def _image(name: str) -> ImageFacts:
    return msgspec.structs.replace(IMAGE, id=f"sha256:{name}", reference=name, layers=(f"{name} layer",), env=("PATH=/bin",))


def _keys(application: Application, images: dict[str, ImageFacts], secret: bytes = SECRET, **more: Any) -> dict[str, keys.Key]:
    placed = scene(application, **more)
    found = {}
    for name in application.services:
        key = keys.of(placed, Instance(key=name, service=name), images[name], secret)
        assert key is not None
        found[name] = key
    return found


def _with(**fields: Any) -> Callable[[Service], Service]:
    return lambda service: msgspec.structs.replace(service, **fields)


EDITS: dict[str, tuple[Callable[[Service], Service], str]] = {
    "a variable": (_with(environment={"A": "2", "B": None}), "the variable A"),
    "one variable more": (_with(environment={"A": "1", "B": None, "C": "3"}), "the variable C"),
    "the command": (_with(command=("serve", "else")), "its command"),
    "the entrypoint": (_with(entrypoint=("/x",)), "its command"),
    "the user": (_with(user="1000"), "its user"),
    "the folder": (_with(working_dir="/w"), "its folder"),
    "memory": (_with(mem_limit=1 << 26), "its memory"),
    "memory below deploy": (_with(deploy=Deploy(resources=Resources(limits=Resource(memory=1 << 26)))), "its memory"),
    "a right": (_with(cap_add=("NET_ADMIN",)), "its cap add"),
    "a limit": (_with(ulimits={"nofile": Ulimit(soft=5, hard=5)}), "its ulimits"),
    "a port": (_with(ports=(Port(target=80),)), "its exposed ports, its port bindings"),
    "a label": (_with(labels={"a": "b"}), "its labels"),
    "a mount": (_with(volumes=(Mount(type="bind", source="/srv", target="/srv"),)), "its mounts"),
    "an alias": (_with(networks={"default": ServiceNetwork(aliases=("third",))}), "its networking config"),
    "tmpfs": (_with(tmpfs=("/run",)), "its tmpfs"),
    "init": (_with(init=True), "its init"),
    "read-only": (_with(read_only=True, configs=()), ""),
    "hostname": (_with(hostname="h"), "its hostname"),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", NAMES)
def test_an_edit_changes_the_key_of_its_service_alone_and_is_named(edit: str, name: str) -> None:
    application, images = _application(), {name: _image(name) for name in NAMES}
    before = _keys(application, images)
    change, told = EDITS[edit]
    edited = {**application.services, name: change(application.services[name])}
    after = _keys(msgspec.structs.replace(application, services=edited), images)
    assert [n for n in NAMES if before[n].hash != after[n].hash] == [name]
    assert told in keys.changed(before[name].inputs, after[name].inputs)


@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.sampled_from(NAMES)), max_size=4))
def test_any_edits_change_exactly_the_keys_of_the_services_that_they_touch(edits: list[tuple[str, str]]) -> None:
    application, images = _application(), {name: _image(name) for name in NAMES}
    services = dict(application.services)
    for edit, name in edits:
        services[name] = EDITS[edit][0](services[name])
    before, after = _keys(application, images), _keys(msgspec.structs.replace(application, services=services), images)
    touched = {name for name in NAMES if services[name] != application.services[name]}
    assert {n for n in NAMES if before[n].hash != after[n].hash} == touched
    assert all(bool(keys.changed(before[n].inputs, after[n].inputs)) is (n in touched) for n in NAMES)


@pytest.mark.parametrize(
    "change",
    [
        {"layers": ("other",)},
        {"env": ("PATH=/usr/bin",)},
        {"cmd": ("other",)},
        {"user": "app"},
        {"volumes": ("/data2",)},
        {"healthcheck": HealthFacts(test=("CMD", "true"))},
    ],
)
def test_an_image_counts_by_what_it_holds(change: dict[str, Any]) -> None:
    application, images = _application(), {name: _image(name) for name in NAMES}
    before = _keys(application, images)
    changed = _keys(application, {**images, "db": msgspec.structs.replace(images["db"], **change)})
    assert [n for n in NAMES if before[n].hash != changed[n].hash] == ["db"]
    assert "its image" in keys.changed(before["db"].inputs, changed["db"].inputs)
    same = msgspec.structs.replace(images["db"], id="sha256:again", reference="db:other", digest="sha256:x", size=7)
    assert _keys(application, {**images, "db": same}) == before


def test_a_configs_content_counts_and_does_not_show() -> None:
    application, images = _application(), {name: _image(name) for name in NAMES}
    edited = msgspec.structs.replace(application, configs={"inline": FileObject(content="two")})
    before, after = _keys(application, images), _keys(edited, images)
    assert [n for n in NAMES if before[n].hash != after[n].hash] == ["api"]
    assert keys.changed(before["api"].inputs, after["api"].inputs) == "the content of /etc/inline"
    assert _keys(application, images, secret=b"t" * 32)["api"].hash != before["api"].hash, "nobody else can make the hash"


def test_what_names_a_run_or_decides_when_a_process_begins_does_not_count() -> None:
    application, images = _application(), {name: _image(name) for name in NAMES}
    before = _keys(application, images)
    other = Placement("other-00000000", "shop", "somebody", 5, "another")
    named: Scene = scene(application, options=SiteOptions(hold_for=99, pool="p", grace=True))
    moved = msgspec.structs.replace(named, placement=msgspec.structs.replace(other, project=PLACEMENT.project))
    after = {name: keys.of(moved, Instance(key=name, service=name), images[name], SECRET) for name in NAMES}
    assert after == before
    services = {
        name: msgspec.structs.replace(service, healthcheck=Healthcheck(test=("CMD", "true")), stop_grace_period="9s")
        for name, service in application.services.items()
    }
    later = _keys(msgspec.structs.replace(application, services=services), images)
    assert all(keys.changed(before[n].inputs, later[n].inputs) == "its stop timeout" for n in NAMES), "a check is ours to ask"


def test_a_file_counts_by_its_inode_and_uploaded_folders_can_not_be_compared() -> None:
    application, image = _application(), _image("db")
    placed, instance = scene(application), Instance(key="db", service="db")
    first = keys.of(placed, instance, image, SECRET, inodes={"/f": (1, 2)})
    second = keys.of(placed, instance, image, SECRET, inodes={"/f": (1, 3)})
    assert first is not None and second is not None and first.hash != second.hash
    assert keys.changed(first.inputs, second.inputs) == "the file /f"
    mounted = msgspec.structs.replace(application.services["db"], volumes=(Mount(type="bind", source="/srv", target="/srv"),))
    far = scene(
        msgspec.structs.replace(application, services={"db": mounted}), facts=facts(local_files=False), seen={"/srv": "dir"}
    )
    assert keys.of(far, instance, image, SECRET) is None


def test_of_what_is_booted_counts_all_that_its_process_has_met() -> None:
    application, image, instance = _application(), _image("db"), Instance(key="db", service="db")

    def key(application: Application = application, read: str | None = "text", **more: Any) -> keys.Key | None:
        return keys.of(scene(application, **more), instance, image, SECRET, contents={"/init": read})

    gated, alone, joined = key(), key(parties={"db": ("db",)}), key(parties={"db": ("api", "db")})
    assert gated is not None and alone is not None and joined is not None
    assert len({gated.hash, alone.hash, joined.hash}) == 3
    assert keys.changed(alone.inputs, joined.inputs) == "how it is booted"
    assert "how it is booted" in keys.changed(gated.inputs, alone.inputs)
    hook = msgspec.structs.replace(application.services["db"], post_start=(Hook(command=("true",)),))
    hooked = msgspec.structs.replace(application, services={**application.services, "db": hook})
    with_hook, other = key(hooked, parties={"db": ("db",)}), key(read="other", parties={"db": ("db",)})
    assert with_hook is not None and other is not None and key(hooked) == gated, "nothing at a gate has met a hook"
    assert keys.changed(alone.inputs, with_hook.inputs) == "how it is booted" and with_hook.hash != alone.hash
    assert keys.changed(alone.inputs, other.inputs) == "the content of /init" and other.hash != alone.hash
    assert key(read=None, parties={"db": ("db",)}) is None
