"""A command written as one text, split into words as Compose splits it (quotes and backslashes, no expansion).

Not `shlex`: an unquoted `;`, `&`, `|`, `<` or `>` ends the command, and `$(…)` and backticks stay one word.
"""

from __future__ import annotations


def split(line: str) -> list[str]:
    """The words. ValueError where a quote or a bracket isn't closed."""
    words: list[str] = []
    word, got = "", False
    escaped = double = single = back = dollar = False
    for char in line:
        if escaped:
            word, escaped, got = word + char, False, True
            continue
        if char == "\\":
            if single:
                word += char
            else:
                escaped = True
            continue
        if char in " \t\r\n":
            if single or double or back or dollar:
                word += char
            elif got:
                words.append(word)
                word, got = "", False
            continue
        if char == "`" and not (single or double or dollar):
            back = not back
        elif char == ")" and not (single or double or back):
            dollar = not dollar
        elif char == "(" and not (single or double or back):
            if dollar or not word.endswith("$"):
                raise ValueError(f"invalid command line: {line}")
            dollar = True
            word += char
            continue
        elif char == '"' and not (single or dollar):
            got = got or double
            double = not double
            continue
        elif char == "'" and not (double or dollar):
            got = got or single
            single = not single
            continue
        elif char in ";&|<>" and not (single or double or back or dollar):
            if char == ">" and word[:1].isdigit() and word[:1].isascii():
                got = False
            break
        word, got = word + char, True
    if got:
        words.append(word)
    if escaped or single or double or back or dollar:
        raise ValueError(f"invalid command line: a quote or bracket is not closed: {line}")
    return words
