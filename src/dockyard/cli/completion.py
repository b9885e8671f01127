"""`dockyard completion`: scripts for the shells, made from the same table that the parser is made of."""

from __future__ import annotations

import argparse

from dockyard.cli import table


def run(given: argparse.Namespace) -> int:
    print(script(given.shell), end="")
    return 0


def script(shell: str) -> str:
    """The completion script for `bash`, `zsh` or `fish`."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _flags(parser: argparse.ArgumentParser) -> list[tuple[list[str], str]]:
    return [(list(a.option_strings), a.help or "") for a in parser._actions if a.option_strings]


def _bash() -> str:
    cases = [f"    {c.name}) words='{' '.join(f for flags, _ in _flags(p) for f in flags)}' ;;" for c, p in table.described()]
    names = " ".join(c.name for c in table.COMMANDS)
    return f"""\
_dockyard() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" command="${{COMP_WORDS[1]}}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{names} --help --version" -- "$current")); return
  fi
  case "${{COMP_WORDS[COMP_CWORD-1]}}" in
    -f|--file|--env-file|--project-directory|--report|-o|--output) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$command" in
{chr(10).join(cases)}
    *) return ;;
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) case "$command" in
         test|plan|up|config) COMPREPLY=($(compgen -W "$(dockyard config --services 2>/dev/null)" -- "$current")) ;;
         env) COMPREPLY=($(compgen -W "ls show logs exec extend rm" -- "$current")) ;;
       esac ;;
  esac
}}
complete -F _dockyard dockyard
"""


def _zsh() -> str:
    names = " ".join(f"'{c.name}:{_quoted(c.summary)}'" for c in table.COMMANDS)
    cases = []
    for command, parser in table.described():
        flags = " ".join(f"'{flag}[{_quoted(what)}]'" for both, what in _flags(parser) for flag in both)
        cases.append(f"    {command.name}) _arguments -S {flags} '*:: :_files' ;;")
    return f"""\
#compdef dockyard
_dockyard() {{
  if (( CURRENT == 2 )); then
    local -a commands; commands=({names}); _describe command commands; return
  fi
  local command=$words[2]; shift words; (( CURRENT-- ))
  case $command in
{chr(10).join(cases)}
  esac
}}
compdef _dockyard dockyard
"""


def _quoted(text: str) -> str:
    return text.replace("'", "’").replace("[", "(").replace("]", ")").replace(":", "\\:")


def _fish() -> str:
    lines = ["complete -c dockyard -f"]
    for command, parser in table.described():
        lines.append(f"complete -c dockyard -n __fish_use_subcommand -a {command.name} -d {_fish_quoted(command.summary)}")
        for flags, what in _flags(parser):
            words = " ".join(f"-l {f[2:]}" if f.startswith("--") else f"-s {f[1:]}" for f in flags)
            lines.append(f"complete -c dockyard -n '__fish_seen_subcommand_from {command.name}' {words} -d {_fish_quoted(what)}")
    services = "(dockyard config --services 2>/dev/null)"
    lines.append(f"complete -c dockyard -n '__fish_seen_subcommand_from test plan up config' -a '{services}'")
    return "\n".join(lines) + "\n"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
