"""docs/reference/settings.md: every setting, its sources and its default, and the other variables that are read."""

from __future__ import annotations

PAGE = "docs/reference/settings.md"

HEAD = """\
# Settings

Made from `src/dockyard/api/settings.py` by `./dev docs`. A setting has five sources; a later one stands over the earlier:

1. what is built in,
2. `$XDG_CONFIG_HOME/dockyard/config.toml` (else `~/.config/dockyard/config.toml`),
3. `dockyard.toml` beside the Compose file,
4. the variable `DOCKYARD_<NAME>`,
5. the flag, where there is one ([commands](cli.md)).

`x-dockyard` in the Compose file itself ([its page](x-dockyard.md)) stands over the built-in values and under all other sources for `timeout` and
`limits`; for `keep` it stands under the flag alone. An unknown setting or a value that is none is refused, with its file or variable. Times are written as in Compose
(`90s`, `30m`, `1h30m`).

The table `[images]` of `dockyard.toml` is about [base images](../how-to/images.md) alone.

```toml
# dockyard.toml
timeout = "10m"
keep = "failure"
memory = "4g"
```

"""

OTHERS = """
## Other variables

| variable | what it does |
| --- | --- |
| `COMPOSE_FILE`, `COMPOSE_PROFILES`, `COMPOSE_PROJECT_NAME` and other `COMPOSE_*` | as in Compose; [which are read](compose.md) |
| `DOCKER_HOST`, `DOCKER_CONTEXT`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`, `DOCKER_CONFIG` | as in Docker's own command |
| `XDG_CONFIG_HOME`, `XDG_STATE_HOME`, `XDG_CACHE_HOME` | where settings, memory (`dockyard/store.db`) and what can be made again are |
| `NO_COLOR`, `FORCE_COLOR`, `TERM`, `CI` | how output looks |
| `GITHUB_ACTIONS`, `GITHUB_STEP_SUMMARY`, `GITLAB_CI` | the cause of a failure is shown where these systems show it |

## What tests are told

Each test service and each host command gets, of every service:

| variable | value |
| --- | --- |
| `DOCKYARD_SERVICE_<NAME>_HOST` | its name on the network; for a host command 127.0.0.1, or the engine's address |
| `DOCKYARD_SERVICE_<NAME>_PORT` | its first TCP port |
| `DOCKYARD_SERVICE_<NAME>_PORT_<n>` | where its port `n` is reached |
| `DOCKYARD_SERVICE_<NAME>_URL` | `scheme://host:port` where the scheme is known |

`<NAME>` is the service's name in upper case, with `_` for every other character than A-Z and 0-9. Where two services would have the same one, neither
is set, and a warning says so.
"""


def render() -> str:
    from dockyard.api.settings import MEANINGS, Settings

    rows = ["| setting | default | variable | meaning |", "| --- | --- | --- | --- |"]
    for name, meaning in MEANINGS.items():
        default = getattr(Settings(), name)
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        rows.append(f"| `{name}` | {f'`{shown}`' if shown else ''} | `DOCKYARD_{name.upper()}` | {meaning} |")
    return HEAD + "\n".join(rows) + "\n" + OTHERS
