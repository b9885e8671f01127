"""What is said when a command could not do its work: where, what, and what to do."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from dockyard.model.errors import DockyardError, Fatal, Retry, UserError


def usage(error: UserError, given: Any) -> None:
    """Every problem, each with its place; under --json one document."""
    if getattr(given, "json", False):
        problems = [
            {
                "what": p.what,
                "path": p.path,
                "hint": p.hint,
                "file": p.at.file if p.at else "",
                "line": p.at.line if p.at else 0,
                "column": p.at.column if p.at else 0,
            }
            for p in error.problems
        ]
        print(json.dumps({"verdict": "usage", "code": 2, "problems": problems}))
        return
    for problem in error.problems:
        print(f"dockyard: {problem}", file=sys.stderr)
    if len(error.problems) > 1:
        print(f"dockyard: {len(error.problems)} problems; nothing was started", file=sys.stderr)


def infrastructure(error: DockyardError, given: Any) -> None:
    """The engine or a registry is at fault."""
    hint = error.hint if isinstance(error, Fatal) else ""
    if getattr(given, "json", False):
        print(json.dumps({"verdict": "infrastructure", "code": 5, "what": str(error), "hint": hint}))
        return
    print(f"dockyard: {error}", file=sys.stderr)
    if isinstance(error, Retry):
        print("    it may go through later; `dockyard doctor` looks at the engine", file=sys.stderr)


def internal(error: BaseException) -> None:
    """A fault of our own: what is needed to find it goes into a file, a person gets two lines."""
    from dockyard import __version__

    trace = "".join(traceback.format_exception(error))
    text = f"dockyard {__version__}, Python {sys.version}, {platform.platform()}\nat {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}\n\n{trace}"
    try:
        handle, name = tempfile.mkstemp(prefix="dockyard-internal-", suffix=".txt")
        with os.fdopen(handle, "w") as file:
            file.write(text)
        where = f"The report is in {Path(name)}"
    except OSError:
        where = text
    print(f"dockyard: a fault of Dockyard's own: {type(error).__name__}: {error}\n    {where}; please send it.", file=sys.stderr)
