"""The rows of the table in `support`: what happens to each field of the Compose Specification on a Docker engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockyard.engines.docker.support import Fate, Row

_S = "services.*"


def _many(base: str, names: str, fate: Fate = Fate.HONOURED, note: str = "", *, deep: bool = False) -> tuple[Row, ...]:
    return tuple(Row(path=f"{base}.{name}" if base else name, fate=fate, note=note, deep=deep) for name in names.split())


def _since(path: str, api: str, note: str = "", below: Fate = Fate.REFUSED, *, when: Callable[[Any], bool] | None = None) -> Row:
    return Row(path=path, fate=Fate.HONOURED, note=note, api=api, below=below, when=when)


def _only(path: str, fate: Fate, note: str, when: Callable[[Any], bool]) -> Row:
    return Row(path=path, fate=fate, note=note, when=when)


_TOP = (
    *_many("", "version", Fate.HARMLESS, "obsolete; Compose ignores it too"),
    *_many("", "name", Fate.READ, "interpolated and shown; objects are named after the placement"),
    *_many("", "include", Fate.READ, deep=True),
    *_many("", "services networks volumes configs secrets"),
    *_many("", "models", Fate.REFUSED, "language models need Docker Model Runner", deep=True),
)

_FILES = (
    *(
        row
        for kind in ("configs", "secrets")
        for row in (
            *_many(f"{kind}.*", "file", note="mounted read-only; uploaded where the engine doesn't see this machine's files"),
            *_many(
                f"{kind}.*", "environment", note="put into the container before it starts; its value never reaches the evidence"
            ),
            *_many(f"{kind}.*", "external", Fate.REFUSED, f"Docker Engine keeps no {kind}", deep=True),
            *_many(
                f"{kind}.*",
                "name labels",
                Fate.HARMLESS,
                f"nothing on the engine is called by it: a {kind[:-1]} is a file in its containers",
            ),
            *_many(f"{kind}.*", "template_driver", Fate.REFUSED, "templates are filled in by Swarm alone"),
        )
    ),
    *_many("configs.*", "content", note="put into the container before it starts"),
    *_many("secrets.*", "driver driver_opts", Fate.REFUSED, "secret drivers are Swarm's", deep=True),
)

_NETWORKS = (
    *_many("networks.*", "attachable driver internal labels"),
    *_many("networks.*", "driver_opts", deep=True),
    *_many("networks.*", "external", note="joined, never removed", deep=True),
    *_many("networks.*", "name", note="made unique for each run; an external network keeps its own"),
    *_many("networks.*", "enable_ipv6", note="before Engine 27 with a subnet of ours (fd00::/8) where none is written"),
    _since("networks.*.enable_ipv4", "1.48", when=lambda value: value is False),
    *_many("networks.*", "ipam ipam.config ipam.driver"),
    *_many("networks.*.ipam", "options", Fate.READ, "Compose reads it and passes nothing on", deep=True),
    *_many("networks.*.ipam.config[]", "subnet", note="kept as written: runs that need the same one take turns"),
    *_many("networks.*.ipam.config[]", "gateway ip_range"),
    *_many("networks.*.ipam.config[]", "aux_addresses", deep=True),
)

_VOLUMES = (
    *_many("volumes.*", "driver labels"),
    *_many("volumes.*", "driver_opts", deep=True),
    *_many("volumes.*", "external", note="joined, never removed", deep=True),
    *_many("volumes.*", "name", note="made unique for each run; an external volume keeps its own"),
)

_BUILD = (
    Row(path=f"{_S}.build", fate=Fate.HONOURED, note="by buildx where it is installed, else by the engine's own builder"),
    *_many(f"{_S}.build", "context dockerfile dockerfile_inline args target labels no_cache pull extra_hosts network shm_size"),
    *_many(f"{_S}.build", "ulimits additional_contexts ssh cache_from cache_to entitlements", deep=True),
    *_many(f"{_S}.build", "secrets secrets[].source secrets[].target"),
    *_many(f"{_S}.build.secrets[]", "uid gid mode", Fate.HARMLESS, "RUN --mount says who may read it"),
    *_many(f"{_S}.build", "tags", Fate.HARMLESS, "a run's image is held by the run's own tag; a tag of yours is never moved"),
    *_many(f"{_S}.build", "platforms", Fate.HARMLESS, "built for the service's platform, else for the engine's"),
    *_many(f"{_S}.build", "provenance sbom", Fate.HARMLESS, "an image that is thrown away carries no attestations"),
    *_many(f"{_S}.build", "isolation", Fate.REFUSED, "Windows alone knows it"),
    *_many(f"{_S}.build", "privileged", Fate.HONOURED, "as the entitlement security.insecure"),
)

_DEPLOY = (
    *_many(f"{_S}", "deploy deploy.resources"),
    *_many(f"{_S}.deploy", "replicas"),
    *_many(
        f"{_S}.deploy.resources",
        "limits limits.cpus limits.memory limits.pids reservations reservations.memory reservations.devices",
    ),
    *_many(f"{_S}.deploy.resources.reservations.devices[]", "capabilities count device_ids options", deep=True),
    Row(path=f"{_S}.deploy.resources.reservations.devices[].driver", fate=Fate.HONOURED, values={"cdi": "1.44"}),
    *_many(
        f"{_S}.deploy.resources.reservations", "cpus", Fate.HARMLESS, "one engine reserves no CPUs; Compose sets nothing either"
    ),
    Row(
        path=f"{_S}.deploy.resources.reservations.generic_resources",
        fate=Fate.IGNORED,
        deep=True,
        note="Swarm nodes declare generic resources",
    ),
    *_many(f"{_S}.deploy", "restart_policy restart_policy.condition restart_policy.max_attempts"),
    *_many(f"{_S}.deploy.restart_policy", "delay window", Fate.IGNORED, "the engine waits by a rule of its own"),
    _only(f"{_S}.deploy.mode", Fate.IGNORED, "one engine runs replicas", lambda mode: mode != "replicated"),
    *_many(f"{_S}.deploy", "labels", Fate.HARMLESS, "they are a Swarm service's", deep=True),
    *_many(f"{_S}.deploy", "endpoint_mode", Fate.HARMLESS, "names resolve to the containers themselves"),
    *_many(f"{_S}.deploy", "placement", Fate.IGNORED, "there is one node", deep=True),
    *_many(
        f"{_S}.deploy", "update_config rollback_config", Fate.HARMLESS, "nothing is updated in a throwaway environment", deep=True
    ),
)

_PROCESS = (
    *_many(_S, "command entrypoint", note="resolved as the engine does it, then run by the gate"),
    *_many(_S, "environment user working_dir init stop_signal tty stdin_open labels image hostname domainname"),
    *_many(_S, "stop_grace_period", note="with --grace; else teardown kills"),
    *_many(_S, "env_file label_file extends profiles", Fate.READ, deep=True),
    *_many(_S, "container_name", note="made unique for each run; still resolvable inside"),
    *_many(_S, "pull_policy"),
    *_many(_S, "pull_refresh_after", Fate.HARMLESS, "daily, weekly and every_… ask the registry each time"),
    *_many(_S, "platform", note="an image that isn't there for it is an error"),
    *_many(_S, "restart", note="honoured by the engine; an exit that it covers doesn't fail the wait"),
    *_many(_S, "scale"),
    *_many(_S, "depends_on depends_on.*.condition depends_on.*.required"),
    *_many(f"{_S}.depends_on.*", "restart", Fate.HARMLESS, "nothing is restarted by hand in a run"),
    *_many(_S, "healthcheck", note="asked by us inside the container; the engine's own check is switched off"),
    *_many(f"{_S}.healthcheck", "test disable"),
    *_many(
        f"{_S}.healthcheck",
        "interval timeout retries start_period start_interval",
        note="decide when a service has failed, on any engine",
    ),
    *_many(_S, "post_start", note="after its process was let go", deep=True),
    *_many(_S, "pre_stop", Fate.HARMLESS, "teardown kills", deep=True),
    *_many(_S, "develop", Fate.HARMLESS, "a run watches no files", deep=True),
    *_many(_S, "attach", Fate.HARMLESS, "all logs are kept as evidence"),
    *_many(_S, "provider", Fate.REFUSED, "a provider is a program on the host, not a container", deep=True),
    *_many(_S, "models", Fate.REFUSED, "language models need Docker Model Runner", deep=True),
)

_RIGHTS = (
    *_many(
        _S, "cap_add cap_drop cgroup cgroup_parent devices device_cgroup_rules group_add ipc pid privileged read_only", deep=True
    ),
    *_many(_S, "runtime security_opt storage_opt sysctls ulimits userns_mode uts shm_size", deep=True),
    _only(f"{_S}.isolation", Fate.REFUSED, "Windows alone knows it", lambda value: value != "default"),
    *_many(_S, "credential_spec", Fate.REFUSED, "Windows containers' accounts", deep=True),
    *_many(_S, "use_api_socket", note="the engine's socket is mounted; registry logins are not handed in, which is said"),
    Row(path=f"{_S}.annotations", fate=Fate.HONOURED, api="1.43", below=Fate.IGNORED, deep=True),
)

_RESOURCES = (
    *_many(_S, "blkio_config", deep=True),
    *_many(_S, "cpu_period cpu_quota cpu_shares cpus cpuset mem_limit mem_reservation memswap_limit oom_score_adj pids_limit"),
    *_many(_S, "cpu_rt_period cpu_rt_runtime", note="where the engine's kernel has real-time scheduling"),
    *_many(_S, "cpu_count cpu_percent", Fate.IGNORED, "Windows alone knows it"),
    *_many(_S, "mem_swappiness oom_kill_disable", note="on cgroup v1; cgroup v2 has no such control (a warning)"),
    *_many(_S, "gpus", deep=True),
)

_NET = (
    *_many(_S, "networks dns dns_opt dns_search expose external_links extra_hosts links network_mode mac_address"),
    *_many(f"{_S}.networks.*", "aliases link_local_ips priority"),
    *_many(f"{_S}.networks.*", "ipv4_address ipv6_address", note="kept as written: runs that need the same subnet take turns"),
    *_many(f"{_S}.networks.*", "driver_opts", deep=True),
    _since(f"{_S}.networks.*.mac_address", "1.44"),
    _since(f"{_S}.networks.*.gw_priority", "1.48"),
    _since(f"{_S}.networks.*.interface_name", "1.48"),
    Row(
        path=f"{_S}.ports",
        fate=Fate.HONOURED,
        note="on free ports of the loopback address, which are told; as written with --fixed-ports",
    ),
    *_many(f"{_S}.ports[]", "target protocol host_ip published"),
    *_many(f"{_S}.ports[]", "name app_protocol mode", Fate.HARMLESS, "one engine has nothing to do with it"),
)

_MOUNTS = (
    *_many(_S, "volumes", note="an image's VOLUMEs too: named, labelled, gone with the run"),
    *_many(_S, "tmpfs volumes_from"),
    Row(
        path=f"{_S}.volumes[].type",
        fate=Fate.REFUSED,
        note="npipe is Windows', cluster is Swarm's",
        when=lambda kind: kind in ("npipe", "cluster"),
        values={"image": "1.48"},
    ),
    *_many(f"{_S}.volumes[]", "source target read_only"),
    *_many(f"{_S}.volumes[]", "consistency", note="passed on; Docker Desktop alone reads it"),
    *_many(
        f"{_S}.volumes[]",
        "bind",
        note="folders and files are uploaded where the engine doesn't see this machine's, and that is said",
    ),
    *_many(f"{_S}.volumes[].bind", "create_host_path propagation selinux"),
    _since(f"{_S}.volumes[].bind.recursive", "1.44", when=lambda value: value in ("readonly", "writable")),
    *_many(f"{_S}.volumes[]", "volume tmpfs tmpfs.mode tmpfs.size"),
    *_many(f"{_S}.volumes[].volume", "nocopy"),
    *_many(f"{_S}.volumes[].volume", "labels", deep=True),
    _since(f"{_S}.volumes[].volume.subpath", "1.45"),
    _since(f"{_S}.volumes[].image", "1.48"),
    _since(f"{_S}.volumes[].image.subpath", "1.48"),
    *_many(_S, "logging logging.driver", note="json-file unless written; a driver that can't be read back is a warning"),
    *_many(f"{_S}.logging", "options", deep=True),
    *(
        Row(path=f"{_S}.{kind}{below}", fate=Fate.HONOURED)
        for kind in ("configs", "secrets")
        for below in ("", "[].source", "[].target", "[].uid", "[].gid", "[].mode")
    ),
)

ROWS: tuple[Row, ...] = (
    *_TOP,
    *_PROCESS,
    *_BUILD,
    *_DEPLOY,
    *_RESOURCES,
    *_RIGHTS,
    *_NET,
    *_MOUNTS,
    *_NETWORKS,
    *_VOLUMES,
    *_FILES,
)
