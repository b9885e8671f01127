"""`x-dockyard`: what it may say, and that nothing it says is dropped in silence."""

from __future__ import annotations

from typing import Any

import pytest

from dockyard.compose import Uploaded, load
from dockyard.model.application import Application
from dockyard.model.errors import UserError
from dockyard.model.extension import HttpReady, Keep, Limits, QueryReady, Ready, ServiceExtension, TopExtension


def _load(text: str) -> Application:
    return load(["/p/compose.yaml"], {}, cwd="/p", reader=Uploaded({"/p/compose.yaml": text.encode()}))


def _told(text: str) -> str:
    with pytest.raises(UserError) as caught:
        _load(text)
    return str(caught.value)


def test_a_file_without_it_has_the_defaults() -> None:
    app = _load("services: {a: {image: x}}")
    assert app.dockyard == TopExtension()
    assert app.dockyard.timeout == 1800.0 and app.dockyard.test is None
    assert app.extension("a") == ServiceExtension()


def test_the_top_says_tests_time_keeping_and_limits() -> None:
    app = _load(
        """
x-dockyard:
  test: [a]
  timeout: 1h30m
  keep: {when: always, for: 20m}
  limits: {cpus: "1.5", memory: 2g, pids: 100}
services: {a: {image: x}}
"""
    )
    assert app.dockyard == TopExtension(
        test=("a",),
        timeout=5400.0,
        keep=Keep(when="always", seconds=1200.0),
        limits=Limits(cpus=1.5, memory=2 << 30, pids=100),
    )


@pytest.mark.parametrize(
    ("ready", "means"),
    [
        ("{tcp: 5432}", Ready(tcp=5432)),
        ("{http: {port: 80}}", Ready(http=HttpReady(port=80))),
        (
            '{http: {port: 80, path: /up, status: 204, body: "o.k"}}',
            Ready(http=HttpReady(port=80, path="/up", status=204, body="o.k")),
        ),
        ('{log: "ready in \\\\d+"}', Ready(log="ready in \\d+")),
        ("{file: /tmp/ready}", Ready(file="/tmp/ready")),
        ("{command: [check, it]}", Ready(command=("check", "it"))),
        ("{command: check it}", Ready(command=("/bin/sh", "-c", "check it"))),
        ("{postgres: {user: me, database: app}}", Ready(postgres=QueryReady(user="me", database="app"))),
        ("{mysql: {}}", Ready(mysql=QueryReady())),
        ("{redis: {port: 6380, database: 1}}", Ready(redis=QueryReady(port=6380, database="1"))),
        ("{redis: }", Ready(redis=QueryReady())),
    ],
)
def test_a_service_is_ready_by_one_condition(ready: str, means: Ready) -> None:
    app = _load(f"services: {{a: {{image: x, x-dockyard: {{ready: {ready}}}}}}}")
    assert app.extension("a").ready == (means,)


def test_a_service_may_have_several_conditions_reports_and_no_gate() -> None:
    app = _load(
        """
services:
  a:
    image: x
    x-dockyard:
      ready: [{tcp: 80}, {log: up}]
      reports: [/out/junit.xml, /out/shots]
      gate: never
"""
    )
    said = app.extension("a")
    assert [one.kind for one in said.ready] == ["tcp", "log"]
    assert said.reports == ("/out/junit.xml", "/out/shots")
    assert said.gate is False


@pytest.mark.parametrize(
    "text",
    [
        "x-dockyard: {$: 1}",
        "services: {a: {image: x, x-dockyard: {$: 1}}}",
    ],
)
@pytest.mark.parametrize("key", ["tests", "redy", "time-out"])
def test_an_unknown_key_is_an_error(text: str, key: str) -> None:
    told = _told(text.replace("$", key) + ("\nservices: {a: {image: x}}" if text.startswith("x-") else ""))
    assert f"unknown key '{key}'" in told


def test_an_unknown_key_comes_with_a_suggestion_and_its_place() -> None:
    told = _told("services:\n  a:\n    image: x\n    x-dockyard:\n      redy: {tcp: 1}\n")
    assert told.startswith("compose.yaml:5:7: services.a.x-dockyard.redy: unknown key 'redy'")
    assert "did you mean 'ready'?" in told


@pytest.mark.parametrize("key", ["shards", "matrix", "tenant", "region", "needs"])
def test_what_the_top_can_not_do_yet_is_named(key: str) -> None:
    told = _told(f"x-dockyard:\n  {key}: 2\nservices: {{a: {{image: x}}}}\n")
    assert told.startswith(f"compose.yaml:2:3: x-dockyard.{key}: '{key}' is not built yet")


@pytest.mark.parametrize("key", ["content"])
def test_what_a_service_can_not_do_yet_is_named(key: str) -> None:
    told = _told(f"services: {{a: {{image: x, x-dockyard: {{{key}: true}}}}}}")
    assert f"services.a.x-dockyard.{key}: '{key}' is not built yet" in told


