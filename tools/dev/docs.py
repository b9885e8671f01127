"""Docs in step with code: pages of docs/reference that are made from the code, and links that lead somewhere.

A generator is a module in tools/dev/reference/ with `PAGE` (a path in the checkout) and `render() -> str`. `./dev docs` writes the
pages; the check fails where a page is not what its generator would write.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
import subprocess
from pathlib import Path
from types import ModuleType

from dev import reference
from dev.paths import ROOT

LINK = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)[^)]*\)")


def main(name: str, argv: list[str]) -> int:
    for generator in _generators():
        page = ROOT / generator.PAGE
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(generator.render())
        print(generator.PAGE)
    return 0


def problems(root: Path) -> list[str]:
    """One entry for each page that is out of step and for each link that leads nowhere."""
    return [*stale(root, _generators()), *dead_links(root)]


def stale(root: Path, generators: list[ModuleType]) -> list[str]:
    """Pages that are not what their generators would write."""
    found = []
    for generator in generators:
        page = root / generator.PAGE
        have = page.read_text() if page.exists() else ""
        want = generator.render()
        if have != want:
            lines = difflib.unified_diff(
                have.splitlines(), want.splitlines(), str(generator.PAGE), "from the code", n=0, lineterm=""
            )
            found.append("\n".join([f"{generator.PAGE} is out of step with the code: ./dev docs", *list(lines)[:20]]))
    return found


def dead_links(root: Path) -> list[str]:
    """Relative links of the checkout's Markdown pages that lead to no file."""
    listed = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    files = subprocess.run(listed, capture_output=True, text=True, check=False).stdout.split("\0")
    found = []
    for file in (Path(name) for name in files if name):
        if not (root / file).exists():
            continue
        text = re.sub(r"```.*?```|`[^`\n]*`", "", (root / file).read_text(), flags=re.DOTALL)
        targets = LINK.findall(text)
        found += [
            f"{file}: the link to {target} leads nowhere" for target in targets if not (root / file.parent / target).exists()
        ]
    return found


def _generators() -> list[ModuleType]:
    names = sorted(info.name for info in pkgutil.iter_modules(reference.__path__))
    return [importlib.import_module(f"dev.reference.{name}") for name in names]
