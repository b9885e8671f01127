"""What of an environment that stands by a run would use now, without claiming it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dockyard.engines.protocol import Engine
from dockyard.environments import standby
from dockyard.environments.foresee_data import data_of
from dockyard.environments.request import Request
from dockyard.environments.run import options_of
from dockyard.environments.standby import Terms
from dockyard.environments.tell_services import told
from dockyard.model.application import Application
from dockyard.model.bootable import bootable
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import Placement
from dockyard.model.plan import Plan
from dockyard.model.sharing import together


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """`environment`: which one would be claimed, "" for none, and `why` not. By instance: `used` as it stands, and `ready` those of them that
    are booted; `if_same`: used where something proves to be the same, and what; `anew`: why it would be made anew. `stays`: by service that is
    to stand by ready, why it stays at its gate."""

    environment: str = ""
    why: str = ""
    used: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()
    if_same: dict[str, str] = {}
    anew: dict[str, str] = {}
    stays: dict[str, str] = {}


async def foresee(engine: Engine, request: Request, plan: Plan, terms: Terms, now: float) -> Foreseen:
    """`now`: Unix seconds by the engine's clock. Nothing is built or pulled: an image that would be counts as the one that stands by."""
    stays = dict(bootable(request.application, plan.instances).stays)
    one, why = standby.choose(await engine.standing_by(terms.pool), terms, now)
    if one is None:
        return Foreseen(why=why, stays=stays)
    waiting = {instance.key: instance for instance in one.containers}
    images: dict[str, ImageFacts] = {}
    unsure: dict[str, str] = {}
    for name in request.choice.services:
        service = request.application.services[name]
        found = await engine.image(service.image, service.platform) if service.build is None else None
        if found is None and name in waiting:
            found = await engine.image(waiting[name].image)
            unsure[name] = f"the {'build' if service.build is not None else 'pull'} gives the same image"
        if found is not None:
            images[name] = found
    variables, _ = told(request.application, plan.instances, images)
    placement = Placement(one.placement, one.project, "", 0, "")
    data = await data_of(engine, request, plan)
    options = options_of(msgspec.structs.replace(request, claimed=one, standby=terms), plan, {}, data)
    options = msgspec.structs.replace(options, env=dict.fromkeys(request.choice.tests, variables))
    anew = dict(await engine.misfits(placement, request.application, options, images))
    keys = [instance.key for instance in plan.instances if instance.key not in anew]
    if_same = _if_same(request.application, plan, unsure)
    return Foreseen(
        environment=one.placement,
        used=tuple(key for key in keys if key not in if_same and key in waiting),
        ready=tuple(key for key in keys if key in waiting and waiting[key].booted),
        if_same={key: if_same[key] for key in keys if key in if_same and key in waiting},
        anew=anew,
        stays=stays,
    )


def _if_same(application: Application, plan: Plan, unsure: Mapping[str, str]) -> dict[str, str]:
    """By instance: what must be the same, in itself or in what is taken over together with it."""
    services = {instance.key: instance.service for instance in plan.instances}
    found: dict[str, str] = {}
    for key, group in together(application, plan.instances).items():
        for other in (key, *sorted(group - {key})):
            if services[other] in unsure:
                found[key] = unsure[services[other]] + ("" if other == key else f" for {other}")
                break
    return found
