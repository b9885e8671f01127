"""An application: what a set of Compose files says, read, merged and normalised.

The shape is that of `docker compose config` (2.40): `service.py` has the services. What the printed shape loses but a
run needs is kept beside it: where each thing was written (`sources`), the contents of configs and secrets that come
from variables, services that no active profile wants (`disabled`), the extension `x-dockyard` as typed structs.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from dockyard.model.errors import Location
from dockyard.model.extension import ServiceExtension, TopExtension
from dockyard.model.service import Extensions, Service, Strings, Words


class IpamPool(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    subnet: str = ""
    gateway: str = ""
    ip_range: str = ""
    aux_addresses: Words = {}
    extensions: Extensions = {}


class Ipam(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    driver: str = ""
    config: tuple[IpamPool, ...] = ()
    extensions: Extensions = {}


class Network(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`name` is the name on the engine as Compose would have it (`<project>_<key>` unless written)."""

    name: str = ""
    driver: str = ""
    driver_opts: Words = {}
    ipam: Ipam = Ipam()
    external: bool = False
    internal: bool = False
    attachable: bool = False
    labels: Words = {}
    enable_ipv4: bool | None = None
    enable_ipv6: bool | None = None
    extensions: Extensions = {}


class Volume(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`name` as for a network."""

    name: str = ""
    driver: str = ""
    driver_opts: Words = {}
    external: bool = False
    labels: Words = {}
    extensions: Extensions = {}


class FileObject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A config or a secret: from a `file` (absolute), from a variable (`environment`), or inline (`content`).

    `content` is filled from the variable too, where it is set; None where it is not. Printing leaves it out then.
    """

    name: str = ""
    file: str = ""
    environment: str = ""
    content: str | None = None
    external: bool = False
    labels: Words = {}
    driver: str = ""
    driver_opts: Words = {}
    template_driver: str = ""
    extensions: Extensions = {}


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A language model."""

    name: str = ""
    model: str = ""
    context_size: int = 0
    runtime_flags: Strings = ()
    extensions: Extensions = {}


class Sources(Protocol):
    """Where things were written."""

    @property
    def files(self) -> tuple[str, ...]:
        """The Compose files that were named or found, in order (`-` is standard input)."""
        ...

    def locate(self, path: str) -> Location | None:
        """Where `services.web.ports[0]` was written, or the nearest thing above it that was."""
        ...


class NoSources(msgspec.Struct, frozen=True):
    """For an application that was not read from files (a test's, an API's)."""

    files: tuple[str, ...] = ()

    def locate(self, path: str) -> Location | None:
        del path
        return None


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What the files say. `project_directory` is absolute; `environment` is what variables were resolved with,
    `asked` the names of those that the files looked for, there or not."""

    name: str
    services: dict[str, Service] = {}
    networks: dict[str, Network] = {}
    volumes: dict[str, Volume] = {}
    secrets: dict[str, FileObject] = {}
    configs: dict[str, FileObject] = {}
    models: dict[str, Model] = {}
    extensions: Extensions = {}
    disabled: dict[str, Service] = {}
    profiles: Strings = ()
    project_directory: str = "/"
    environment: Words = {}
    asked: frozenset[str] = frozenset()
    dockyard: TopExtension = TopExtension()
    dockyard_services: dict[str, ServiceExtension] = {}
    warnings: Strings = ()
    sources: Any = NoSources()
    """A `Sources`."""

    def extension(self, service: str) -> ServiceExtension:
        """What `x-dockyard` says on a service; the defaults where it says nothing."""
        return self.dockyard_services.get(service) or _PLAIN

    def locate(self, path: str) -> Location | None:
        """Where `services.web.ports[0]` was written."""
        return self.sources.locate(path)


_PLAIN = ServiceExtension()
