"""Platforms, `os/arch[/variant]`, with the names that containerd's normalisation gives them. Pure."""

from __future__ import annotations

import re

import msgspec

_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "armhf": "arm", "armel": "arm"}
_KNOWN = ("386", "amd64", "arm", "arm64", "loong64", "mips64", "mips64le", "ppc64", "ppc64le", "riscv64", "s390x", "wasm")
_SYSTEMS = ("linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "solaris", "android", "js", "wasi")
_PART = re.compile(r"[A-Za-z0-9_.-]+")


class Platform(msgspec.Struct, frozen=True):
    """Normalised: `arm` has a variant, `arm64` none for v8, `amd64` none for v1."""

    os: str
    arch: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.arch, self.variant) if part)


def parse(text: str, default: Platform) -> Platform:
    """ValueError where it is none. An operating system or an architecture alone takes the rest from `default`."""
    parts = text.split("/")
    if len(parts) > 3 or not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"{text!r} is no platform: os/arch[/variant]")
    parts = [part.lower() for part in parts]
    if len(parts) == 1:
        if parts[0] in _SYSTEMS:
            return Platform(parts[0], default.arch, default.variant)
        made = normal(default.os, parts[0], "")
        if made.arch not in _KNOWN:
            raise ValueError(f"{text!r} is neither an operating system nor an architecture")
        return made
    return normal(parts[0], parts[1], parts[2] if len(parts) > 2 else "")


def normal(os: str, arch: str, variant: str) -> Platform:
    """As containerd writes it."""
    os, arch, variant = os.lower() or "linux", arch.lower(), variant.lower()
    if arch == "armel":
        variant = "v6"
    arch = _ARCHITECTURES.get(arch, arch)
    if arch == "arm":
        variant = {"": "v7", "5": "v5", "6": "v6", "7": "v7", "8": "v8"}.get(variant, variant)
    elif (arch == "arm64" and variant in ("8", "v8")) or (arch == "amd64" and variant in ("1", "v1")):
        variant = ""
    return Platform("darwin" if os == "macos" else os, arch, variant)
