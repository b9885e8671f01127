"""Data have the same key while everything that has a part in them is the same, and another one as soon as anything of it isn't."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.engines.docker.scenes import IMAGE, facts, scene

from dockyard.engines.docker import snapshot_key
from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application, FileObject, Volume
from dockyard.model.errors import UserError
from dockyard.model.extension import Ready, ServiceExtension
from dockyard.model.facts import HealthFacts, ImageFacts
from dockyard.model.service import Bind, Dependency, FileReference, Healthcheck, Mount, Port, Service, ServiceNetwork
from dockyard.model.snapshot import Group, Key

GROUP = Group(services=("db",), inputs=("migrate",), one_shots=("migrate",))
OWN = ImageFacts(id="sha256:db", reference="db:1", volumes=("/var/lib/db",), layers=("l",))


@pytest.fixture
def application(tmp_path: Path) -> Application:
    (tmp_path / "init").mkdir()
    (tmp_path / "init/1.sql").write_text("one")
    (tmp_path / "secret").write_text("hidden")
    init = Mount(type="bind", source=f"{tmp_path}/init", target="/init", bind=Bind(create_host_path=True))
    return Application(
        name="t",
        project_directory=str(tmp_path),
        services={
            "db": Service(
                image="db",
                environment={"A": "1"},
                healthcheck=Healthcheck(test=("CMD", "true")),
                volumes=(init, Mount(type="volume", source="data", target="/more")),
                secrets=(FileReference(source="secret"),),
                configs=(FileReference(source="config"),),
            ),
            "migrate": Service(image="app", command=("up",)),
            "other": Service(image="app", command=("serve",)),
        },
        volumes={"data": Volume()},
        secrets={"secret": FileObject(file=f"{tmp_path}/secret")},
        configs={"config": FileObject(content="plain")},
    )


def _key(application: Application, group: Group = GROUP, *, db: ImageFacts = OWN, app: ImageFacts = IMAGE, **more: Any) -> Key:
    images = {"db": db, "migrate": app, "other": app}
    scope, secret = more.pop("scope", "main"), more.pop("secret", b"s")
    return snapshot_key.of(scene(application, **more), group, images, secret, scope)


def _edited(application: Application, name: str, **fields: Any) -> Application:
    services = {**application.services, name: msgspec.structs.replace(application.services[name], **fields)}
    return msgspec.structs.replace(application, services=services)


def _differing(before: Key, after: Key) -> list[str]:
    return sorted(name for name in {*before.inputs, *after.inputs} if before.inputs.get(name) != after.inputs.get(name))


def test_it_says_where_the_data_are(application: Application) -> None:
    assert _key(application).targets == {"db": ("/more", "/var/lib/db")}


CHANGED: dict[str, tuple[Callable[[Application], Key], str]] = {
    "a variable": (lambda a: _key(_edited(a, "db", environment={"A": "2"})), "db: the variable A"),
    "the command": (lambda a: _key(_edited(a, "db", command=("x",))), "db: its command"),
    "the user": (lambda a: _key(_edited(a, "db", user="9")), "db: its user"),
    "the migration's command": (lambda a: _key(_edited(a, "migrate", command=("down",))), "migrate: its command"),
    "its variables": (lambda a: _key(_edited(a, "migrate", environment={"M": "1"})), "migrate: the variable M"),
    "the image": (lambda a: _key(a, db=msgspec.structs.replace(OWN, layers=("other",))), "db: its image"),
    "the migration's image": (lambda a: _key(a, app=msgspec.structs.replace(IMAGE, layers=("m",))), "migrate: its image"),
    "an inline config": (
        lambda a: _key(msgspec.structs.replace(a, configs={"config": FileObject(content="else")})),
        "db: the content of /config",
    ),
    "when it is ready": (
        lambda a: _key(_edited(a, "db", healthcheck=Healthcheck(test=("CMD", "else")))),
        "db: when it is ready",
    ),
    "what the migration waits for": (
        lambda a: _key(_edited(a, "migrate", depends_on={"db": Dependency(condition="service_started")})),
        "migrate: what it waits for",
    ),
    "what it is called": (
        lambda a: _key(_edited(a, "db", networks={"default": ServiceNetwork(aliases=("primary",))})),
        "db: its networks",
    ),
    "how it is stopped": (lambda a: _key(_edited(a, "db", stop_signal="SIGINT")), "db: its stop signal"),
    "the trust scope": (lambda a: _key(a, scope="a fork"), "the trust scope"),
    "the engine": (lambda a: _key(a, facts=facts(id="another")), "the engine"),
    "who has a part": (lambda a: _key(a, Group(services=("db",))), "which services"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_another_input_is_another_key_and_is_named(application: Application, case: str) -> None:
    change, named = CHANGED[case]
    before, after = _key(application), change(application)
    assert before.hash != after.hash and named in _differing(before, after)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("db", {"ports": (Port(target=80),)}),
        ("db", {"labels": {"a": "b"}}),
        ("db", {"mem_limit": 1 << 28, "restart": "always"}),
        ("other", {"command": ("else",), "environment": {"B": "1"}}),
    ],
)
def test_what_can_not_reach_the_data_is_not_in_the_key(application: Application, name: str, fields: dict[str, Any]) -> None:
    assert _key(_edited(application, name, **fields)).hash == _key(application).hash
    tight = SiteOptions(limits_cpus=1, publish="all", hold_for=9)
    assert _key(application, options=tight).hash == _key(application, gate=False).hash == _key(application).hash


def test_the_same_image_built_again_is_the_same(application: Application) -> None:
    again = msgspec.structs.replace(OWN, id="sha256:else", reference="x", digest="sha256:y", size=5)
    assert _key(application, db=again).hash == _key(application).hash


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "edited": (lambda p: (p / "init/1.sql").write_text("two"), "db: the content of ./init"),
    "added": (lambda p: (p / "init/2.sql").write_text("two"), "db: the content of ./init"),
    "renamed": (lambda p: (p / "init/1.sql").rename(p / "init/0.sql"), "db: the content of ./init"),
    "removed": (lambda p: (p / "init/1.sql").unlink(), "db: the content of ./init"),
    "made executable": (lambda p: (p / "init/1.sql").chmod(0o755), "db: the content of ./init"),
    "deeper": (lambda p: [(p / "init/more").mkdir(), (p / "init/more/3.sql").write_text("3")], "db: the content of ./init"),
    "a link": (lambda p: (p / "init/l").symlink_to("1.sql"), "db: the content of ./init"),
    "a secret": (lambda p: (p / "secret").write_text("else"), "db: the content of ./secret"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_mounted_file_counts_by_its_content(application: Application, tmp_path: Path, case: str) -> None:
    before = _key(application)
    os.utime(tmp_path / "init/1.sql", (1, 1))
    assert _key(application).hash == before.hash, "when it was written is nothing of its data's"
    change, named = FILES[case]
    change(tmp_path)
    after = _key(application)
    assert before.hash != after.hash and _differing(before, after) == [named]


def test_a_file_that_is_named_counts_and_its_checkout_does_not(application: Application, tmp_path: Path) -> None:
    (tmp_path / "seed.csv").write_text("1")
    group = msgspec.structs.replace(GROUP, files=(f"{tmp_path}/seed.csv",))
    before = _key(application, group)
    (tmp_path / "seed.csv").write_text("2")
    assert _differing(before, _key(application, group)) == ["the file ./seed.csv"]


def test_secrets_do_not_show_in_a_key_and_ones_own_is_needed_to_make_it(application: Application) -> None:
    assert _key(application, secret=b"another").hash != _key(application).hash
    assert "hidden" not in str(_key(application))


def test_what_can_not_be_compared_is_told(application: Application, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "init/pipe")
    with pytest.raises(UserError, match="pipe is no file"):
        _key(application)
    socket = _edited(application, "db", volumes=(Mount(type="bind", source="/var/run/docker.sock", target="/s"),))
    with pytest.raises(UserError, match="of the engine's machine"):
        _key(socket)


def test_a_service_that_does_not_say_when_it_is_ready_is_not_kept(application: Application) -> None:
    """It would be stopped while its data are still being filled."""
    for check in (None, Healthcheck(disable=True), Healthcheck(test=("NONE",))):
        with pytest.raises(UserError, match="nobody knows when its data are filled"):
            _key(_edited(application, "db", healthcheck=check))
    own = msgspec.structs.replace(OWN, healthcheck=HealthFacts(test=("CMD", "true")))
    assert _key(_edited(application, "db", healthcheck=None), db=own)
    said = msgspec.structs.replace(
        _edited(application, "db", healthcheck=None), dockyard_services={"db": ServiceExtension(ready=(Ready(tcp=1),))}
    )
    assert _key(said)


def test_a_service_without_a_volume_has_nothing_to_keep(application: Application) -> None:
    bare = _edited(application, "db", volumes=())
    with pytest.raises(UserError, match="db has no volume of its own"):
        _key(bare, db=msgspec.structs.replace(OWN, volumes=()))
