"""docs/reference/pytest.md: the plugin's fixtures, ini options, flags and marker."""

from __future__ import annotations

import ast

from dev.paths import ROOT

PAGE = "docs/reference/pytest.md"

HEAD = """\
# The pytest plugin

Made from `src/dockyard/api/testing/` by `./dev docs`. How it is used: [environments in pytest](../how-to/pytest.md).

## Fixtures

| fixture | scope | |
| --- | --- | --- |
"""

OPTIONS = """
## Options

An ini option stands in pytest's configuration, a flag over it. Where neither says anything, [settings](settings.md) and the Compose file do. Paths in the
configuration are found from its folder, those of flags from where pytest was called. A flag for several may be repeated.

| ini option | flag | default | meaning |
| --- | --- | --- | --- |
"""

MARKER = """
## Marker

`@pytest.mark.{marker}`. It stands over the options; paths are found from the test's file. It says nothing where no environment is asked for.
"""


def render() -> str:
    from dockyard.api.testing.options import MARKER as marker
    from dockyard.api.testing.options import OPTIONS as options

    rows = [f"| `{name}` | {scope} | {text} |" for name, scope, text in _fixtures()]
    lines: list[str] = []
    for option in options:
        value = "" if option.kind == "bool" else f"[={option.metavar}]" if option.bare else f"={option.metavar}"
        choices = f" ({', '.join(option.choices)})" if option.choices and not option.bare else ""
        default = f"`{option.default}`" if option.default else ""
        lines.append(f"| `{option.ini}` | `{option.flags}{value}` | {default} | {option.meaning}{choices} |")
    return HEAD + "\n".join(rows) + "\n" + OPTIONS + "\n".join(lines) + "\n" + MARKER.format(marker=marker)


def _fixtures() -> list[tuple[str, str, str]]:
    """Name, scope and first paragraph of each, by reading the file."""
    found: list[tuple[str, str, str]] = []
    for node in ast.parse((ROOT / "src/dockyard/api/testing/plugin.py").read_text()).body:
        if isinstance(node, ast.FunctionDef) and (scope := _scope(node)):
            text = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")
            found.append((node.name, scope, text))
    return found


def _scope(node: ast.FunctionDef) -> str:
    for decorator in node.decorator_list:
        if not ast.unparse(decorator).startswith("pytest.fixture"):
            continue
        said = {word.arg: word.value for word in decorator.keywords} if isinstance(decorator, ast.Call) else {}
        scope = said.get("scope")
        return str(scope.value) if isinstance(scope, ast.Constant) else "function" if scope is None else "`dockyard_scope`"
    return ""
