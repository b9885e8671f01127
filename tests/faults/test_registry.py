"""Registries that say no, not now, or nothing; and images that are for another machine."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import tarfile
from pathlib import Path

import pytest
from tests.support.registry import Registry, saved
from tests.support.runs import begin, end, events, nothing_left, run, until

from dev import api

pytestmark = pytest.mark.engine


def _file(image: str) -> str:
    return f"services: {{sut: {{image: '{image}', command: [echo, pulled]}}}}"


def test_a_registry_that_is_overrun_is_asked_again_visibly_and_then_has_it(docker_host: str, tmp_path: Path) -> None:
    with Registry(429, 429, 429, 429, retry_after="1") as registry:
        registry.serve(saved(docker_host, "busybox:1.36"))
        image = f"{registry.address}/retried:1"
        try:
            told = run(tmp_path, docker_host, _file(image))
        finally:
            api.call(docker_host, "DELETE", f"/images/{image}")
    assert told["verdict"] == "passed"
    # one try of the engine's asks for a manifest once or twice
    assert 1 <= len(told["retries"]) <= 3 and all(image in retry for retry in told["retries"])
    retried = events(told, "step.retried")
    assert [event["data"]["attempt"] for event in retried] == list(range(1, len(retried) + 1))
    assert all("429" in event["why"] or "toomanyrequests" in event["why"] for event in retried)


@pytest.mark.parametrize("status", [429, 503])
def test_a_registry_that_goes_on_refusing_is_infrastructure_after_three_retries(
    status: int, docker_host: str, tmp_path: Path
) -> None:
    with Registry(always=status) as registry:
        told = run(tmp_path, docker_host, _file(f"{registry.address}/x:1"))
    assert (told["verdict"], told["code"], len(told["retries"])) == ("infrastructure", 5, 3)
    assert registry.address in told["causes"][0]["what"]
    assert nothing_left(docker_host, told["placement"])


@pytest.mark.parametrize(("status", "what"), [(401, ""), (403, ""), (404, "")])
def test_an_image_that_is_not_there_or_may_not_be_had_is_the_environments_fault_at_once(
    status: int, what: str, docker_host: str, tmp_path: Path
) -> None:
    with Registry(always=status) as registry:
        told = run(tmp_path, docker_host, _file(f"{registry.address}/x:1"))
    assert (told["verdict"], told["code"], told["retries"]) == ("environment-failed", 3, [])
    assert f"{registry.address}/x:1" in told["causes"][0]["what"] and told["causes"][0]["hint"]


def test_a_registry_that_says_nothing_ends_with_the_runs_time_and_names_the_pull(docker_host: str, tmp_path: Path) -> None:
    with Registry(*[0] * 20) as registry:
        told = run(tmp_path, docker_host, _file(f"{registry.address}/x:1"), "--timeout", "3s")
    assert (told["verdict"], told["code"]) == ("timed-out", 4)
    assert f"pull {registry.address}/x:1" in told["causes"][0]["what"]


def test_a_signal_in_a_pull_ends_it_at_once(docker_host: str, tmp_path: Path) -> None:
    with Registry(*[0] * 20) as registry:
        process = begin(tmp_path, docker_host, _file(f"{registry.address}/x:1"))
        placement = until(process, "step.begun", "pull")
        process.send_signal(signal.SIGTERM)
        told = end(process)
    assert (told["verdict"], told["code"]) == ("aborted", 130)
    assert nothing_left(docker_host, placement, within=1)


def _foreign(image: str) -> bytes:
    """An archive for `docker load`: a program for s390x in an image that says so."""

    def tar(**files: bytes) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            for name, data in files.items():
                info = tarfile.TarInfo(name.replace("__", "."))
                info.size, info.mode = len(data), 0o755
                archive.addfile(info, io.BytesIO(data))
        return out.getvalue()

    head = b"\x7fELF\x02\x02\x01" + bytes(9) + b"\0\2\0\x16\0\0\0\1" + bytes(40)  # 64 bits, big end first, s390
    layer = tar(run=head)
    digest = f"sha256:{hashlib.sha256(layer).hexdigest()}"
    config = {"architecture": "s390x", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest]}}
    manifest = [{"Config": "config.json", "RepoTags": [image], "Layers": ["layer.tar"]}]
    return tar(config__json=json.dumps(config).encode(), layer__tar=layer, manifest__json=json.dumps(manifest).encode())


def test_an_image_for_another_machine_is_told_with_both_architectures(docker_host: str, tmp_path: Path) -> None:
    image = "dockyard-test/elsewhere:1"
    api.call(docker_host, "POST", "/images/load", stream=[_foreign(image)])
    try:
        told = run(tmp_path, docker_host, f"services: {{sut: {{image: '{image}', command: [/run]}}}}")
    finally:
        api.call(docker_host, "DELETE", f"/images/{image}")
    assert (told["verdict"], told["code"]) == ("environment-failed", 3), told["causes"]
    cause = told["causes"][0]
    assert image in cause["what"] and "linux/s390x" in cause["what"] and "linux/amd64" in cause["what"] and cause["hint"]
