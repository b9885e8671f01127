"""What is asked of the plugin: flags stand over ini options, a marker over both."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dockyard.api.testing.options import OPTIONS, Chosen, Description, chosen, marked

HERE = Path("/home/tests")


def _chosen(flags: dict[str, Any] | None = None, ini: dict[str, Any] | None = None) -> Chosen:
    defaults = {option.ini: option.default or None for option in OPTIONS}
    return chosen((flags or {}).get, lambda name: (ini or {}).get(name, defaults[name]), HERE)


def test_without_a_word_it_is_the_sessions_and_each_workers() -> None:
    found = _chosen()
    assert (found.description, found.scope, found.xdist, found.log_lines) == (Description(), "session", "each", 30)
    assert (found.standby, found.cold, found.keep, found.attach) == (False, False, "", "")


def test_flags_stand_over_ini_options_and_their_files_are_found_from_where_pytest_was_called() -> None:
    ini = {
        "dockyard_file": [Path("/ini/compose.yaml")],
        "dockyard_services": ["db"],
        "dockyard_keep": "failure",
        "dockyard_cold": True,
    }
    assert _chosen(ini=ini).description == Description(("/ini/compose.yaml",), ("db",))
    found = _chosen({"dockyard_file": ["a.yaml"], "dockyard_keep": "always", "dockyard_scope": "module"}, ini)
    assert found.description == Description(("/home/tests/a.yaml",), ("db",))
    assert (found.keep, found.scope, found.cold) == ("always", "module", True)


@pytest.mark.parametrize(
    ("ini", "wrong"),
    [({"dockyard_scope": "test"}, "dockyard_scope: 'test' is none of session"), ({"dockyard_log_lines": "many"}, "no number")],
)
def test_a_value_that_is_none_is_told(ini: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        _chosen(ini=ini)


BASE = Description(("/c.yaml",), ("db",), ("p",))


@pytest.mark.parametrize(
    ("args", "kwargs", "found"),
    [
        pytest.param((), {}, BASE, id="nothing more"),
        pytest.param(("api", "db"), {}, Description(("/c.yaml",), ("api", "db"), ("p",)), id="services"),
        pytest.param((), {"file": "a.yaml"}, Description(("/home/tests/a.yaml",), ("db",), ("p",)), id="a file beside the test"),
        pytest.param((), {"file": ["/a", Path("b")]}, Description(("/a", "/home/tests/b"), ("db",), ("p",)), id="files"),
        pytest.param((), {"profile": "q"}, Description(("/c.yaml",), ("db",), ("q",)), id="a profile"),
    ],
)
def test_a_marker_stands_over_the_options(args: tuple[str, ...], kwargs: dict[str, Any], found: Description) -> None:
    assert marked(BASE, args, kwargs, HERE) == found


def test_a_marker_with_other_words_is_told() -> None:
    with pytest.raises(ValueError, match="not files="):
        marked(BASE, (), {"files": "x"}, HERE)
    with pytest.raises(ValueError, match="not 5"):
        marked(BASE, (5,), {}, HERE)


def test_a_project_without_environments_imports_nothing_for_the_plugin() -> None:
    program = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport dockyard.api.testing.plugin\n"
        "print(sorted(name for name in set(sys.modules) - before if not name.startswith('dockyard')))\n"
        "print(sorted(name for name in sys.modules if name.startswith('dockyard')))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0] == "[]"
    assert said[1] == str(
        ["dockyard", "dockyard.api", "dockyard.api.testing", "dockyard.api.testing.options", "dockyard.api.testing.plugin"]
    )
