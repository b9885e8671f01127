"""Has each image there, as the pull policy says (Compose Specification, pull_policy), or built from its context."""

from __future__ import annotations

from collections.abc import Callable

from dockyard.engines.protocol import Engine
from dockyard.environments.decide import built_by, image_subject
from dockyard.environments.request import Request
from dockyard.model.errors import Problem, UserError
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import run_tag
from dockyard.model.plan import Act, Step

_ALWAYS = ("always", "daily", "weekly", "refresh")


async def have(engine: Engine, request: Request, name: str, tell: Callable[[str], None]) -> ImageFacts:
    """The image that service `name` doesn't build itself."""
    service = request.application.services[name]
    policy = request.pull or service.pull_policy or "missing"
    if not _pulls_first(policy):
        found = await engine.image(service.image, service.platform)
        if found is not None:
            return found
    if policy == "never":
        raise UserError(
            Problem(
                f"image {service.image} is not on the engine, and may not be pulled (pull_policy: never)",
                request.application.locate(f"services.{name}.image"),
                f"services.{name}.image",
            )
        )
    return await engine.pull(service.image, service.platform, tell)


def _pulls_first(policy: str) -> bool:
    # daily, weekly and every_<duration> need the time of the last pull, which no engine keeps: asking the registry is what is always right
    return policy in _ALWAYS or policy.startswith("every_")


async def build(engine: Engine, request: Request, name: str, tell: Callable[[str], None]) -> ImageFacts:
    """The image of a service with `build`, under the run's own tag; a tag of the user's is never moved."""
    service = request.application.services[name]
    if request.build == "missing" and service.image:
        found = await engine.image(service.image, service.platform)
        if found is not None:
            tell(f"{service.image} is there and is used as it is")
            return found
    return await engine.build(
        request.application,
        service,
        run_tag(name, request.placement),
        tell,
        no_cache=request.no_cache,
        pull=request.pull == "always",
    )


async def of_step(engine: Engine, request: Request, step: Step, tell: Callable[[str], None]) -> dict[str, ImageFacts]:
    """Carry out a pull or a build: the image, by each of the services that it is for."""
    services = {name: request.application.services[name] for name in request.choice.services}
    if step.act is Act.BUILD:
        users = [n for n, s in services.items() if s.build is not None and built_by(services, n) == step.subject]
        if step.subject in request.have:
            return {name: request.have[name] for name in users}
        built = await build(engine, request, step.subject, tell)
        return dict.fromkeys(users, built)
    users = [n for n, s in services.items() if s.build is None and f"{Act.PULL} {image_subject(s)}" == step.id]
    if users[0] in request.have:
        return {name: request.have[name] for name in users}
    return dict.fromkeys(users, await have(engine, request, users[0], tell))
