"""What Dockerfiles depend on, against BuildKit's own answers (`./dev dockerfiles` asks it; a new case needs no code)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dev.dockerfiles import CASES, request
from dockyard.images import platforms
from dockyard.images.dockerfile import needs, stages
from dockyard.model.errors import UserError

ALL = sorted(CASES.glob("*.dockerfile"))
HOST = platforms.Platform("linux", "amd64")


def asked(case: Path) -> tuple[str, needs.Asked]:
    """The case's text, and the build that BuildKit was asked for."""
    told = request(case)
    triggers = {
        name: stages.read("FROM x\n" + "".join(f"ONBUILD {line}\n" for line in lines), "x").stages[0].triggers
        for name, lines in told["onbuild"].items()  # type: ignore[union-attr]
    }
    return str(told["text"]), needs.Asked(
        platform=platforms.parse(str(told["platform"]), HOST),
        build_platform=platforms.parse(str(told["build_platform"]), HOST),
        target=str(told["target"]),
        args=told["args"],  # type: ignore[arg-type]
        contexts=told["contexts"],  # type: ignore[arg-type]
        triggers=triggers,
    )


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.stem)
def test_a_target_depends_on_what_buildkit_fetches_for_it(case: Path) -> None:
    expected = json.loads(case.with_suffix(".json").read_text())
    text, build = asked(case)
    if "error" in expected:
        with pytest.raises(UserError) as caught:
            needs.needs(stages.read(text, "Dockerfile"), build)
        lines = [problem.at.line for problem in caught.value.problems if problem.at]
        # BuildKit counts the lines of directives from 0.
        said = expected.get("line", 0) + ("parser directive" in expected["error"] or "escape token" in expected["error"])
        assert not said or said in lines, (expected, caught.value.problems)
        return
    found = needs.needs(stages.read(text, "Dockerfile"), build)
    mine = sorted({f"{need.image} {need.platform}" for need in found.needs})
    assert mine == sorted({f"{image['reference']} {image['platform']}" for image in expected["images"]})


def test_every_case_has_an_answer_of_buildkits() -> None:
    assert len(ALL) > 80
    assert [case.stem for case in ALL if not case.with_suffix(".json").exists()] == []
