"""What comes out of containers: rubbish in logs, links in reports, more than a disk holds."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support.runs import DOCKYARD, begin, end, events, nothing_left, run
from tests.support.wire import Wire

from dev import api
from dockyard.environments.owner import myself
from dockyard.model.placement import OWNER, PLACEMENT

pytestmark = pytest.mark.engine

RUBBISH = r"""
printf '\033]0;owned\007\033[2J\033[31m\377\376\000 rubbish \r over\n'
head -c 1000000 /dev/zero | tr '\0' x; echo
head -c 3000 /dev/urandom; echo
head -c 1000000 /dev/zero | tr '\0' y >&2; echo >&2
printf 'last line without an end'
"""


def test_rubbish_in_logs_is_all_in_the_report_and_nothing_of_it_reaches_the_terminal(docker_host: str, tmp_path: Path) -> None:
    (tmp_path / "rubbish.sh").write_text(RUBBISH)
    text = "services: {sut: {image: 'busybox:1.36', command: [sh, /r.sh], volumes: ['./rubbish.sh:/r.sh:ro']}}"
    (tmp_path / "compose.yaml").write_text(text)
    env = {**os.environ, "DOCKER_HOST": docker_host, "XDG_STATE_HOME": str(tmp_path / "state")}
    done = subprocess.run([DOCKYARD, "test"], cwd=tmp_path, env=env, capture_output=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", done.stdout.replace(b"\r", b"")) and len(done.stdout) < 100_000
    log = (tmp_path / "dockyard-report" / "latest" / "services" / "sut.log").read_bytes()
    # Debian's engine keeps logs as JSON, which has no other bytes than UTF-8's: that is the engine's doing, not ours.
    nasty = b" stdout \x1b]0;owned\x07\x1b[2J\x1b[31m\xff\xfe\x00 rubbish \r over\n"
    assert nasty in log or nasty.replace(b"\xff\xfe", "\ufffd\ufffd".encode()) in log
    assert b" stdout " + b"x" * 1_000_000 + b"\n" in log and b" stderr " + b"y" * 1_000_000 + b"\n" in log
    assert b" stdout last line without an end\n" in log


REPORTS = """\
services:
  sut:
    image: "busybox:1.36"
    command:
      - sh
      - -c
      - |
        mkdir -p /out/deep && cd /out && ln -s /etc/passwd link && ln -s ../../../.. up && mkfifo pipe && ln /etc/hostname hard
        echo '<testsuite><testcase name="a"/><testcase name="b"><failure message="no"/></testcase></testsuite>' > deep/junit.xml
        mkdir -p /b/out && echo first > who && echo second > /b/out/who
        echo '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuite name="&e;"/>' > bomb.xml
    x-dockyard: {reports: [/out, /nothing, /b/out]}
"""


def test_reports_with_links_pipes_and_bombs_give_their_plain_files_and_say_what_was_left_out(
    docker_host: str, tmp_path: Path
) -> None:
    told = run(tmp_path, docker_host, REPORTS)
    assert (told["verdict"], told["tests"][0]["counts"]) == ("failed", {"total": 2, "failed": 1, "errors": 0, "skipped": 0})
    found = Path(told["report"], "reports")
    plain = sorted(p.name for p in found.rglob("*") if p.is_file())
    assert "junit.xml" in plain and not any(p.is_symlink() or p.is_fifo() for p in found.rglob("*"))
    assert sorted(path.read_text() for path in found.rglob("who")) == ["first\n", "second\n"]
    warned = " ".join(told["warnings"])
    for name in ("link", "up", "pipe", "/nothing"):
        assert name in warned, told["warnings"]
    assert ["bomb.xml" in one for one in told["tests"][0]["unread"]] == [True] and "bomb.xml" in told["causes"][0]["what"]
    merged = Path(told["report"], "junit.xml").read_bytes()
    assert merged.count(b"<testcase") == 2 and b"root:" not in merged


SECRETS = """\
services:
  sut:
    image: "busybox:1.36"
    command:
      - sh
      - -c
      - |
        mkdir -p /out/$$(cat /run/secrets/s) && cd /out/$$(cat /run/secrets/s) && echo "login with $$(cat /run/secrets/s)" > said.txt
        echo "<testsuite><testcase name='$$(cat /run/secrets/s)'><system-err>$$(cat /run/secrets/s)</system-err></testcase></testsuite>" > j.xml
    x-dockyard: {reports: [/out]}
    secrets: [s]
