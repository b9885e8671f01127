"""What tests of the Docker engine make: a scene to render in, and a placement on a real engine that leaves nothing behind."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from tests.conftest import ON_PODMAN_TOO, EngineUnderTest, entered

from dockyard.engines.docker.engine import DockerEngine, connect
from dockyard.engines.docker.site import DockerSite
from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application
from dockyard.model.placement import Placement

_PODMAN = "differs_on_podman"

MakeSite = Callable[..., Awaitable[DockerSite]]


def placement() -> Placement:
    """One that no other test has."""
    return Placement(f"test-{secrets.token_hex(4)}", "test", "tests", int(time.time()) + 900, "run")


@pytest.fixture(params=ON_PODMAN_TOO)
def engine(request: pytest.FixtureRequest) -> Iterator[EngineUnderTest]:
    """What the engine layer promises holds on Podman too, but for tests that say why it doesn't."""
    yield from entered(request)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test marked `differs_on_podman("why")` isn't asked of Podman."""
    left_out = [item for item in items if item.get_closest_marker(_PODMAN) and item.get_closest_marker("podman")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
async def docker(engine) -> AsyncIterator[DockerEngine]:
    """The engine under test, reached as a user's is."""
    made = await connect({"DOCKER_HOST": engine.host})
    yield made
    await made.close()


@pytest.fixture
async def place(docker: DockerEngine) -> AsyncIterator[MakeSite]:
    """Places an application; everything of it is gone after the test, which fails when something is left."""
    made: list[DockerSite] = []

    async def make(application: Application, **options: object) -> DockerSite:
        site = await docker.site(placement(), application, SiteOptions(**options))  # type: ignore[arg-type]
        made.append(site)
        return site

    yield make
    for site in made:
        assert not await site.delete()
        left = [found for found in await docker.inventory() if found.placement == site.placement.id]
        assert not left
