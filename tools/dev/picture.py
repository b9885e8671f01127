"""`./dev picture`: the README's picture, from a real run of the example in a real terminal (tmux, 100 columns).

Promises that nothing is drawn that the run has not said: what the terminal showed at the end is what the picture shows.
"""

from __future__ import annotations

import shlex
import subprocess
import tempfile
import time
from pathlib import Path

from dev import engine, venv
from dev.paths import ROOT

PICTURE = ROOT / "docs" / "pictures" / "run.svg"
WIDTH, HEIGHT = 100, 60
LIMIT = 120.0  # seconds

FORM = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: {char_height}px;
line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main(name: str, argv: list[str]) -> int:
    host, _ = engine.ensure()
    folder = ROOT / "examples" / "shop"
    with tempfile.TemporaryDirectory(prefix="dockyard-picture-") as scratch:
        said = _terminal(host, folder, Path(scratch))
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(_drawn(f"$ dockyard test\n{said}"))
    print(PICTURE.relative_to(ROOT))
    return 0


def _terminal(host: str, folder: Path, scratch: Path) -> str:
    """What a terminal shows of the run, with its colours."""
    over, shop = scratch / "over", scratch / "reports"
    command = [str(venv.ensure() / "bin" / "dockyard"), "test", "--host", host, "--report", str(shop)]
    line = f"cd {shlex.quote(str(folder))} && {shlex.join(command)}; echo $? > {over}.new; mv {over}.new {over}; sleep {LIMIT}"
    tmux = ["tmux", "-S", str(scratch / "tmux"), "-f", "/dev/null"]
    subprocess.run([*tmux, "new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT), line], check=True)
    try:
        deadline = time.monotonic() + LIMIT
        while not over.exists():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the run did not end within {LIMIT:.0f} s")
            time.sleep(0.2)
        time.sleep(0.3)
        said = subprocess.run([*tmux, "capture-pane", "-e", "-p"], check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    return said.replace(f"{shop}/", "dockyard-report/").rstrip() + "\n"


def _drawn(text: str) -> str:
    from rich.console import Console
    from rich.text import Text

    with open("/dev/null", "w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, color_system="standard")
        console.print(Text.from_ansi(text.rstrip()))
    return console.export_svg(title="examples/shop", code_format=FORM, unique_id="run")
