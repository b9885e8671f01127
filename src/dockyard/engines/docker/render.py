"""A service's container as the Docker Engine API takes it. Pure: no I/O, no clock, no ids.

Promises the same process, rights, files and surroundings that `docker compose up` (2.40) gives, behind a gate where the instance is
gated; names and labels that are the placement's alone; the engine's own healthcheck switched off, because we probe. Mounts, networks,
ports and resources are in the modules of those names.
"""

from __future__ import annotations

from collections.abc import Iterable

from dockyard.engines.docker import argv, mounts, names, networks, ports, resources
from dockyard.engines.docker.scene import Json, Rendered, Scene
from dockyard.engines.gate import arguments
from dockyard.model.duration import seconds
from dockyard.model.errors import Problem, UserError
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import COMPOSE_DIRECTORY, SNAPSHOT
from dockyard.model.plan import Instance, Role
from dockyard.model.restart import restart_of
from dockyard.model.service import Service

READABLE = ("json-file", "local", "journald")
"""Log drivers that the engine reads back itself."""


def container(scene: Scene, instance: Instance, image: ImageFacts, inherited: Iterable[str] = ()) -> Rendered:
    """The container of `instance`. `inherited`: the mount targets of containers named in `volumes_from`."""
    service = scene.application.services[instance.service]
    networks.fixed_addresses(scene, instance, service)
    mounted = mounts.gather(scene, instance, service, image, inherited)
    data = scene.options.data.get(instance.service)
    kept = {SNAPSHOT: data.snapshot.key} if data is not None and data.snapshot is not None else {}
    joined = networks.endpoints(scene, instance, service) if not service.network_mode else []
    shown, bindings = ports.render(scene, service, image)
    warnings = list(mounted.warnings)
    host: Json = {
        **resources.render(service, scene.shares.get(instance.service)),
        **_rights(scene, service),
        "NetworkMode": networks.mode(scene, service, joined),
        "PortBindings": bindings,
        "RestartPolicy": _restart_policy(service, instance.role),
        "LogConfig": _logging(service, warnings),
        "Binds": mounted.binds,
        "Mounts": mounts.with_data(mounted.mounts, data),
        "Tmpfs": mounted.tmpfs,
        "VolumesFrom": [_volumes_from(scene, text) for text in service.volumes_from],
    }
    # API 1.41 takes one endpoint in the create call, 1.44 all of them.
    at_once = len(joined) if scene.api >= (1, 44) else 1
    body: Json = {
        **_process(scene, instance, service, image, kept),
        "ExposedPorts": shown,
        "HostConfig": _given(host),
        "NetworkingConfig": {"EndpointsConfig": dict(joined[:at_once])},
    }
    return Rendered(
        name=names.container(scene.placement, instance.key),
        body=body,
        connect=tuple(joined[at_once:]),
        puts=tuple(mounted.puts),
        fills=tuple(mounted.fills),
        warnings=tuple(f"{instance.service}: {warning}" for warning in warnings),
    )


def _process(scene: Scene, instance: Instance, service: Service, image: ImageFacts, kept: dict[str, str]) -> Json:
    """Fields of the configuration that shape the process: what runs, as whom, where, with which environment."""
    made: Json = {
        "Image": image.id,
        "Hostname": service.hostname,
        "Domainname": service.domainname,
        "User": service.user,
        "WorkingDir": service.working_dir,
        "Env": environment(scene, instance.service, service),
        "Labels": {
            **names.labels(scene.placement, instance, {**service.labels}),
            COMPOSE_DIRECTORY: scene.application.project_directory,
            **kept,
        },
        "StopSignal": service.stop_signal,
        "Tty": service.tty,
        "OpenStdin": service.stdin_open,
        "AttachStdout": True,
        "AttachStderr": True,
        "NetworkDisabled": service.network_mode == "disabled",
    }
    if service.mac_address and scene.api < (1, 44):
        made["MacAddress"] = service.mac_address
    if service.stop_grace_period is not None:
        made["StopTimeout"] = round(seconds(service.stop_grace_period))
    made = _given(made)
    if instance.gated:
        if scene.gate is None:
            raise UserError(Problem(f"service {instance.service!r} is planned behind a gate, and the engine has none"))
        hold = arguments.hold(limit=scene.options.hold_for, keep_stdin=service.stdin_open or service.tty, tty=service.tty)
        made |= {"OpenStdin": True, "StdinOnce": False, "AttachStdin": True}
        made["Entrypoint"] = [scene.gate.program, *hold]
        made["Cmd"] = list(argv.resolve(service, image))
    else:
        # Absent and empty differ here: [] keeps the image's CMD, null its entrypoint too.
        made["Entrypoint"] = None if service.entrypoint is None else list(service.entrypoint)
        made["Cmd"] = None if service.command is None else list(service.command)
    made["Healthcheck"] = {"Test": ["NONE"]}
    return made


