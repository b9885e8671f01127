"""Services described in code say what the same Compose file says."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from dockyard import Healthcheck, HttpReady, QueryReady, Ready, Service, UserError
from dockyard.api.services import document
from dockyard.api.wishes import Wishes
from dockyard.compose import load
from dockyard.model.application import Application


def _coded(**services: Service) -> Application:
    return Wishes((services,), name="shop").application()


def _written(text: str) -> Application:
    return load(["-"], {}, cwd="/", project_directory="/", project_name="shop", for_test=True, stdin=text.encode)


def _told(application: Application) -> dict[str, Any]:
    return {
        name: msgspec.to_builtins(getattr(application, name))
        for name in ("services", "networks", "volumes", "configs", "dockyard_services")
    }


CASES: dict[str, tuple[dict[str, Service], str]] = {
    "an image": ({"db": Service("redis:7")}, "services: {db: {image: 'redis:7'}}"),
    "what it runs": (
        {"a": Service("b", command=["x", "y"], entrypoint="/e f", user="1", working_dir="/w", init=True, hostname="h")},
        "services: {a: {image: b, command: [x, y], entrypoint: /e f, user: '1', working_dir: /w, init: true, hostname: h}}",
    ),
    "variables are literal": (
        {"a": Service("b", environment={"A": "$HOME ${X:-y} $$", "N": 3, "T": True, "E": None}, command="echo $A")},
        "services: {a: {image: b, environment: {A: '$$HOME $${X:-y} $$$$', N: 3, T: true, E: }, command: 'echo $$A'}}",
    ),
    "ports, volumes and networks": (
        {"a": Service("b", ports=[80, "81:82"], expose=[9], volumes=["data:/d", "/e"], networks=["front"], tmpfs=["/t"])},
        "services: {a: {image: b, ports: [80, '81:82'], expose: [9], volumes: ['data:/d', /e], networks: [front], tmpfs: [/t]}}\n"
        "volumes: {data: {}}\nnetworks: {front: {}}",
    ),
    "dependencies": (
        {"a": Service("b", depends_on={"c": "healthy", "d": "completed_successfully"}), "c": Service("b"), "d": Service("b")},
        "services: {a: {image: b, depends_on: {c: {condition: service_healthy}, d: {condition: service_completed_successfully}}},"
        " c: {image: b}, d: {image: b}}",
    ),
    "dependencies in short": (
        {"a": Service("b", depends_on=["c"]), "c": Service("b")},
        "services: {a: {image: b, depends_on: [c]}, c: {image: b}}",
    ),
    "a check": (
        {"a": Service("b", healthcheck=Healthcheck(["true"], interval=0.5, retries=4, start_period=90))},
        "services: {a: {image: b, healthcheck: {test: [CMD, 'true'], interval: 500ms, retries: 4, start_period: 1m30s}}}",
    ),
    "a check for the shell": (
        {"a": Service("b", healthcheck=Healthcheck("true || false", timeout=2))},
        "services: {a: {image: b, healthcheck: {test: 'true || false', timeout: 2s}}}",
    ),
    "ready": (
        {"a": Service("b", ready=[Ready(http=HttpReady(port=80, status=204)), Ready(postgres=QueryReady()), Ready(tcp=5)])},
        "services: {a: {image: b, x-dockyard: {ready: [{http: {port: 80, path: /, status: 204}}, {postgres: {}}, {tcp: 5}]}}}",
    ),
    "limits": (
        {"a": Service("b", mem_limit="64m", cpus=0.5, shm_size=1 << 20, restart="on-failure", labels={"x": "y"})},
        "services: {a: {image: b, mem_limit: 64m, cpus: 0.5, shm_size: 1048576, restart: on-failure, labels: {x: y}}}",
    ),
    "files": (
        {"a": Service("b", files={"/etc/x": "k = $v\n"})},
        'services: {a: {image: b, configs: [{source: a-file-0, target: /etc/x}]}}\nconfigs: {a-file-0: {content: "k = $$v\\n"}}',
    ),
    "what has no field": (
        {"a": Service("b", ready=Ready(tcp=1), extra={"cap_add": ["NET_ADMIN"], "x-dockyard": {"gate": "never"}})},
        "services: {a: {image: b, cap_add: [NET_ADMIN], x-dockyard: {ready: [{tcp: 1}], gate: never}}}",
    ),
}


@pytest.mark.parametrize(("coded", "written"), CASES.values(), ids=CASES.keys())
def test_code_says_what_a_file_says(coded: dict[str, Service], written: str) -> None:
    assert _told(_coded(**coded)) == _told(_written(written))


def test_what_is_wrong_is_said_by_its_name_and_no_line_of_a_file_that_nobody_wrote() -> None:
    with pytest.raises(UserError) as caught:
        _coded(db=Service("redis:7", extra={"imagee": "x"}, mem_limit="many"))
    assert [str(problem.at) for problem in caught.value.problems] == ["None", "None"]
    assert {problem.path for problem in caught.value.problems} == {"services.db.imagee", "services.db.mem_limit"}


def test_files_and_services_do_not_mix() -> None:
    with pytest.raises(UserError, match="described by files or by one mapping"):
        Wishes(("compose.yaml", {"a": Service("b")})).application()


def test_the_document_is_what_another_tool_can_read() -> None:
    assert json.loads(document({"a": Service("b")})) == {"services": {"a": {"image": "b"}}}
