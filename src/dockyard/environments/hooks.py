"""A service's `post_start` commands, run in its container once its process has begun."""

from __future__ import annotations

from dockyard.engines.protocol import Site
from dockyard.model.errors import Problem, UserError
from dockyard.model.service import Service


async def post_start(site: Site, key: str, service: Service) -> None:
    """All of them, one after the other. UserError for the first that fails."""
    for hook in service.post_start:
        env = {name: value for name, value in hook.environment.items() if value is not None}
        result = await site.exec(
            key, hook.command or (), user=hook.user, workdir=hook.working_dir, env=env, privileged=hook.privileged
        )
        if result.exit_code:
            last = result.output.decode("utf-8", "replace").strip()[-500:]
            raise UserError(Problem(f"post_start of {key} exited with {result.exit_code}", hint=last))
