"""What a build says, and what its failure means."""

from __future__ import annotations

import pytest

from dockyard.engines.build import said
from dockyard.engines.build.by_engine import trace
from dockyard.model.errors import Fatal, Retry, UserError


def test_steps_output_and_errors_are_told_sizes_and_hashes_are_not() -> None:
    progress = said.Progress()
    lines = [
        "#1 [internal] load build definition from Dockerfile",
        "#1 transferring dockerfile: 50B done",
        "#1 DONE 0.0s",
        "",
        "#5 [2/2] RUN make",
        "#5 0.162 cc main.c",
        "#5 sha256:abc 1MB / 2MB",
        "#5 ERROR: exit code: 2",
    ]
    assert [told for line in lines if (told := progress.take(line))] == [
        "[internal] load build definition from Dockerfile",
        "[2/2] RUN make",
        "  cc main.c",
        "ERROR: exit code: 2",
    ]


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ('ERROR: failed to solve: process "make" did not complete successfully: exit code: 2', UserError, "building web failed"),
        (
            "ERROR: failed to solve: dockerfile parse error on line 1: unknown instruction: FROMM",
            UserError,
            "building web failed",
        ),
        ("ERROR: named contexts are not supported by the current BuildKit daemon, please upgrade", UserError, "too old"),
        ("ERROR: failed to solve: x: failed to copy: write /y: no space left on device", Fatal, "disk is full"),
        ("ERROR: failed to solve: x: unexpected status from HEAD request: 429 Too Many Requests", Retry, "asks to wait"),
        ("ERROR: failed to solve: x: unexpected status from GET request: 503 Service Unavailable", Retry, "building web"),
        ("ERROR: Cannot connect to the Docker daemon at unix:///x", Retry, "building web"),
        ("ERROR: failed to solve: nope: not found", UserError, "building web failed"),
        (
            'ERROR: failed to solve: r:5/x: failed to do request: Head "http://r:5/v2/x": dial tcp 10.0.0.9:5: connect: connection refused',
            Retry,
            "building web",
        ),
        (
            "ERROR: Get https://nosuch.invalid/v2/: dial tcp: lookup nosuch.invalid on 10.0.0.2:53: no such host",
            Retry,
            "building web",
        ),
    ],
)
def test_a_failed_build_is_one_of_the_three_kinds(line: str, kind: type[Exception], words: str) -> None:
    error = said.failed("web", ["#5 0.1 output of the step", line])
    assert type(error) is kind and words in str(error)


def test_what_a_program_of_the_build_could_not_reach_is_its_own_affair() -> None:
    tail = ["#5 0.1 dial tcp 10.0.0.9:5: connect: connection refused", 'ERROR: process "go get x" did not complete: exit code: 1']
    assert isinstance(said.failed("web", tail), UserError)


def test_a_heredoc_that_is_taken_for_an_instruction_is_an_old_buildkits() -> None:
    line = "ERROR: failed to solve: dockerfile parse error line 3: unknown instruction: ECHO"
    assert "too old" in str(said.failed("web", [line], dockerfile=b"FROM x\nRUN <<EOF\necho\nEOF\n"))
    assert "too old" not in str(said.failed("web", [line], dockerfile=b"FROM x\nECHO y\n"))


def test_the_last_output_of_a_failed_step_comes_with_the_error() -> None:
    error = said.failed("web", ["#4 CACHED", "#5 0.1 no such header", "ERROR: exit code: 1"], standing="services.web.build")
    assert isinstance(error, UserError)
    assert error.problems[0].path == "services.web.build" and error.problems[0].hint == "no such header"


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def test_the_engines_own_trace_is_read() -> None:
    vertex = _field(1, b"sha256:x") + _field(3, b"[1/2] FROM x") + bytes([4 << 3, 1]) + _field(7, b"exit code: 1")
    log = _field(1, b"sha256:x") + _field(4, b"line one\nline two\n")
    assert list(trace(_field(1, vertex) + _field(3, log))) == ["[1/2] FROM x", "exit code: 1", "line one", "line two"]
    assert list(trace(b"\xff\xff\xff")) == []
