"""Loading as others use it: places, profiles, targets, uploaded files, standard input, all problems at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockyard.compose import Limits, Uploaded, load, select
from dockyard.model.application import Application
from dockyard.model.errors import UserError


def _upload(files: dict[str, str]) -> Uploaded:
    return Uploaded({f"/p/{name}": text.encode() for name, text in files.items()})


def _load(files: dict[str, str], env: dict[str, str] | None = None, **options: object) -> Application:
    return load(None, env or {}, cwd="/p", reader=_upload(files), **options)  # type: ignore[arg-type]


def test_each_part_of_the_application_knows_where_it_was_written() -> None:
    app = load(
        ["/p/one.yaml", "/p/two.yaml"],
        {},
        cwd="/p",
        reader=_upload(
            {
                "one.yaml": "services:\n  we.b:\n    image: x\n    ports:\n      - '80:80'\n      - '90-91:90-91'\n",
                "two.yaml": "services:\n  we.b:\n    hostname: h\n    environment:\n    - A=1\n",
            }
        ),
    )
    assert str(app.locate("services.we.b.image")) == "one.yaml:3:5"
    assert str(app.locate("services.we.b.ports[0].target")) == "one.yaml:5:9"
    assert str(app.locate("services.we.b.ports[2]")) == "one.yaml:6:9"
    assert str(app.locate("services.we.b.hostname")) == "two.yaml:3:5"
    assert str(app.locate("services.we.b.environment.A")) == "two.yaml:5:7"
    assert str(app.locate("services.we.b.nowhere")) == "one.yaml:2:3"
    assert app.locate("networks.default") is None
    assert app.sources.files == ("one.yaml", "two.yaml")


def test_a_place_in_an_extended_or_included_file_is_that_files() -> None:
    app = _load(
        {
            "compose.yaml": "include: [sub/inc.yaml]\nservices:\n  a:\n    extends: {file: sub/base.yaml, service: b}\n",
            "sub/base.yaml": "services:\n  b:\n    image: x\n",
            "sub/inc.yaml": "services:\n  c:\n    image: y\n",
        }
    )
    assert str(app.locate("services.a.image")) == "sub/base.yaml:3:5"
    assert str(app.locate("services.c.image")) == "sub/inc.yaml:3:5"


def test_all_problems_of_all_kinds_come_at_once_in_file_order() -> None:
    text = """services:
  a:
    image: x
    imge: y
    networks: [nope]
    healthcheck: {interval: often}
    scale: ${N:-many}
    depends_on: [bb]
    ports: ["99999:1"]
  b:
    image: ${X:?X is needed}
    volumes: [gone:/x]
"""
    with pytest.raises(UserError) as caught:
        _load({"compose.yaml": text})
    problems = caught.value.problems
    assert [(p.at.line if p.at else 0, p.path) for p in problems] == [
        (4, "services.a.imge"),
        (5, "services.a.networks.nope"),
        (6, "services.a.healthcheck.interval"),
        (7, "services.a.scale"),
        (8, "services.a.depends_on.bb"),
        (9, "services.a.ports[0]"),
        (11, "services.b.image"),
        (12, "services.b.volumes[0]"),
    ]


def test_a_wrong_key_does_not_make_its_service_look_empty() -> None:
    with pytest.raises(UserError) as caught:
        _load({"compose.yaml": "services: {a: {imgae: x}}"})
    assert len(caught.value.problems) == 1


def test_for_tests_the_test_file_alone_is_read_and_the_profile_test_is_on() -> None:
    files = {
        "compose.yaml": "services: {a: {image: x}, t: {image: t, profiles: [test]}}",
        "compose.override.yaml": "services: {a: {hostname: h}}",
        "docker-compose.test.yml": "services: {sut: {image: s}}",
    }
    assert set(_load(files, for_test=True).services) == {"sut"}
    assert set(_load(files).services) == {"a"}
    del files["docker-compose.test.yml"]
    both = _load(files, for_test=True)
    assert set(both.services) == {"a", "t"}
    assert both.services["a"].hostname == "h"
    assert both.profiles == ("test",)


def test_compose_file_is_stronger_than_the_test_file() -> None:
    files = {"docker-compose.test.yml": "services: {sut: {image: s}}", "mine.yaml": "services: {m: {image: m}}"}
    assert set(_load(files, {"COMPOSE_FILE": "mine.yaml"}, for_test=True).services) == {"m"}


def test_a_target_switches_its_profile_on_and_the_rest_is_set_aside() -> None:
    files = {"compose.yaml": "services: {a: {image: x}, b: {image: y, profiles: [p]}, c: {image: z, profiles: [q]}}"}
    app = _load(files, services=["b"])
    assert set(app.services) == {"a", "b"}
    assert set(app.disabled) == {"c"}


def test_a_target_that_is_not_there_is_told_with_the_likely_one() -> None:
    with pytest.raises(UserError) as caught:
        _load({"compose.yaml": "services: {worker: {image: x}}"}, services=["wroker"])
    assert "did you mean 'worker'?" in str(caught.value)


def test_selecting_a_service_takes_its_dependencies_and_what_they_use() -> None:
    app = _load(
        {
            "compose.yaml": """
