"""The part of a container's host configuration that says how much it may use and of what. Pure.

Fields are those of `HostConfig` in the Engine API (1.41); the order of precedence is Compose's: `deploy.resources` over the older fields,
which rules where both are given. A share of the run's limits fills what the file leaves open.
"""

from __future__ import annotations

from dockyard.engines.docker.scene import Json, Share
from dockyard.model.service import DeviceRate, DeviceRequest, Service


def render(service: Service, share: Share | None) -> Json:
    made: Json = {
        "CgroupParent": service.cgroup_parent,
        "Memory": service.mem_limit,
        "MemorySwap": service.memswap_limit,
        "MemoryReservation": service.mem_reservation,
        "CpuCount": service.cpu_count,
        "CpuPercent": int(service.cpu_percent * 100),
        "CpuPeriod": service.cpu_period,
        "CpuQuota": service.cpu_quota,
        "CpuRealtimePeriod": service.cpu_rt_period,
        "CpuRealtimeRuntime": service.cpu_rt_runtime,
        "CpuShares": service.cpu_shares,
        "NanoCpus": round(service.cpus * 1e9),
        "CpusetCpus": service.cpuset,
        "DeviceCgroupRules": list(service.device_cgroup_rules),
        "PidsLimit": service.pids_limit,
        "OomKillDisable": service.oom_kill_disable,
        "OomScoreAdj": service.oom_score_adj,
        "ShmSize": service.shm_size,
        "Devices": [
            {
                "PathOnHost": device.source,
                "PathInContainer": device.target or device.source,
                "CgroupPermissions": device.permissions or "rwm",
            }
            for device in service.devices
            if not _cdi(device.source)
        ],
        "DeviceRequests": _device_requests(service),
        "Ulimits": [
            {"Name": name, "Soft": limit.single or limit.soft, "Hard": limit.single or limit.hard}
            for name, limit in service.ulimits.items()
        ],
        **_blkio(service),
    }
    if service.deploy is not None:
        limits, reservations = service.deploy.resources.limits, service.deploy.resources.reservations
        if limits is not None:
            made["NanoCpus"] = round(limits.cpus * 1e9) or made["NanoCpus"]
            made["Memory"] = limits.memory or made["Memory"]
            made["PidsLimit"] = limits.pids or made["PidsLimit"]
        if reservations is not None:
            made["MemoryReservation"] = reservations.memory or made["MemoryReservation"]
    if share is not None:
        if share.cpus and not made["CpuQuota"]:
            made["NanoCpus"] = made["NanoCpus"] or round(share.cpus * 1e9)
        if share.memory and not made["Memory"]:
            made["Memory"] = share.memory
            made["MemorySwap"] = share.memory
            made["MemoryReservation"] = min(made["MemoryReservation"], share.memory)
        made["PidsLimit"] = made["PidsLimit"] or share.pids
    made = {name: value for name, value in made.items() if value}
    if service.mem_swappiness:
        made["MemorySwappiness"] = service.mem_swappiness
    return made


def _device_requests(service: Service) -> list[Json]:
    requests = [_request(gpu, ["gpu"]) for gpu in service.gpus]
    if service.deploy is not None and service.deploy.resources.reservations is not None:
        requests += [_request(device, []) for device in service.deploy.resources.reservations.devices]
    named = [device.source for device in service.devices if _cdi(device.source)]
    if named:
        requests.append({"Driver": "cdi", "DeviceIDs": named})
    return requests


def _request(device: DeviceRequest, extra: list[str]) -> Json:
    made: Json = {
        "Driver": device.driver,
        "Count": device.count,
        "DeviceIDs": list(device.device_ids),
        "Capabilities": [sorted({*device.capabilities, *extra})],
        "Options": dict(device.options),
    }
    # Neither a number nor names: all of them, as Compose has it.
    if not device.count and not device.device_ids:
        made["Count"] = -1
    return made


def _blkio(service: Service) -> Json:
    blkio = service.blkio_config
    if blkio is None:
        return {}
    return {
        "BlkioWeight": blkio.weight,
        "BlkioWeightDevice": [{"Path": device.path, "Weight": device.weight} for device in blkio.weight_device],
        "BlkioDeviceReadBps": _rates(blkio.device_read_bps),
        "BlkioDeviceReadIOps": _rates(blkio.device_read_iops),
        "BlkioDeviceWriteBps": _rates(blkio.device_write_bps),
        "BlkioDeviceWriteIOps": _rates(blkio.device_write_iops),
    }


def _rates(devices: tuple[DeviceRate, ...]) -> list[Json]:
    return [{"Path": device.path, "Rate": device.rate} for device in devices]


def _cdi(source: str) -> bool:
    """A qualified CDI name, `vendor.com/class=name` (CNCF Container Device Interface)."""
    return "=" in source and "/" in source and not source.startswith("/")
