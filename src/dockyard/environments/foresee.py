"""What of an environment that stands by a run would use now, without claiming it."""

from __future__ import annotations

import msgspec

from dockyard.engines.protocol import Engine
from dockyard.environments import standby
from dockyard.environments.decide import image_subject
from dockyard.environments.request import Request
from dockyard.environments.run import options_of
from dockyard.environments.standby import Terms
from dockyard.environments.tell_services import told
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import Placement
from dockyard.model.plan import Plan


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """`environment`: which one would be claimed, "" for none, and `why` not. `anew`: by instance, why it would be made anew."""

    environment: str = ""
    why: str = ""
    used: tuple[str, ...] = ()
    anew: dict[str, str] = {}


async def foresee(engine: Engine, request: Request, plan: Plan, terms: Terms, now: float) -> Foreseen:
    """`now`: Unix seconds by the engine's clock. An image that would be pulled or built isn't known: its service counts as changed."""
    one, why = standby.choose(await engine.standing_by(terms.pool), terms, now)
    if one is None:
        return Foreseen(why=why)
    images: dict[str, ImageFacts] = {}
    unknown: dict[str, str] = {}
    for name in request.choice.services:
        service = request.application.services[name]
        found = await engine.image(service.image, service.platform) if service.build is None else None
        if found is not None:
            images[name] = found
        else:
            unknown[name] = "it is built first" if service.build is not None else f"{image_subject(service)} is pulled first"
    variables, _ = told(request.application, plan.instances, images)
    placement = Placement(one.placement, one.project, "", 0, "")
    options = options_of(msgspec.structs.replace(request, claimed=one, standby=terms), plan, {})
    options = msgspec.structs.replace(options, env=dict.fromkeys(request.choice.tests, variables))
    anew = dict(await engine.misfits(placement, request.application, options, images))
    anew |= {i.key: unknown[i.service] for i in plan.instances if i.service in unknown}
    return Foreseen(environment=one.placement, used=tuple(i.key for i in plan.instances if i.key not in anew), anew=anew)
