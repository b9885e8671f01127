"""The engine's JSON read into facts. Pure; field names are those of the Docker Engine API 1.41.

Numbers and times come back in the model's units: bytes, seconds, Unix time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dockyard.model.facts import EngineFacts, HealthFacts, ImageFacts, InstanceFacts, State
from dockyard.model.placement import COMPOSE_SERVICE, INSTANCE

Json = dict[str, Any]

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "armv6l": "arm", "i686": "386", "i386": "386"}
"""Names of the kernel's that differ from Go's (the image specification uses Go's)."""

RUNS_TOO = {"amd64": ("386",), "arm64": ("arm",)}
"""What an architecture's kernel runs besides its own."""


_CONTROLS = {
    "cpus": "CpuCfsQuota",
    "cpu shares": "CPUShares",
    "cpuset": "CPUSet",
    "memory": "MemoryLimit",
    "swap": "SwapLimit",
    "pids": "PidsLimit",
}
"""What `GET /info` says of the kernel's controls, as far as the engine may use them."""


def engine(
    info: Json, version: Json, *, asked: float, answered: float, local_files: bool, warnings: tuple[str, ...] = ()
) -> EngineFacts:
    """From `GET /info` and `GET /version`. `asked`, `answered`: our clock then; a clock that says a time between is taken to be ours."""
    arch: str = info.get("Architecture") or version.get("Arch") or ""
    return EngineFacts(
        id=info.get("ID", ""),
        name=info.get("Name", ""),
        kind=_kind(version),
        version=version.get("Version", ""),
        api=version.get("ApiVersion", ""),
        os=info.get("OSType") or version.get("Os", "linux"),
        arch=ARCHITECTURES.get(arch, arch),
        cpus=info.get("NCPU", 0),
        memory=info.get("MemTotal", 0),
        clock_offset=_offset(moment(info["SystemTime"]), asked, answered) if info.get("SystemTime") else 0.0,
        local_files=local_files,
        rootless=info.get("Rootless") is True or any("rootless" in option for option in info.get("SecurityOptions") or ()),
        cgroup=int(info.get("CgroupVersion") or 0),
        lacks=tuple(kind for kind, said in _CONTROLS.items() if info.get(said) is False),
        devices=_devices(info),
        warnings=warnings,
    )


def _devices(info: Json) -> tuple[str, ...]:
    """Vendors' runtimes by name, and CDI where it is switched on (`CDISpecDirs`, API 1.44)."""
    runtimes = (
        name for name in info.get("Runtimes") or {} if any(vendor in name for vendor in ("nvidia", "amd", "rocm", "habana"))
    )
    return (*sorted(runtimes), *(("cdi",) if info.get("CDISpecDirs") else ()))


def _offset(said: float, asked: float, answered: float) -> float:
    return said - asked if said < asked else max(0.0, said - answered)


def _kind(version: Json) -> str:
    parts = [part.get("Name", "") for part in version.get("Components") or ()]
    return "podman" if any("podman" in name.lower() for name in parts) else "docker"


def image(body: Json, reference: str) -> ImageFacts:
    """From `GET /images/{name}/json`."""
    config: Json = body.get("Config") or body.get("ContainerConfig") or {}
    digests = body.get("RepoDigests") or []
    return ImageFacts(
        id=body.get("Id", ""),
        reference=reference,
        digest=digests[0].rpartition("@")[2] if digests else "",
        os=body.get("Os", "linux"),
        arch=body.get("Architecture", ""),
        variant=body.get("Variant", ""),
        size=body.get("Size", 0),
        entrypoint=_words(config.get("Entrypoint")),
        cmd=_words(config.get("Cmd")),
        shell=_words(config.get("Shell")),
        env=tuple(config.get("Env") or ()),
        user=config.get("User", ""),
        workdir=config.get("WorkingDir", ""),
        ports=tuple(sorted(config.get("ExposedPorts") or {})),
        volumes=tuple(sorted(config.get("Volumes") or {})),
        stop_signal=config.get("StopSignal", ""),
        healthcheck=_health(config.get("Healthcheck")),
        layers=tuple((body.get("RootFS") or {}).get("Layers") or ()),
    )


def runs(engine_arch: str, image_arch: str) -> bool:
    """Whether an engine's kernel runs an image of that architecture by itself."""
    image_arch = ARCHITECTURES.get(image_arch, image_arch)
    return not image_arch or image_arch == engine_arch or image_arch in RUNS_TOO.get(engine_arch, ())


def matches(found: ImageFacts, platform: str) -> bool:
    """Whether an image is for the platform asked for, `os[/arch[/variant]]` (or an architecture alone)."""
    if not platform:
        return True
    parts = platform.lower().split("/")
    if len(parts) == 1:
        arch = ARCHITECTURES.get(parts[0], parts[0])
        return arch in (found.os, found.arch)
    arch = ARCHITECTURES.get(parts[1], parts[1])
    variant = parts[2] if len(parts) > 2 else ""
    return parts[0] == found.os and arch == found.arch and (not variant or not found.variant or variant == found.variant)


def instance(body: Json, host: str) -> InstanceFacts:
    """From `GET /containers/{id}/json`. `host`: where published ports are reached when they bind to every address."""
    state: Json = body.get("State") or {}
    labels = (body.get("Config") or {}).get("Labels") or {}
    return InstanceFacts(
        key=labels.get(INSTANCE, ""),
        id=body.get("Id", ""),
        state=_state(state.get("Status", "")),
        service=labels.get(COMPOSE_SERVICE, ""),
        exit_code=state.get("ExitCode", 0),
        oom=bool(state.get("OOMKilled")),
        memory_limit=(body.get("HostConfig") or {}).get("Memory") or 0,
        error=state.get("Error", ""),
        restarts=body.get("RestartCount", 0),
        started_at=moment(state.get("StartedAt", "")),
        finished_at=moment(state.get("FinishedAt", "")),
        ports=tuple(sorted(published(body, host).items())),
    )


def published(body: Json, host: str) -> dict[int, str]:
    """Published TCP ports of an inspected container: port in it to `host:port` on this side."""
    return {int(port): where for port, where in told(body, host).items() if "/" not in port}


def told(body: Json, host: str) -> dict[str, str]:
    """All published ports, as people are told: `80` of TCP, `53/udp`, to `host:port` on this side."""
    found: dict[str, str] = {}
    for name, bindings in ((body.get("NetworkSettings") or {}).get("Ports") or {}).items():
        port = name.removesuffix("/tcp")
        for binding in bindings or ():
            address = binding.get("HostIp") or ""
            if address in ("", "0.0.0.0", "::"):
                address = host
            elif ":" in address:
                address = f"[{address}]"
            found.setdefault(port, f"{address}:{binding['HostPort']}")
    return found


def moment(text: str) -> float:
    """Unix seconds of an RFC 3339 time; 0 for Go's zero time or none."""
    if not text or text.startswith("0001-"):
        return 0.0
    head, _, rest = text.partition(".")
    digits = ""
    if rest:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        head += rest[len(digits) :]
    return datetime.fromisoformat(head.replace("Z", "+00:00")).timestamp() + (float(f"0.{digits}") if digits else 0.0)


def _state(status: str) -> State:
    if status == "removing":
        return State.DEAD
    try:
        return State(status)
    except ValueError:
        return State.ABSENT


def _words(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    return (value,) if isinstance(value, str) else tuple(value)


def _health(value: Json | None) -> HealthFacts | None:
    if not value or not value.get("Test"):
        return None
    return HealthFacts(
        test=tuple(value["Test"]),
        interval=value.get("Interval", 0) / 1e9,
        timeout=value.get("Timeout", 0) / 1e9,
        retries=value.get("Retries", 0),
        start_period=value.get("StartPeriod", 0) / 1e9,
        start_interval=value.get("StartInterval", 0) / 1e9,
    )