secrets: {s: {environment: MYSEC}}
"""


def test_no_secret_is_in_any_file_of_a_report_nor_in_its_name(docker_host: str, tmp_path: Path) -> None:
    told = run(tmp_path, docker_host, SECRETS, env={"MYSEC": "testcase"})
    assert (told["verdict"], told["tests"][0]["counts"]["total"]) == ("passed", 1), (
        "a secret that is a word of XML's hides no case"
    )
    told = run(tmp_path, docker_host, SECRETS, env={"MYSEC": "hunter22-s3cr3t"})
    assert told["verdict"] == "passed", told
    files = [path for path in Path(told["report"]).rglob("*") if path.is_file()]
    assert {"said.txt", "j.xml", "junit.xml"} <= {path.name for path in files}
    assert not [path for path in files if "hunter22" in str(path) or b"hunter22" in path.read_bytes()]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder of 256 KiB."""
    if os.geteuid() != 0:
        pytest.skip("a small disk is mounted by root")
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize(
    "rest",
    ["tr '\\\\0' '\\\\n' < /f; sleep 1\"]", 'true"], x-dockyard: {reports: [/f]}'],
    ids=["its logs", "copied reports"],
)
def test_a_report_that_finds_no_room_is_infrastructure_and_the_environment_goes_all_the_same(
    docker_host: str, tmp_path: Path, small_disk: Path, rest: str
) -> None:
    text = f"services: {{sut: {{image: 'busybox:1.36', command: [sh, -c, \"head -c 2000000 /dev/zero > /f; {rest}}}}}"
    told = run(tmp_path, docker_host, text, "--report", str(small_disk))
    assert (told["verdict"], told["code"]) == ("infrastructure", 5), told["causes"]
    assert "No space left" in told["causes"][0]["what"] and told["causes"][0]["hint"]
    assert nothing_left(docker_host, told["placement"])


SAYS_NO = """\
services:
  sut:
    image: "busybox:1.36"
    command: [sh, -c, "echo '<testsuite><testcase name=\\"a\\"><failure message=\\"no\\"/></testcase></testsuite>' > /junit.xml; exit $CODE"]
    x-dockyard: {reports: [/junit.xml]}
"""


@pytest.mark.parametrize(
    ("code", "drops", "verdict", "cause"),
    [
        ("0", 1, "failed", "1 of 1 cases failed"),
        ("0", 1000, "infrastructure", "complete sut"),
        ("1", 1000, "failed", "exited with 1"),
    ],
)
async def test_reports_that_the_engine_does_not_give_never_make_a_test_pass(
    docker_host: str, tmp_path: Path, code: str, drops: int, verdict: str, cause: str
) -> None:
    dropped: list[str] = []

    async def drop(call: str) -> None:
        if call.startswith("GET") and "/archive?" in call and len(dropped) < drops:
            dropped.append(call)
            raise ConnectionError("dropped")

    path = tmp_path / "d.sock"
    async with Wire(path, docker_host.removeprefix("unix://"), meet=drop):
        told = await asyncio.to_thread(run, tmp_path / "p", f"unix://{path}", SAYS_NO, env={"CODE": code})
    assert dropped and told["verdict"] == verdict and cause in told["causes"][0]["what"], told["causes"]
    assert nothing_left(docker_host, told["placement"])


async def test_a_verdict_is_the_last_line_however_long_it_takes_to_clear_away_what_others_left(
    docker_host: str, tmp_path: Path
) -> None:
    left_by = f"gone-{secrets.token_hex(4)}"
    dead = msgspec.structs.replace(myself(), pid=2**22 + 1)
    api.call(docker_host, "POST", "/volumes/create", {"Name": left_by, "Labels": {PLACEMENT: left_by, OWNER: str(dead)}})

    async def hold_back(call: str) -> None:
        if call.startswith("DELETE") and left_by in call:
            await asyncio.sleep(3)

    path = tmp_path / "d.sock"
    async with Wire(path, docker_host.removeprefix("unix://"), meet=hold_back):
        program = begin(tmp_path / "p", f"unix://{path}", "services: {sut: {image: 'busybox:1.36', command: ['true']}}\n")
        told = await asyncio.to_thread(end, program)
    assert told["verdict"] == "passed"
    (swept,) = [event for event in events(told, "swept") if event["subject"] == left_by]
    assert swept["at"] > told["phases"]["gone"]
