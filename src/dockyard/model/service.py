"""A service as Compose normalises it: short forms made long, defaults filled in, paths absolute.

Names and order of the fields are those of `docker compose config` (2.40). Absent is None, or empty where Compose
makes no difference. Two things are better to compute with than to print: bytes are ints (Compose prints them as
text), file modes are ints. Durations are canonical text (`model.duration.seconds` gives a float). What a field means,
and what happens to it on an engine, is docs/reference's business; `x-` fields are in `extensions`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from dockyard.model.duration import Duration

Strings = tuple[str, ...]
Words = dict[str, str]
Extensions = dict[str, Any]


class Build(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a service's image is built. `args` without a value in file or environment are left out."""

    context: str = ""
    dockerfile: str = ""
    dockerfile_inline: str = ""
    entitlements: Strings = ()
    args: dict[str, str | None] = {}
    provenance: str = ""
    sbom: str = ""
    ssh: dict[str, str | None] = {}
    labels: Words = {}
    cache_from: Strings = ()
    cache_to: Strings = ()
    no_cache: bool = False
    additional_contexts: Words = {}
    pull: bool = False
    extra_hosts: Strings = ()
    isolation: str = ""
    network: str = ""
    target: str = ""
    secrets: tuple[FileReference, ...] = ()
    shm_size: int = 0
    tags: Strings = ()
    ulimits: dict[str, Ulimit] = {}
    platforms: Strings = ()
    privileged: bool = False
    extensions: Extensions = {}


class FileReference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A config or secret as a service wants it. An empty `target` of a config means `/<source>`; `mode` as in stat."""

    source: str = ""
    target: str = ""
    uid: str = ""
    gid: str = ""
    mode: int | None = None
    extensions: Extensions = {}


class Ulimit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Either `single`, or `soft` and `hard`."""

    single: int = 0
    soft: int = 0
    hard: int = 0
    extensions: Extensions = {}


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """`condition`: service_started, service_healthy or service_completed_successfully.

    One that isn't `required` may name a service that no active profile wants (`Application.disabled`): nothing to wait for.
    """

    condition: str = "service_started"
    restart: bool = False
    required: bool = True
    extensions: Extensions = {}


