"""A verdict's causes as they are told: on a screen and to scripts as on disk, without secrets."""

from __future__ import annotations

from pathlib import Path

from dockyard.environments.results import cause_with_lines
from dockyard.model.verdict import Cause
from dockyard.record.mask import Mask
from dockyard.record.recorder import Recorder


def test_a_cause_has_its_services_last_lines_and_no_secret(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, lambda: 1.0, Mask(["hunter22"]))
    recorder.log("db").feed_plain("stdout", b"login with hunter22\n")
    for service, lines in (("db", ("login with ***",)), ("web", ()), ("", ())):
        told = cause_with_lines(Cause(what="post_start: no hunter22", hint="said hunter22", service=service, at=2.0), recorder)
        assert told == Cause(what="post_start: no ***", hint="said ***", service=service, at=2.0, lines=lines)
    recorder.close()
