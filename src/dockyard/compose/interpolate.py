"""Variables put into a whole tree, and the casts that follow.

Only values are substituted, never keys. A text under a path that wants a number or a boolean becomes one (the list of
paths is Compose's); other texts stay text, and the schema says whether they may.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockyard.compose.scalars import float32
from dockyard.compose.template import InvalidTemplate, Lookup, MissingVariable, substitute
from dockyard.compose.tree import RULE, Map, Path, Report, Rules, child_mark, rules, step, step_item

_TRUE = ("y", "yes", "on")
_FALSE = ("n", "no", "off")


def to_bool(text: str) -> bool:
    low = text.lower()
    if low == "true" or low in _TRUE:
        return True
    if low == "false" or low in _FALSE:
        return False
    raise ValueError(f"{text!r} is no boolean (true or false)")


def to_int(text: str) -> int:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isascii() or not digits.isdigit():
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def to_float(text: str) -> float:
    try:
        if not text or text != text.strip() or "_" in text:
            raise ValueError
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None


def to_float32(text: str) -> float:
    return float32(to_float(text))


_CASTS = rules(
    {
        f"services.*.{path}": cast
        for cast, paths in (
            (
                to_int,
                "cpu_count cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares deploy.replicas "
                "deploy.update_config.parallelism deploy.rollback_config.parallelism "
                "deploy.restart_policy.max_attempts deploy.placement.max_replicas_per_node healthcheck.retries "
                "oom_score_adj pids_limit ports.[].target scale ulimits.* ulimits.*.hard ulimits.*.soft",
            ),
            (to_float, "cpu_percent deploy.update_config.max_failure_ratio deploy.rollback_config.max_failure_ratio"),
            (to_float32, "cpus"),
            (
                to_bool,
                "init healthcheck.disable oom_kill_disable privileged read_only stdin_open tty "
                "volumes.[].read_only volumes.[].volume.nocopy",
            ),
        )
        for path in paths.split()
    }
    | {
        path: to_bool
        for path in (
            "networks.*.external networks.*.internal networks.*.attachable networks.*.enable_ipv4 "
            "networks.*.enable_ipv6 volumes.*.external secrets.*.external configs.*.external"
        ).split()
    }
)


def interpolate(tree: Map, lookup: Lookup, report: Report) -> None:
    """Substitutes and casts in place. What can't be is reported and left as it was written."""

    def unset(name: str) -> None:
        report.warn(f'The "{name}" variable is not set. Defaulting to a blank string.')

    _walk(tree, (), _CASTS, lookup, report, unset)


def _walk(node: Any, path: Path, casts: Rules | None, lookup: Lookup, report: Report, unset: Callable[[str], None]) -> None:
    mapping = isinstance(node, Map)
    for key, value in list(node.items()) if mapping else enumerate(node):
        below = step(casts, str(key)) if mapping else step_item(casts)
        if isinstance(value, str):
            cast = below.get(RULE) if below else None
            if cast is None and "$" not in value:
                continue
            try:
                done: Any = substitute(value, lookup, unset)
                node[key] = cast(done) if cast else done
            except (InvalidTemplate, MissingVariable, ValueError) as error:
                _tell(error, value, report, child_mark(node, key), (*path, key))
        elif isinstance(value, dict | list):
            _walk(value, (*path, key), below, lookup, report, unset)


def _tell(error: ValueError, value: str, report: Report, mark: Any, path: Path) -> None:
    if isinstance(error, InvalidTemplate):
        report.add(f"{value!r} is no valid variable", mark, path, "write $$ for a dollar that is meant as one")
    elif isinstance(error, MissingVariable):
        report.add(str(error), mark, path, "set it in the environment or in .env")
    else:
        report.add(str(error), mark, path)