services:
  a: {image: x, depends_on: [b], networks: [n]}
  b: {image: x, volumes: ["vol:/v"], networks: [m]}
  c: {image: x, volumes: ["wol:/w"], depends_on: [a]}
networks: {n: , m: , o: }
volumes: {vol: , wol: }
"""
        }
    )
    narrowed = select(app, ["a"])
    assert set(narrowed.services) == {"a", "b"}
    assert set(narrowed.networks) == {"n", "m"}
    assert set(narrowed.volumes) == {"vol"}
    alone = select(app, ["a"], dependencies=False)
    assert set(alone.services) == {"a"} and alone.services["a"].depends_on == {}
    assert set(select(app, all_resources=True).networks) == {"default", "n", "m", "o"}


def test_standard_input_is_a_file_and_paths_start_from_the_working_directory() -> None:
    app = load(["-"], {}, cwd="/p", stdin=lambda: b"services: {a: {build: ./x}}", reader=Uploaded({}))
    build = app.services["a"].build
    assert build is not None and build.context == "/p/x"
    assert app.name == "p"


def test_an_error_in_standard_input_says_so() -> None:
    with pytest.raises(UserError) as caught:
        load(["-"], {}, cwd="/p", stdin=lambda: b"services: {a: {imag: x}}", reader=Uploaded({}))
    assert str(caught.value).startswith("-:1:16: services.a.imag")


def test_uploaded_files_can_not_reach_this_machines(tmp_path: Path) -> None:
    (tmp_path / "secret.env").write_text("A=1")
    files = {"compose.yaml": f"services: {{a: {{image: x, env_file: {tmp_path}/secret.env}}}}"}
    with pytest.raises(UserError) as caught:
        _load(files)
    assert "not found" in str(caught.value)
    with pytest.raises(UserError):
        _load({"compose.yaml": f"include: [{tmp_path}/secret.env]\nservices: {{a: {{image: x}}}}"})
    with pytest.raises(UserError):
        _load({"compose.yaml": f"services: {{a: {{extends: {{file: {tmp_path}/secret.env, service: b}}}}}}"})


@pytest.mark.parametrize("where", ["https://example.com/x.yaml", "git@example.com:x.git", "oci://example.com/x"])
def test_files_elsewhere_are_named_as_what_is_not_read(where: str) -> None:
    with pytest.raises(UserError) as caught:
        _load({"compose.yaml": f"include: ['{where}']\nservices: {{a: {{image: x}}}}"})
    assert "remote files are not read" in str(caught.value)


def test_more_files_than_the_limit_are_refused() -> None:
    files = {"compose.yaml": "include: [" + ", ".join(f"f{i}.yaml" for i in range(10)) + "]\nservices: {a: {image: x}}"}
    files |= {f"f{i}.yaml": f"services: {{s{i}: {{image: x}}}}" for i in range(10)}
    with pytest.raises(UserError) as caught:
        _load(files, limits=Limits(files=5))
    assert "more than 5 files" in str(caught.value)


def test_includes_that_multiply_are_refused_quickly() -> None:
    files = {"compose.yaml": "include: [f0.yaml, f0.yaml]\nservices: {a: {image: x}}"}
    files |= {f"f{i}.yaml": f"include: [f{i + 1}.yaml, f{i + 1}.yaml]" for i in range(40)}
    files["f40.yaml"] = "services: {b: {image: x}}"
    with pytest.raises(UserError) as caught:
        _load(files)
    assert "more than 500 files" in str(caught.value)


def test_port_ranges_that_multiply_are_refused_quickly() -> None:
    with pytest.raises(UserError) as caught:
        _load(
            {
                "compose.yaml": "services: {a: {image: x, ports: ["
                + ", ".join(f"'127.0.1.{i}:1-65535:1-65535'" for i in range(250))
                + "]}}"
            }
        )
    assert "more than 70000 ports" in str(caught.value)
    many = "".join(f"  s{i}: {{image: x, ports: ['1-65535']}}\n" for i in range(100))
    with pytest.raises(UserError) as caught:
        _load({"compose.yaml": f"services:\n{many}"})
    assert "more than 140000 ports" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["${A:-" * 20_000, "${A:-" * 20_000 + "}" * 20_000, "${A:-x}" * 20_000, "${A}" * 100_000 + "${A:-"],
    ids=["open", "nested", "many", "plain"],
)
def test_variables_that_multiply_are_refused_quickly(text: str) -> None:
    with pytest.raises(UserError) as caught:
        _load({"compose.yaml": f"services: {{a: {{image: x, hostname: '{text}'}}}}"})
    assert "services.a.hostname" in str(caught.value)


def test_ten_thousand_problems_are_told_in_part_and_quickly() -> None:
    with pytest.raises(UserError) as caught:
        _load({"compose.yaml": "services:\n  a:\n    image: x\n" + "".join(f"    k{i}: x\n" for i in range(10_000))})
    assert len(caught.value.problems) == 100


def test_a_huge_env_file_is_refused() -> None:
    files = {"compose.yaml": "services: {a: {image: x, env_file: e}}", "e": "A=" + "x" * 2000}
    with pytest.raises(UserError) as caught:
        _load(files, limits=Limits(file_bytes=1000))
    assert "bigger than 1000 bytes" in str(caught.value)


def test_what_is_harmless_is_a_warning() -> None:
    app = _load({"compose.yaml": "version: '3'\nservices: {a: {image: 'x:$NOPE'}}"})
    assert any("`version` is obsolete" in warning for warning in app.warnings)
    assert any('"NOPE" variable is not set' in warning for warning in app.warnings)


def test_contents_from_variables_are_kept_beside_the_printed_shape() -> None:
    files = {
        "compose.yaml": """
services: {a: {image: x, secrets: [s, u], configs: [c]}}
secrets: {s: {environment: TOKEN}, u: {environment: UNSET}}
configs: {c: {content: "v=${TOKEN}"}}
"""
    }
    app = _load(files, {"TOKEN": "t"})
    assert app.secrets["s"].content == "t"
    assert app.secrets["u"].content is None
    assert app.configs["c"].content == "v=t"


def test_two_hundred_services_load(tmp_path: Path) -> None:
    lines = ["services:"]
    for i in range(200):
        lines.append(f"  s{i}: {{image: 'x:${{T:-1}}', ports: ['{8000 + i}:80'], environment: {{A: 1}}, volumes: ['./d:/d']}}")
    (tmp_path / "compose.yaml").write_text("\n".join(lines))
    assert len(load(None, {}, cwd=str(tmp_path)).services) == 200
