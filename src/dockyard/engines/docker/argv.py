"""Which program a container runs: entrypoint and command of file and image put together.

Promises what the engine itself would make of the unwrapped container (moby: `image.merge`, `daemon.mergeAndVerifyConfig`,
`getEntrypointAndArgs`), because a gated container gets the whole of it as the gate's arguments.
"""

from __future__ import annotations

from dockyard.model.errors import Problem, UserError
from dockyard.model.facts import ImageFacts
from dockyard.model.service import Service


def resolve(service: Service, image: ImageFacts) -> tuple[str, ...]:
    """The argv of the service's process. UserError when neither file nor image says what to run."""
    entrypoint, command = service.entrypoint, service.command or ()
    if not entrypoint:
        command = command or image.cmd or ()
        if entrypoint is None:
            entrypoint = image.entrypoint or ()
    if entrypoint == ("",):
        entrypoint = ()
    argv = (*(entrypoint or ()), *command)
    if not argv:
        raise UserError(
            Problem(
                f"nothing to run: image {image.reference!r} has no entrypoint and no command",
                path="services",
                hint="give the service a `command`",
            )
        )
    return argv
