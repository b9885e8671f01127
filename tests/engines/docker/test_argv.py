"""What a container runs: our resolution against what the real engine makes of the unwrapped container."""

from __future__ import annotations

import json
import secrets

import pytest
from tests.engines.docker.scenes import ImageFacts

from dockyard.engines.docker import argv
from dockyard.engines.docker.engine import DockerEngine
from dockyard.model.errors import UserError
from dockyard.model.service import Service

ENTRYPOINTS = (None, (), ("",), ("/e",), ("/e", "-x"))
COMMANDS = (None, (), ("c",), ("c", "d"), ("",))
IMAGES = ((None, None), (("/ie",), None), (None, ("ic", "id")), (("/ie", "-i"), ("ic",)))


def _image(entrypoint: tuple[str, ...] | None, cmd: tuple[str, ...] | None) -> ImageFacts:
    return ImageFacts(id="i", reference="image:1", entrypoint=entrypoint, cmd=cmd)


@pytest.mark.parametrize(
    ("service", "image", "expected"),
    [
        (Service(), _image(("/ie",), ("ic",)), ("/ie", "ic")),
        (Service(command=("c",)), _image(("/ie",), ("ic",)), ("/ie", "c")),
        (Service(entrypoint=("/e",)), _image(("/ie",), ("ic",)), ("/e",)),
        (Service(entrypoint=("/e",), command=("c",)), _image(("/ie",), ("ic",)), ("/e", "c")),
        (Service(entrypoint=()), _image(("/ie",), ("ic",)), ("ic",)),
        (Service(entrypoint=("",), command=("c",)), _image(("/ie",), ("ic",)), ("c",)),
    ],
)
def test_entrypoint_and_command_of_file_and_image_come_together(
    service: Service, image: ImageFacts, expected: tuple[str, ...]
) -> None:
    assert argv.resolve(service, image) == expected


@pytest.mark.parametrize("service", [Service(), Service(entrypoint=("",))])
def test_nothing_to_run_is_the_users_error(service: Service) -> None:
    image = _image(None, None) if service.entrypoint is None else _image(None, ("ic",))
    with pytest.raises(UserError, match="nothing to run"):
        argv.resolve(service, image)


@pytest.mark.differs_on_podman("its inspect tells Path twice; the rules are Docker's")
async def test_every_combination_is_what_the_engine_makes_of_the_plain_container(docker: DockerEngine) -> None:
    client = docker._api.client
    differing = []
    made: list[str] = []
    try:
        for n, (image_entrypoint, image_cmd) in enumerate(IMAGES):
            tag = f"test-argv-{secrets.token_hex(4)}"
            changes = [f"ENTRYPOINT {json.dumps(image_entrypoint)}"] if image_entrypoint else []
            changes += [f"CMD {json.dumps(image_cmd)}"] if image_cmd else []
            await client.images.import_(bytes(1024), repository=f"{tag}:{n}", changes=changes)
            made.append(f"{tag}:{n}")
            facts = await docker.image(f"{tag}:{n}")
            assert facts is not None
            for entrypoint in ENTRYPOINTS:
                for command in COMMANDS:
                    differing += await _compare(docker, facts, Service(entrypoint=entrypoint, command=command), made)
    finally:
        for one in made:
            if ":" in one:
                await client.images.remove(one, force=True)
            else:
                await client.containers.remove(one)
    assert not differing


async def _compare(docker: DockerEngine, image: ImageFacts, service: Service, made: list[str]) -> list[str]:
    body = {
        "Image": image.id,
        "Entrypoint": None if service.entrypoint is None else list(service.entrypoint),
        "Cmd": None if service.command is None else list(service.command),
    }
    says = f"{service.entrypoint} {service.command} over {image.entrypoint} {image.cmd}"
    try:
        ours: tuple[str, ...] | None = argv.resolve(service, image)
    except UserError:
        ours = None
    try:
        created = await docker._api.create("", body)
    except Exception as error:
        return [] if ours is None else [f"{says}: the engine refuses ({error}), we say {ours}"]
    made.insert(0, created)
    found = await docker._api.container(created)
    theirs = (found["Path"], *found["Args"])
    return [] if theirs == ours else [f"{says}: {theirs}, we say {ours}"]
