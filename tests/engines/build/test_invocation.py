"""What buildx is called with for a service's build."""

from __future__ import annotations

import pytest

from dockyard.engines.build import invocation
from dockyard.model.application import Application, FileObject
from dockyard.model.errors import UserError
from dockyard.model.service import Build, FileReference, Service, Ulimit

TAG = "dockyard-run/web-1a2b3c:demo-1a2b3c4d-1700000000"


def _invoked(build: Build, **more: object) -> invocation.Invocation:
    application = Application(
        name="a",
        secrets={"file": FileObject(file="/s"), "text": FileObject(content="hush"), "none": FileObject(environment="X")},
    )
    options: dict[str, object] = {"dockerfile": b"FROM x\n", "ignore": b"", **more}
    platform = str(options.pop("platform", ""))
    return invocation.buildx(application, Service(build=build, platform=platform), TAG, **options)  # type: ignore[arg-type]


def _pairs(found: invocation.Invocation) -> set[tuple[str, str]]:
    return set(zip(found.arguments, found.arguments[1:], strict=False))


def test_the_image_gets_the_runs_tag_and_no_other() -> None:
    found = _invoked(Build(context="/c", tags=("mine:1",)))
    assert found.arguments[0] == "build" and found.arguments[-1] == "/c"
    assert [value for word, value in _pairs(found) if word == "--tag"] == [TAG]
    assert "--load" in found.arguments


@pytest.mark.parametrize(
    ("build", "pair"),
    [
        (Build(context="/c", target="prod"), ("--target", "prod")),
        (Build(context="/c", network="host"), ("--network", "host")),
        (Build(context="/c", args={"A": "1 2"}), ("--build-arg", "A=1 2")),
        (Build(context="/c", args={"A": None}), ("--build-arg", "A")),
        (Build(context="/c", labels={"l": "v"}), ("--label", "l=v")),
        (Build(context="/c", cache_from=("type=registry,ref=x",)), ("--cache-from", "type=registry,ref=x")),
        (Build(context="/c", cache_to=("type=inline",)), ("--cache-to", "type=inline")),
        (Build(context="/c", extra_hosts=("h=1.2.3.4",)), ("--add-host", "h=1.2.3.4")),
        (Build(context="/c", entitlements=("network.host",)), ("--allow", "network.host")),
        (Build(context="/c", privileged=True), ("--allow", "security.insecure")),
        (Build(context="/c", shm_size=1024), ("--shm-size", "1024")),
        (Build(context="/c", ulimits={"nofile": Ulimit(soft=1, hard=2)}), ("--ulimit", "nofile=1:2")),
        (Build(context="/c", ssh={"default": None}), ("--ssh", "default")),
        (Build(context="/c", ssh={"k": "/id"}), ("--ssh", "k=/id")),
        (Build(context="/c", secrets=(FileReference(source="file"),)), ("--secret", "id=file,src=/s")),
        (Build(context="/c", secrets=(FileReference(source="file", target="t"),)), ("--secret", "id=t,src=/s")),
        (Build(context="/c", additional_contexts={"x": "/y"}), ("--build-context", "x=/y")),
        (
            Build(context="/c", additional_contexts={"x": "service:base"}),
            ("--build-context", "x=docker-image://dockyard-run/base-8a4f51:demo-1a2b3c4d-1700000000"),
        ),
    ],
)
def test_each_field_becomes_its_option(build: Build, pair: tuple[str, str]) -> None:
    if "service:base" in str(build.additional_contexts):
        from dockyard.model.placement import Placement, run_tag

        pair = (pair[0], f"x=docker-image://{run_tag('base', Placement('demo-1a2b3c4d', '', '', 1700000000, ''))}")
    assert pair in _pairs(_invoked(build))


def test_a_secrets_value_is_in_the_environment_and_not_among_the_arguments() -> None:
    found = _invoked(Build(context="/c", secrets=(FileReference(source="text"),)))
    assert "hush" in found.environment.values()
    assert not [word for word in found.arguments if "hush" in word]
    assert any(word.startswith("id=text,env=") for word in found.arguments)


def test_a_secret_without_a_value_is_refused() -> None:
    with pytest.raises(UserError, match="build secret 'none' has no value"):
        _invoked(Build(context="/c", secrets=(FileReference(source="none"),)))


def test_reports_never_enter_a_context_and_the_users_own_rules_stay() -> None:
    found = _invoked(Build(context="/c"), ignore=b"node_modules\n!x")
    assert found.files["Dockerfile"] == b"FROM x\n"
    assert found.files["Dockerfile.dockerignore"] == b"node_modules\n!x\n**/dockyard-report\n"
    assert ("--file", "{folder}/Dockerfile") in _pairs(found)


def test_a_remote_context_keeps_its_own_dockerfile() -> None:
    found = _invoked(Build(context="https://example.org/repo.git", dockerfile="sub/Dockerfile"), dockerfile=None)
    assert ("--file", "sub/Dockerfile") in _pairs(found) and not found.files
    assert invocation.remote("git@example.org:a/b.git") and not invocation.remote("/home/a/b")


def test_caches_and_bases_are_renewed_when_asked() -> None:
    found = _invoked(Build(context="/c"), no_cache=True, pull=True)
    assert "--no-cache" in found.arguments and "--pull" in found.arguments
    assert "--no-cache" not in _invoked(Build(context="/c")).arguments
