"""docs/reference/cli.md: every command, what it takes, and examples, from the table that the parser is made of."""

from __future__ import annotations

import argparse

PAGE = "docs/reference/cli.md"

HEAD = """\
# Commands

Made from `src/dockyard/cli/table.py` by `./dev docs`. `dockyard COMMAND --help` says the same. Flags that Compose has mean what they mean there.

Every command takes `--json` (one document; `test`, `up` and `env logs` stream lines), `--quiet` and `--no-color`; `NO_COLOR`, `FORCE_COLOR` and
`TERM=dumb` are heeded. Without a terminal, and where `CI` is set, output is line by line, with a line at least every 10 seconds.

| exit code | of `test` and `up` | of the others |
| --- | --- | --- |
| 0 | passed | done |
| 1 | failed: a test said no | something could not be done (leftovers; `doctor` found a fault, `images stale` something stale) |
| 2 | usage: nothing was started | the same |
| 3 | environment-failed | |
| 4 | timed-out | |
| 5 | infrastructure: engine or registry | the same |
| 70 | Dockyard's own fault; a report is written | the same |
| 130 | aborted | the same |

`env exec` ends with its command's own code.
"""


def render() -> str:
    from dockyard.cli import table

    parts = [HEAD]
    for command, parser in table.described():
        parts += [f"\n## dockyard {command.name}\n", f"{_sentence(command.summary)}\n"]
        if command.examples:
            parts += [
                "```console",
                *(f"$ {line:<50}  # {why}" if why else f"$ {line}" for line, why in command.examples),
                "```\n",
            ]
        parts += _described(parser)
    return "\n".join(parts) + "\n"


def _described(parser: argparse.ArgumentParser) -> list[str]:
    found: list[str] = []
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                found += [
                    f"\n### {parser.prog.removeprefix('dockyard ')} {name}\n",
                    below.description or "",
                    "",
                    *_described(below),
                ]
        elif action.dest != "help":
            rows.append(f"| {_words(action)} | {(action.help or '').replace('|', chr(92) + '|')} |")
    return [*(["| | |", "| --- | --- |", *rows] if rows else []), *found]


def _words(action: argparse.Action) -> str:
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else "")
    value = str(value).replace("|", "\\|")
    if not action.option_strings:
        return f"`{value or action.dest}`"
    takes = action.nargs != 0 and value
    return ", ".join(f"`{flag}`" for flag in action.option_strings) + (f" `{value}`" if takes else "")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
