"""`./dev` as one meets it: from anywhere, without a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _dev(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "dev"), *arguments]
    return subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False)


def test_help_lists_every_command(tmp_path: Path) -> None:
    done = _dev("--help", cwd=tmp_path)
    assert done.returncode == 0
    listed = {line.split()[0] for line in done.stdout.splitlines()[2:]}
    assert {"demo", "test", "check", "bench", "engine", "which"} <= listed


def test_an_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    done = _dev("tset", cwd=tmp_path)
    assert done.returncode == 2
    assert "no command 'tset'" in done.stderr


def test_the_environment_is_found_from_any_folder_and_has_the_checkout_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "with a space"
    folder.mkdir()
    python = _dev("which", "python", cwd=folder).stdout.strip()
    told = subprocess.run([python, "-c", "import dockyard; print(dockyard.__file__)"], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(ROOT / "src/dockyard/__init__.py")


@pytest.mark.parametrize("strict", [False, True])
def test_a_skipped_test_is_named_with_its_reason_and_fails_where_nothing_may_be_skipped(tmp_path: Path, strict: bool) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "test_x.py").write_text("import pytest\ndef test_x():\n    pytest.skip('no moon')\n")
    (tmp_path / "test_y.py").write_text("import pytest\npytest.skip('no sun', allow_module_level=True)\n")
    environ = {**os.environ, "DOCKYARD_NO_SKIP": str(int(strict)), "PYTHONPATH": str(ROOT / "tools")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "--continue-on-collection-errors",
        str(tmp_path),
        "--rootdir",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert "no moon" in done.stdout and "no sun" in done.stdout
    assert (done.returncode == 0) is not strict, done.stdout
