"""Settings: five sources, the stronger over the weaker; what is wrong is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockyard.api import settings
from dockyard.api.settings import MEANINGS, Settings
from dockyard.model.errors import Location, Origin, UserError


def _load(tmp_path: Path, user: str = "", project: str = "", **variables: str) -> Settings:
    (tmp_path / "config" / "dockyard").mkdir(parents=True, exist_ok=True)
    (tmp_path / "project").mkdir(exist_ok=True)
    if user:
        (tmp_path / "config" / "dockyard" / "config.toml").write_text(user)
    if project:
        (tmp_path / "project" / "dockyard.toml").write_text(project)
    return settings.load({"XDG_CONFIG_HOME": str(tmp_path / "config"), **variables}, str(tmp_path / "project"))


def test_without_any_file_the_defaults_hold(tmp_path: Path) -> None:
    assert _load(tmp_path) == Settings()


def test_the_project_stands_over_the_user_and_variables_over_both(tmp_path: Path) -> None:
    found = _load(
        tmp_path,
        'timeout = "1m"\nreports_kept = 1\ncpus = 2\ngrace = true',
        'timeout = "2m"\nreports_kept = 2',
        DOCKYARD_TIMEOUT="3m",
        DOCKYARD_PIDS="100",
    )
    assert (found.timeout, found.reports_kept, found.cpus, found.grace, found.pids) == ("3m", 2, 2, True, 100)


@pytest.mark.parametrize(
    ("project", "variables", "cpus"),
    [("cpus = 0.5", {}, 0.5), ("cpus = 2", {}, 2), ("", {"DOCKYARD_CPUS": "0.5"}, 0.5), ("", {"DOCKYARD_CPUS": "2"}, 2)],
)
def test_a_part_of_a_core_is_a_number_of_cores(tmp_path: Path, project: str, variables: dict[str, str], cpus: float) -> None:
    assert _load(tmp_path, "", project, **variables).cpus == cpus


def test_each_setting_remembers_who_said_it(tmp_path: Path) -> None:
    said = _load(tmp_path, 'memory = "1g"', '\nmemory = "2g"\ncpus = 2', DOCKYARD_CPUS="1").said
    assert said["memory"] == Origin("memory", Location(str(tmp_path / "project" / "dockyard.toml"), 2))
    assert said["cpus"] == Origin("DOCKYARD_CPUS")
    assert set(said) == {"memory", "cpus"}


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("true", True), ("yes", True), ("0", False), ("false", False), ("", False)]
)
def test_a_switch_as_a_variable(tmp_path: Path, text: str, value: bool) -> None:
    assert _load(tmp_path, DOCKYARD_GRACE=text).grace is value


@pytest.mark.parametrize(
    ("project", "variables", "what"),
    [
        ('timeuot = "1m"', {}, "did you mean timeout?"),
        ("timeout = 5", {}, "5 is no text"),
        ('timeout = "soon"', {}, "'soon' is no duration"),
        ('keep = "sometimes"', {}, "none of never, failure, always"),
        ("reports_kept = true", {}, "True is no whole number"),
        ("reports_kept = 0.5", {}, "0.5 is no whole number"),
        ('cpus = "2"', {}, "'2' is no number"),
        ("cpus = -1", {}, "-1 is not 0 or more"),
        ("cpus = inf", {}, "inf is not 0 or more"),
        ('memory = "4x"', {}, "'4x' is no size"),
        ('up_for = "0s"', {}, "0s is no time to wait"),
        ("timeout = ", {}, "dockyard.toml"),
        ("", {"DOCKYARD_CPUS": "many"}, "DOCKYARD_CPUS"),
        ("", {"DOCKYARD_GRACE": "perhaps"}, "DOCKYARD_GRACE"),
        ("", {"DOCKYARD_PULL": "often"}, "DOCKYARD_PULL"),
    ],
)
def test_what_is_wrong_names_its_place_and_what_would_be_right(
    tmp_path: Path, project: str, variables: dict[str, str], what: str
) -> None:
    with pytest.raises(UserError) as caught:
        _load(tmp_path, "", project, **variables)
    assert what in str(caught.value)
    if project:
        assert "dockyard.toml" in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        _load(tmp_path, "nope = 1", 'keep = "x"\ntimeout = "y"', DOCKYARD_PIDS="z")
    assert len(caught.value.problems) == 4


def test_each_setting_says_what_it_means() -> None:
    assert {*MEANINGS, "said"} == set(Settings.__struct_fields__)


def test_other_variables_of_ours_are_no_settings(tmp_path: Path) -> None:
    assert _load(tmp_path, DOCKYARD_SERVICE_DB_HOST="x", DOCKYARD_NO_SKIP="1") == Settings()
