"""What `./dev COMMAND` does: finds the command's module, in the environment that it needs.

Promises: works from any folder, without a terminal, in paths with spaces. Commands that need the project's libraries
are run again by the virtual environment's Python (made first where it is missing); the others need only the standard
library, so that `./dev engine` works on a machine that has nothing yet.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

COMMANDS = {
    # name: (module, runs in the virtual environment, help)
    "demo": ("dev.demo", True, "the example, end to end: a run that passes, then one that fails"),
    "picture": ("dev.picture", True, "the picture in the README, from a real run"),
    "test": ("dev.test", True, "[PYTEST ARGS]  checks and tests, on real engines"),
    "check": ("dev.check", True, "[PART…]  ruff, pyright, import-linter, docs and acceptance in step with code"),
    "bench": ("dev.bench", True, "the benchmarks, written to docs/benchmarks.md"),
    "docs": ("dev.docs", True, "write docs/reference anew from the code"),
    "engine": ("dev.engine", False, "start|stop|status|env|images [--name N] [--modern]  a private Docker Engine"),
    "buildkitd": ("dev.buildkit", False, "build a new BuildKit daemon from its modules, print where it is"),
    "dockerfiles": (
        "dev.dockerfiles",
        False,
        "[CASE…]  the expected results of tests/cases/dockerfiles, from BuildKit's own front end",
    ),
    "which": ("dev.venv", False, "dockyard|python|NAME  where that command of the environment is"),
    "venv": ("dev.venv", False, "make the virtual environment, print its folder"),
    "lock": ("dev.lock", False, "resolve requirements/*.lock anew from pyproject.toml"),
}


def usage() -> str:
    lines = [f"  {name:<11}{text}" for name, (_, _, text) in COMMANDS.items()]
    return "usage: ./dev COMMAND [ARGS]\n\n" + "\n".join(lines)


def main(argv: list[str]) -> int:
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if argv else 2
    name, rest = argv[0], argv[1:]
    if name not in COMMANDS:
        print(f"dev: no command {name!r}\n\n{usage()}", file=sys.stderr)
        return 2
    module, needs_environment, _ = COMMANDS[name]
    if needs_environment:
        from dev import venv

        python = venv.ensure() / "bin" / "python"
        if Path(sys.prefix) != python.parent.parent:
            sys.stdout.flush()
            os.execve(python, [str(python), str(Path(__file__).parent), *argv], venv.environment())
    if importlib.util.find_spec(module) is None:
        print(f"dev: {name} is not there yet ({module})", file=sys.stderr)
        return 2
    try:
        code = importlib.import_module(module).main(name, rest)
    except KeyboardInterrupt:
        code = 130
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
