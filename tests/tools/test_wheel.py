"""What is installed has all that a run needs: the wheel carries the gate's programs and the data beside the code."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
X86_64, AARCH64 = 62, 183  # e_machine of an ELF file


def test_the_wheel_carries_the_gate_for_both_machines_and_every_data_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=100)
    (wheel,) = tmp_path.glob("dockyard-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        gate = [archive.read(name) for name in names if name.startswith("dockyard/engines/gate/")]
        told = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    machines = {int.from_bytes(program[18:20], "little") for program in gate if program.startswith(b"\x7fELF")}
    assert machines == {X86_64, AARCH64}
    listed = ["git", "-C", str(ROOT), "ls-files", "src/dockyard"]
    tracked = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    assert {name.removeprefix("src/") for name in tracked} <= names
    assert "dockyard = dockyard.cli.main:main" in told
