"""The table of fields: complete, and what it says is what happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engines.docker.scenes import facts

import dockyard.compose
from dockyard.engines.docker import support
from dockyard.engines.docker.support import Fate
from dockyard.model.application import Application, FileObject, Network
from dockyard.model.service import (
    Bind,
    Build,
    Dependency,
    Deploy,
    DeviceRequest,
    FileReference,
    ImageOptions,
    Logging,
    Mount,
    Placing,
    Provider,
    Resource,
    Resources,
    Service,
    ServiceNetwork,
    VolumeOptions,
)

SCHEMA = Path(dockyard.compose.__file__).parent / "compose-spec.json"


def _paths() -> set[str]:
    schema = json.loads(SCHEMA.read_text())
    return set(_walk(schema, schema["definitions"], ""))


def _walk(node: dict[str, Any], definitions: dict[str, Any], path: str) -> Iterator[str]:
    while "$ref" in node:
        node = definitions[node["$ref"].rsplit("/", 1)[-1]]
    for option in (*node.get("oneOf", ()), *node.get("anyOf", ())):
        yield from _walk(option, definitions, path)
    for name, below in node.get("properties", {}).items():
        at = f"{path}.{name}" if path else name
        yield at
        yield from _walk(below, definitions, at)
    for pattern, below in node.get("patternProperties", {}).items():
        if not pattern.startswith("^x-"):
            yield from _walk(below, definitions, f"{path}.*")
    if isinstance(node.get("items"), dict):
        yield from _walk(node["items"], definitions, f"{path}[]")


def test_every_field_of_the_schema_has_a_row() -> None:
    assert len(_paths()) > 300
    assert [path for path in sorted(_paths()) if support.row_of(path) is None] == []


def test_no_row_speaks_of_a_field_that_is_not_there() -> None:
    assert [row.path for row in support.rows() if row.path not in _paths()] == []


def test_no_field_has_two_rows() -> None:
    paths = [row.path for row in support.rows()]
    assert len(paths) == len(set(paths))


def test_every_row_that_takes_something_away_says_why() -> None:
    assert [row.path for row in support.rows() if row.fate in (Fate.REFUSED, Fate.IGNORED, Fate.HARMLESS) and not row.note] == []


REFUSED = [
    (
        "1.44",
        Service(volumes=(Mount(type="volume", source="v", target="/v", volume=VolumeOptions(subpath="a")),)),
        "services.web.volumes[0].volume.subpath",
    ),
    (
        "1.47",
        Service(volumes=(Mount(type="image", source="i:1", target="/v", image=ImageOptions(subpath="a")),)),
        "services.web.volumes[0].image",
    ),
    (
        "1.41",
        Service(volumes=(Mount(type="bind", source="/a", target="/v", bind=Bind(recursive="readonly")),)),
        "services.web.volumes[0].bind.recursive",
    ),
    ("1.41", Service(volumes=(Mount(type="npipe", source="a", target="b"),)), "services.web.volumes[0].type"),
    ("1.47", Service(volumes=(Mount(type="image", source="i:1", target="/v"),)), "services.web.volumes[0].type"),
    (
        "1.43",
        Service(deploy=Deploy(resources=Resources(reservations=Resource(devices=(DeviceRequest(driver="cdi"),))))),
        "services.web.deploy.resources.reservations.devices[0].driver",
    ),
    ("1.47", Service(networks={"n": ServiceNetwork(gw_priority=1)}), "services.web.networks.n.gw_priority"),
    ("1.43", Service(networks={"n": ServiceNetwork(mac_address="02:42:ac:11:00:02")}), "services.web.networks.n.mac_address"),
    ("1.47", Service(networks={"n": ServiceNetwork(interface_name="eth7")}), "services.web.networks.n.interface_name"),
    ("1.56", Service(provider=Provider(type="cloud")), "services.web.provider"),
    ("1.56", Service(models={"llm": None}), "services.web.models"),
    ("1.56", Service(isolation="hyperv"), "services.web.isolation"),
    ("1.56", Service(build=Build(context=".", isolation="hyperv")), "services.web.build.isolation"),
    ("1.56", Service(secrets=(FileReference(source="ext"),)), "secrets.ext.external"),
]


def _refused(api: str, service: Service, **more: Any):
    application = Application(name="a", services={"web": service}, secrets={"ext": FileObject(external=True)}, **more)
    return support.refusals(application, ["web"], facts(api))


@pytest.mark.parametrize(("api", "service", "path"), REFUSED, ids=[path for _, _, path in REFUSED])
def test_a_field_that_the_engine_cannot_honour_is_an_error_that_names_both(api: str, service: Service, path: str) -> None:
    errors, _ = _refused(api, service)
    found = {problem.path: problem for problem in errors}
    assert path in found
    assert path.rpartition(".")[2] in found[path].what and "Docker Engine 20.10.24" in found[path].what


@pytest.mark.parametrize(
    ("api", "service", "path"), [case for case in REFUSED if case[0] != "1.56" and "npipe" not in repr(case[1])]
)
def test_the_newest_engine_honours_what_older_ones_do_not_know(api: str, service: Service, path: str) -> None:
    application = Application(name="a", services={"web": service})
    assert support.refusals(application, ["web"], facts("1.56", devices=("cdi",))) == ([], [])


def test_a_mount_of_an_image_says_which_engine_it_needs() -> None:
    errors, _ = _refused("1.41", Service(volumes=(Mount(type="image", source="i:1", target="/v"),)))
    assert [(problem.what, problem.hint) for problem in errors] == [
        ("Docker Engine 20.10.24 (API 1.41) does not know `type: image`", "it needs Docker Engine 28.0 (API 1.48)")
    ]


@pytest.mark.parametrize(("devices", "told"), [((), True), (("nvidia",), False), (("cdi",), False)])
def test_devices_that_an_engine_shows_no_driver_for_are_told_with_the_field(devices: tuple[str, ...], told: bool) -> None:
    gpu = DeviceRequest(capabilities=("gpu",), count=-1)
    reserved = Deploy(resources=Resources(reservations=Resource(devices=(gpu,))))
    application = Application(name="a", services={"a": Service(gpus=(gpu,)), "b": Service(deploy=reserved)})
    errors, warnings = support.refusals(application, ["a", "b"], facts(devices=devices))
    assert not errors
    paths = ["services.a.gpus", "services.b.deploy.resources.reservations.devices[0]"]
    assert [problem.path for problem in warnings] == (paths if told else [])
    assert all("Docker Engine 20.10.24 (API 1.41)" in problem.what for problem in warnings)


def test_what_compose_leaves_out_too_is_a_warning() -> None:
    service = Service(
        annotations={"a": "b"}, cpu_count=2, deploy=Deploy(mode="global", placement=Placing(constraints=("node.role==manager",)))
    )
    errors, warnings = _refused("1.41", service)
    assert not errors
    assert [problem.path for problem in warnings] == [
        "services.web.deploy.mode",
        "services.web.deploy.placement",
        "services.web.cpu_count",
        "services.web.annotations",
    ]


def test_cgroup_v2_has_no_swappiness() -> None:
    application = Application(name="a", services={"web": Service(mem_swappiness=10)})
    assert not support.refusals(application, ["web"], facts(cgroup=1))[1]
    assert [problem.path for problem in support.refusals(application, ["web"], facts(cgroup=2))[1]] == [
        "services.web.mem_swappiness"
    ]


def test_a_limit_that_the_engine_cannot_hold_is_told() -> None:
    limits = Resource(memory=1 << 20)
    application = Application(
        name="a",
        services={"web": Service(mem_limit=1 << 20, cpus=1, pids_limit=9, deploy=Deploy(resources=Resources(limits=limits)))},
    )
    assert not support.refusals(application, ["web"], facts())[1]
    errors, warnings = support.refusals(application, ["web"], facts(lacks=("memory", "pids")))
    assert not errors and [(problem.path, "can't limit" in problem.what) for problem in warnings] == [
        ("services.web.deploy.resources.limits.memory", True),
        ("services.web.mem_limit", True),
        ("services.web.pids_limit", True),
    ]


def test_own_labels_may_not_be_written_anywhere() -> None:
    service = Service(labels={"dockyard.owner": "me"})
    errors, _ = _refused("1.41", service, networks={"n": Network(labels={"dockyard.placement": "x"})})
    assert [problem.path for problem in errors] == ["services.web.labels.dockyard.owner", "networks.n.labels.dockyard.placement"]


def test_services_that_are_not_in_the_run_refuse_nothing() -> None:
    application = Application(name="a", services={"web": Service(), "other": Service(provider=Provider(type="cloud"))})
    assert support.refusals(application, ["web"], facts()) == ([], [])


@pytest.mark.parametrize(
    ("driver", "depends_on", "why"),
    [
        ("fluentd", {"collector": Dependency()}, "its log driver fluentd wants its server"),
        ("fluentd", {}, ""),
        ("local", {"collector": Dependency()}, ""),
    ],
)
def test_a_log_driver_that_needs_what_its_service_depends_on_waits_for_it(
    driver: str, depends_on: dict[str, Dependency], why: str
) -> None:
    said = support.ungated(Service(logging=Logging(driver=driver), depends_on=depends_on), facts(), ("amd64",))
    assert why in said and bool(said) == bool(why)


@pytest.mark.parametrize(
    ("engine", "why"),
    [
        (facts(), ""),
        (facts(arch="arm64"), ""),
        (facts(arch="riscv64"), "there is no gate for riscv64"),
        (facts(os="windows"), "windows"),
    ],
)
def test_where_there_is_no_gate_a_service_is_started_in_turn(engine: Any, why: str) -> None:
    said = support.ungated(Service(), engine, ("amd64", "arm64"))
    assert why in said and bool(said) == bool(why)
