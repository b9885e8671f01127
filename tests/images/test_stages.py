"""Dockerfiles that are wrong, and where things in them stand."""

from __future__ import annotations

import pytest

from dockyard.images.dockerfile import needs, stages, words
from dockyard.images.platforms import Platform
from dockyard.model.errors import UserError

HERE = Platform("linux", "amd64")


def asked(**more: object) -> needs.Asked:
    return needs.Asked(platform=HERE, build_platform=HERE, **more)  # type: ignore[arg-type]


def problems(text: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        needs.needs(stages.read(text, "D"), asked())
    return [f"{problem.at}: {problem.what}" for problem in caught.value.problems]


def test_all_that_is_wrong_in_a_file_is_told_at_once_with_line_and_column() -> None:
    text = "FROM alpine AS 1x\nRUM true\nCOPY --form=a / /\nADD x\nCOPY --from=$X / /\nENV a=1 b\nONBUILD FROM x\n"
    assert problems(text) == [
        "D:1:16: '1x' is no name for a stage",
        "D:2:1: there is no instruction RUM",
        "D:3:13: COPY has no flag --form",
        "D:4:5: ADD needs a source and a destination",
        "D:5:13: --from=$X takes no variables",
        "D:6:9: 'b' has no value",
        "D:7:9: ONBUILD FROM is not allowed",
    ]


def test_what_only_a_build_finds_is_told_at_once_too() -> None:
    text = "FROM alpine:${V} AS a\nFROM --platform=$NOWHERE busybox\nCOPY --from=7 / /\nFROM Upper\n"
    assert problems(text) == [
        "D:1:6: the base alpine:${V} needs a value of V",
        "D:2:17: the platform $NOWHERE needs a value of NOWHERE",
        "D:3:13: '7' is neither a stage nor an image",
        "D:4:6: the base 'Upper' is no image reference",
    ]


def test_a_place_in_a_continued_instruction_is_where_it_was_written() -> None:
    text = (
        "FROM \\\n  alpine AS base\nRUN --mount=type=cache,target=/x \\\n # why\n    --mount=from=busybox,target=/y \\\n  true\n"
    )
    found = needs.needs(stages.read(text, "D"), asked()).needs
    assert [str(need.at) for need in found] == ["D:2:3", "D:5:13"]


def test_stages_that_the_target_does_not_need_are_listed_and_are_no_dependencies() -> None:
    text = "FROM golang AS tools\nCOPY --from=acme/tools:1 / /\nFROM alpine\n"
    found = needs.needs(stages.read(text, "D"), asked())
    assert [need.image.name for need in found.needs] == ["alpine:latest"]
    assert [(spare.name, spare.stage, str(spare.at)) for spare in found.spare] == [
        ("golang:latest", "tools", "D:1:6"),
        ("acme/tools:1", "tools", "D:2:13"),
    ]


def test_only_what_the_targets_own_layers_stand_on_is_final() -> None:
    text = "FROM golang AS build\nFROM debian AS base\nFROM base AS run\nCOPY --from=build / /\nCOPY --from=busybox / /\n"
    found = needs.needs(stages.read(text, "D"), asked())
    assert {need.image.name: need.final for need in found.needs} == {
        "golang:latest": False,
        "debian:latest": True,
        "busybox:latest": False,
    }


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("$A", "1.2"),
        ("${A}x", "1.2x"),
        ("$Ax", ""),
        ("${N:-${E:-$A}}", "1.2"),
        ("${E-x}|${E:-x}|${E+x}|${E:+x}", "|x|x|"),
        ("'$A' \"$A\" \\$A", "$A 1.2 $A"),
        ("${A%.*}${A#*.}", "12"),
        ("${A//./_}", "1_2"),
        ("$", "$"),
        ("${A:-'}'}", "1.2"),
    ],
)
def test_variables_are_filled_in_as_buildkit_does(word: str, value: str) -> None:
    assert words.expand(word, {"A": "1.2", "E": ""}) == value


@pytest.mark.parametrize("word", ["${A", "${}", "${A:=x}", "'x", '"x', "${N:?which}", "${A#\\x}", "${:A}", "${A:-" * 5000])
def test_what_is_no_way_to_write_a_variable_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        words.expand(word, {"A": "1"})