def environment(scene: Scene, name: str, service: Service) -> list[str]:
    """`NAME=value`, or `NAME` alone, which takes the image's variable away. Proxies yield to the file, the run's own come last."""
    merged: dict[str, str | None] = {**scene.proxies, **service.environment, **scene.options.env.get(name, {})}
    return [key if value is None else f"{key}={value}" for key, value in merged.items()]


def _restart_policy(service: Service, role: Role) -> Json:
    policy = restart_of(service, role)
    return {} if policy.name == "no" else {"Name": policy.name, "MaximumRetryCount": policy.attempts}


def _rights(scene: Scene, service: Service) -> Json:
    """Namespaces, capabilities, security options, name resolution."""
    options, unconfined = _security(scene, service)
    made: Json = {
        "Annotations": dict(service.annotations) if scene.api >= (1, 43) else {},
        "CapAdd": list(service.cap_add),
        "CapDrop": list(service.cap_drop),
        "Init": service.init,
        "IpcMode": _of_service(scene, service.ipc),
        "PidMode": _of_service(scene, service.pid),
        "CgroupnsMode": service.cgroup,
        "UTSMode": service.uts,
        "UsernsMode": service.userns_mode,
        "Isolation": service.isolation,
        "Privileged": service.privileged,
        "ReadonlyRootfs": service.read_only,
        "Runtime": service.runtime,
        "SecurityOpt": options,
        "Sysctls": dict(service.sysctls),
        "StorageOpt": dict(service.storage_opt),
        "GroupAdd": list(service.group_add),
        "Dns": list(service.dns),
        "DnsOptions": list(service.dns_opt),
        "DnsSearch": list(service.dns_search),
        "ExtraHosts": [text.replace("=", ":", 1) for text in service.extra_hosts],
    }
    made = _given(made)
    if unconfined:
        made |= {"MaskedPaths": [], "ReadonlyPaths": []}
    return made


def _security(scene: Scene, service: Service) -> tuple[list[str], bool]:
    """Security options with seccomp profiles read in (the API wants their text), and whether `systempaths=unconfined` is among them."""
    made: list[str] = []
    unconfined = False
    for option in service.security_opt:
        name, separator, value = option.replace(":", "=", 1).partition("=") if "=" not in option else option.partition("=")
        if name == "systempaths" and value == "unconfined":
            unconfined = True
        elif name == "seccomp" and value not in ("unconfined", "builtin"):
            made.append(f"seccomp={scene.texts.get(value, value)}")
        else:
            made.append(name + separator + value)
    return made, unconfined


def _of_service(scene: Scene, value: str) -> str:
    if value.startswith("service:"):
        return f"container:{names.container(scene.placement, value.partition(':')[2])}"
    return value


def _volumes_from(scene: Scene, text: str) -> str:
    if text.startswith("container:"):
        return text.partition(":")[2]
    name, separator, access = text.partition(":")
    return names.container(scene.placement, name) + separator + access


def _logging(service: Service, warnings: list[str]) -> Json:
    """json-file unless the file says otherwise: an engine's default driver may not be readable."""
    logging = service.logging
    if logging is None or not logging.driver:
        return {"Type": "json-file", "Config": dict(logging.options) if logging is not None else {}}
    if logging.driver not in READABLE:
        warnings.append(f"logging driver {logging.driver!r}: what the service writes may not come back as evidence")
    return {"Type": logging.driver, "Config": dict(logging.options)}


_EMPTY_SAYS_SOMETHING = ("Init", "MaskedPaths", "ReadonlyPaths")
"""Fields whose false or empty value isn't the engine's default."""


def _given(values: Json) -> Json:
    """Without what says nothing."""
    empty = (None, "", [], {}, ())
    return {
        name: value
        for name, value in values.items()
        if (value not in empty and value is not False) or (name in _EMPTY_SAYS_SOMETHING and value is not None)
    }