class Healthcheck(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`test` begins with CMD, CMD-SHELL or NONE; empty: the image's own. None: the engine's default."""

    test: Strings = ()
    timeout: Duration | None = None
    interval: Duration | None = None
    retries: int | None = None
    start_period: Duration | None = None
    start_interval: Duration | None = None
    disable: bool = False
    extensions: Extensions = {}

    @property
    def off(self) -> bool:
        """Whether the file switches off the check of the image."""
        return self.disable or self.test[:1] == ("NONE",)


class EnvFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of variables; its values are in `environment` already."""

    path: str
    required: bool = True
    format: str = ""


class Hook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command run in the container after its start (`post_start`) or before its stop (`pre_stop`)."""

    command: Strings | None = None
    user: str = ""
    privileged: bool = False
    working_dir: str = ""
    environment: dict[str, str | None] = {}
    extensions: Extensions = {}


class Watch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rule of `develop.watch`."""

    path: str
    action: str = ""
    target: str = ""
    exec: Hook = Hook()
    include: Strings = ()
    ignore: Strings = ()
    initial_sync: bool = False
    extensions: Extensions = {}


class Develop(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `docker compose watch` follows. A run has no use for it."""

    watch: tuple[Watch, ...] = ()
    extensions: Extensions = {}


class DeviceWeight(msgspec.Struct, frozen=True, kw_only=True):
    """A block device's share. Compose prints these keys capitalised."""

    path: str = ""
    weight: int = 0
    extensions: Extensions = {}


class DeviceRate(msgspec.Struct, frozen=True, kw_only=True):
    """A block device's limit, per second: bytes or operations."""

    path: str = ""
    rate: int = 0
    extensions: Extensions = {}


class Blkio(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Block I/O limits."""

    weight: int = 0
    weight_device: tuple[DeviceWeight, ...] = ()
    device_read_bps: tuple[DeviceRate, ...] = ()
    device_read_iops: tuple[DeviceRate, ...] = ()
    device_write_bps: tuple[DeviceRate, ...] = ()
    device_write_iops: tuple[DeviceRate, ...] = ()
    extensions: Extensions = {}


class CredentialSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Windows containers' account."""

    config: str = ""
    file: str = ""
    registry: str = ""
    extensions: Extensions = {}


class DeviceRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """GPUs and their like. `count` -1 means all."""

    capabilities: Strings = ()
    driver: str = ""
    count: int = 0
    device_ids: Strings = ()
    options: Words = {}


class GenericResource(msgspec.Struct, frozen=True, kw_only=True):
    """A countable resource that a Swarm node declares."""

    kind: str = ""
    value: int = 0


class Resource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A limit or a reservation: `cpus` in cores, `memory` in bytes."""

    cpus: float = 0
    memory: int = 0
    pids: int = 0
    devices: tuple[DeviceRequest, ...] = ()
    generic_resources: tuple[GenericResource, ...] = ()
    extensions: Extensions = {}


class Resources(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    limits: Resource | None = None
    reservations: Resource | None = None
    extensions: Extensions = {}


class UpdateConfig(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a rolling update (or a rollback) goes."""

    parallelism: int | None = None
    delay: Duration = "0s"
    failure_action: str = ""
    monitor: Duration = "0s"
    max_failure_ratio: float = 0
    order: str = ""
    extensions: Extensions = {}


class RestartPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`condition`: none, on-failure or any (None of them given: any)."""

    condition: str = ""
    delay: Duration | None = None
    max_attempts: int | None = None
    window: Duration | None = None
    extensions: Extensions = {}


class Placing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`deploy.placement`: on which nodes. `preferences` are the labels to spread over."""

    constraints: Strings = ()
    preferences: Strings = ()
    max_replicas_per_node: int = 0
    extensions: Extensions = {}


class Deploy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many, with how much, where, and how they are replaced."""

    mode: str = ""
    replicas: int | None = None
    labels: Words = {}
    update_config: UpdateConfig | None = None
    rollback_config: UpdateConfig | None = None
    resources: Resources = Resources()
    restart_policy: RestartPolicy | None = None
    placement: Placing = Placing()
    endpoint_mode: str = ""
    extensions: Extensions = {}


class Device(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    source: str = ""
    target: str = ""
    permissions: str = ""
    extensions: Extensions = {}


class Logging(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    driver: str = ""
    options: Words = {}
    extensions: Extensions = {}


class ServiceModel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A language model that the service uses, and the variables that tell it where."""

    endpoint_var: str = ""
    model_var: str = ""
    extensions: Extensions = {}


class ServiceNetwork(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a service is on a network; `Service.networks` has None where the file says nothing of it."""

    aliases: Strings = ()
    driver_opts: Words = {}
    gw_priority: int = 0
    interface_name: str = ""
    ipv4_address: str = ""
    ipv6_address: str = ""
    link_local_ips: Strings = ()
    mac_address: str = ""
    priority: int = 0
    extensions: Extensions = {}


class Port(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One container port. `published` is text: empty (any), a number, or a range `8000-8010`."""

    name: str = ""
    mode: str = ""
    host_ip: str = ""
    target: int = 0
    published: str = ""
    protocol: str = ""
    app_protocol: str = ""
    extensions: Extensions = {}


class Provider(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A program on the host that provides the service, in place of a container."""

    type: str = ""
    options: dict[str, Strings] = {}
    extensions: Extensions = {}


_ENGINES_OWN = ("/proc", "/sys", "/dev", "/run", "/var/run", "/lib/modules")


def engine_own(path: str) -> bool:
    """Whether a bind's source means the engine's machine, whoever asks (sockets, kernel interfaces, devices), and is never uploaded."""
    return path == "/" or any(path == root or path.startswith(root + "/") for root in _ENGINES_OWN)


class Bind(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    selinux: str = ""
    propagation: str = ""
    create_host_path: bool = False
    recursive: str = ""
    extensions: Extensions = {}


class VolumeOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    labels: Words = {}
    nocopy: bool = False
    subpath: str = ""
    extensions: Extensions = {}


class Tmpfs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`size` in bytes, `mode` as in stat (0: the engine's default)."""

    size: int = 0
    mode: int = 0
    extensions: Extensions = {}


class ImageOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    subpath: str = ""
    extensions: Extensions = {}


class Mount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry of `volumes`. `type`: bind, volume, tmpfs, npipe, cluster or image. A volume's empty `source`: anonymous."""

    type: str = ""
    source: str = ""
    target: str = ""
    read_only: bool = False
    consistency: str = ""
    bind: Bind | None = None
    volume: VolumeOptions | None = None
    tmpfs: Tmpfs | None = None
    image: ImageOptions | None = None
    extensions: Extensions = {}


class Service(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A service. `command` and `entrypoint`: None is not given (the image's), () is given empty."""

    profiles: Strings = ()
    annotations: Words = {}
    attach: bool | None = None
    build: Build | None = None
    develop: Develop | None = None
    blkio_config: Blkio | None = None
    cap_add: Strings = ()
    cap_drop: Strings = ()
    cgroup_parent: str = ""
    cgroup: str = ""
    cpu_count: int = 0
    cpu_percent: float = 0
    cpu_period: int = 0
    cpu_quota: int = 0
    cpu_rt_period: int = 0
    cpu_rt_runtime: int = 0
    cpus: float = 0
    cpuset: str = ""
    cpu_shares: int = 0
    command: Strings | None = None
    configs: tuple[FileReference, ...] = ()
    container_name: str = ""
    credential_spec: CredentialSpec | None = None
    depends_on: dict[str, Dependency] = {}
    deploy: Deploy | None = None
    device_cgroup_rules: Strings = ()
    devices: tuple[Device, ...] = ()
    dns: Strings = ()
    dns_opt: Strings = ()
    dns_search: Strings = ()
    domainname: str = ""
    entrypoint: Strings | None = None
    provider: Provider | None = None
    environment: dict[str, str | None] = {}
    env_file: tuple[EnvFile, ...] = ()
    expose: Strings = ()
    external_links: Strings = ()
    extra_hosts: Strings = ()
    """`host=address` each, sorted; an address may be `host-gateway`."""
    group_add: Strings = ()
    gpus: tuple[DeviceRequest, ...] = ()
    hostname: str = ""
    healthcheck: Healthcheck | None = None
    image: str = ""
    init: bool | None = None
    ipc: str = ""
    isolation: str = ""
    labels: Words = {}
    label_file: Strings = ()
    links: Strings = ()
    logging: Logging | None = None
    mem_limit: int = 0
    mem_reservation: int = 0
    memswap_limit: int = 0
    mem_swappiness: int = 0
    mac_address: str = ""
    models: dict[str, ServiceModel | None] = {}
    network_mode: str = ""
    networks: dict[str, ServiceNetwork | None] = {}
    oom_kill_disable: bool = False
    oom_score_adj: int = 0
    pid: str = ""
    pids_limit: int = 0
    platform: str = ""
    ports: tuple[Port, ...] = ()
    privileged: bool = False
    pull_policy: str = ""
    read_only: bool = False
    restart: str = ""
    runtime: str = ""
    scale: int | None = None
    secrets: tuple[FileReference, ...] = ()
    security_opt: Strings = ()
    shm_size: int = 0
    stdin_open: bool = False
    stop_grace_period: Duration | None = None
    stop_signal: str = ""
    storage_opt: Words = {}
    sysctls: Words = {}
    tmpfs: Strings = ()
    tty: bool = False
    ulimits: dict[str, Ulimit] = {}
    use_api_socket: bool = False
    user: str = ""
    userns_mode: str = ""
    uts: str = ""
    volumes: tuple[Mount, ...] = ()
    volumes_from: Strings = ()
    working_dir: str = ""
    post_start: tuple[Hook, ...] = ()
    pre_stop: tuple[Hook, ...] = ()
    extensions: Extensions = {}

    @property
    def replicas(self) -> int:
        """How many containers: `scale`, else `deploy.replicas`, else 1."""
        if self.scale is not None:
            return self.scale
        if self.deploy is not None and self.deploy.replicas is not None:
            return self.deploy.replicas
        return 1