def test_what_stands_by_is_read() -> None:
    text = "x-dockyard: {standby: 2}\nservices: {a: {image: x, x-dockyard: {standby: never}}, b: {image: x, x-dockyard: {standby: gate}}, c: {image: x, x-dockyard: {standby: ready}}}"
    application = _load(text)
    assert application.dockyard.standby == 2
    assert [application.extension(name).standby for name in ("a", "b", "c")] == [False, True, True]
    assert [application.extension(name).booted for name in ("a", "b", "c")] == [False, False, True]
    assert "x-dockyard.standby" in _told("x-dockyard: {standby: many}\nservices: {a: {image: x}}")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("true", ()),
        ("false", None),
        ("{inputs: migrate}", ("migrate",)),
        ("{inputs: [migrate, ./seed.csv]}", ("migrate", "./seed.csv")),
    ],
)
def test_what_is_kept_is_read(written: str, read: tuple[str, ...] | None) -> None:
    application = _load(f"services: {{a: {{image: x, x-dockyard: {{snapshot: {written}}}}}}}")
    assert application.extension("a").snapshot == read


@pytest.mark.parametrize("written", ["yes", "{}", "{inputs: []}", "{inputs: [a], more: 1}", "3"])
def test_a_snapshot_that_is_none_is_told(written: str) -> None:
    assert "x-dockyard.snapshot" in _told(f"services: {{a: {{image: x, x-dockyard: {{snapshot: {written}}}}}}}")


def test_content_of_a_build_is_not_built_yet_either() -> None:
    assert "'content' is not built yet" in _told("services: {a: {build: {context: ., x-dockyard: {content: 1}}}}")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("ready: {tcp: 70000}", "65535 or less"),
        ("ready: {tcp: http}", "must be a whole number"),
        ("ready: {}", "must not be empty"),
        ("ready: []", "must not be empty"),
        ("ready: {tcp: 1, log: x}", "takes one of tcp, log"),
        ('ready: {log: "("}', "is no regular expression"),
        ('ready: {http: {port: 1, body: "["}}', "is no regular expression"),
        ("ready: {http: {path: /}}", "is missing 'port'"),
        ("ready: {tpc: 5}", "did you mean 'tcp'?"),
        ("gate: always", "must be one of never"),
        ("reports: 5", "must be text or a list"),
        ("reports: out", "compose.yaml:1:39: services.a.x-dockyard.reports: 'out' is not absolute"),
        ("reports: [/fine, ./out]", "compose.yaml:1:56: services.a.x-dockyard.reports[1]: './out' is not absolute"),
    ],
)
def test_what_makes_no_sense_on_a_service_is_told(said: str, what: str) -> None:
    assert what in _told(f"services: {{a: {{image: x, x-dockyard: {{{said}}}}}}}")


@pytest.mark.parametrize(
    ("folder", "meant"),
    [("", "/out/junit.xml"), ("working_dir: /app, ", "/app/out/junit.xml"), ("working_dir: 5, ", "/out/junit.xml")],
)
def test_a_relative_path_of_a_report_is_told_as_it_may_be_meant(folder: str, meant: str) -> None:
    told = _told(f"services: {{a: {{image: x, {folder}x-dockyard: {{reports: ./out/junit.xml}}}}}}")
    assert f"a path in the container begins with /, as {meant}" in told


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("timeout: 30", "must be text"),
        ("timeout: soon", "is no duration"),
        ("timeout: 0s", "longer than nothing"),
        ("keep: {when: never}", "must be one of failure, always"),
        ("keep: {for: x}", "is no duration"),
        ("limits: {memory: lots}", "is no size"),
        ("limits: {cpus: many}", "is no number"),
        ("limits: {disk: 1}", "unknown key 'disk'"),
        ("test: []", "must not be empty"),
        ("test: [b]", "undefined service 'b'"),
        ("test: {a: b}", "must be text or a list"),
    ],
)
def test_what_makes_no_sense_at_the_top_is_told(said: str, what: str) -> None:
    assert what in _told(f"x-dockyard: {{{said}}}\nservices: {{a: {{image: x}}}}")


def test_an_included_files_top_is_not_read() -> None:
    files: dict[str, Any] = {
        "/p/compose.yaml": b"include: [one.yaml]\nservices: {a: {image: x}}",
        "/p/one.yaml": b"x-dockyard: {timeout: 1s, bogus: 1}\nservices: {b: {image: x, x-dockyard: {gate: never}}}",
    }
    app = load(["/p/compose.yaml"], {}, cwd="/p", reader=Uploaded(files))
    assert app.dockyard == TopExtension()
    assert app.extension("b").gate is False


def test_an_override_changes_what_was_said() -> None:
    files = {
        "/p/one.yaml": b"x-dockyard: {timeout: 10m, keep: {when: always}}\nservices: {a: {image: x}}",
        "/p/two.yaml": b"x-dockyard: {timeout: 20m}",
    }
    app = load(["/p/one.yaml", "/p/two.yaml"], {}, cwd="/p", reader=Uploaded(files))
    assert app.dockyard.timeout == 1200.0
    assert app.dockyard.keep == Keep(when="always")


@pytest.mark.parametrize(
    "text",
    [
        "services: {a: {image: x, labels: {dockyard.placement: me}}}",
        "services: {a: {image: x, labels: [dockyard.deadline=1]}}",
        "services: {a: {image: x, deploy: {labels: {dockyard.x: y}}}}",
        "services: {a: {build: {context: ., labels: {dockyard.x: y}}}}",
        "services: {a: {image: x}}\nnetworks: {default: {labels: {dockyard.owner: x}}}",
        "services: {a: {image: x, volumes: ['v:/v']}}\nvolumes: {v: {labels: [dockyard.cache]}}",
    ],
)
def test_dockyards_own_labels_are_refused(text: str) -> None:
    assert "is Dockyard's own" in _told(text)
