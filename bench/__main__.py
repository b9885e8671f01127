"""`./dev bench [NAME…] [-n ROUNDS]`: measure, print the table, write docs/benchmarks.md (with all of them only)."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import tempfile
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools"), str(ROOT / "src")]

from bench import chain, clones, commands, edits, flood, hops, images, kills, many, snapshots, standby, teardown  # noqa: E402
from bench.figures import Row, table  # noqa: E402

MEASURES = {
    "chain": chain.measure,
    "standby": standby.measure,
    "edits": edits.measure,
    "clones": clones.measure,
    "snapshots": snapshots.measure,
    "hops": hops.measure,
    "teardown": teardown.measure,
    "many": many.measure,
    "kills": kills.measure,
    "commands": commands.measure,
    "flood": flood.measure,
    "images": images.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(MEASURES)}; all without one")
    parser.add_argument("-n", "--rounds", type=int, default=7, help="rounds of each comparison; medians are told")
    given = parser.parse_args()
    unknown = [n for n in given.names if n not in MEASURES]
    if unknown:
        parser.error(f"no such measure: {', '.join(unknown)}")
    rows: list[Row] = []
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="dockyard-bench-") as folder:
        for name in given.names or MEASURES:
            print(f"bench: {name}", file=sys.stderr, flush=True)
            try:
                rows += MEASURES[name](Path(folder), given.rounds)
            except Exception:
                traceback.print_exc()
                broken.append(name)
    print(table(rows))
    if not given.names and not broken:
        _write(rows, given.rounds)
    if broken:
        print(f"bench: no figure for {', '.join(broken)}", file=sys.stderr)
    return 1 if broken or any(row.met is False for row in rows) else 0


def _write(rows: list[Row], rounds: int) -> None:
    from dev.api import version

    engine = version(os.environ["DOCKER_HOST"]) or {}
    head = f"""# Benchmarks

Written by `./dev bench`: medians of {rounds} rounds (minimum-maximum in brackets), whole processes, opponents in turn in one run, so that a
noisy machine is noisy for all. {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {os.cpu_count()} cores, Linux {platform.release()}, Python
{platform.python_version()}, Docker Engine {engine.get("Version", "?")} (API {engine.get("ApiVersion", "?")}), docker compose 2.40.3.

"""
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "benchmarks.md").write_text(head + table(rows))


if __name__ == "__main__":
    sys.exit(main())
