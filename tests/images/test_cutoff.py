"""Images that were built again and are the same."""

from __future__ import annotations

import io
import tarfile

import pytest

from dockyard.images import cutoff


def layer(*entries: tuple[str, str], mtime: int = 0, **more: object) -> str:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, text in entries:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(text), mtime
            for field, value in more.items():
                setattr(entry, field, value)
            archive.addfile(entry, io.BytesIO(text.encode()))
    data.seek(0)
    return cutoff.layer(data)


SAME = layer(("a", "1"), ("b", "2"))


def test_times_and_order_of_a_layers_entries_make_no_other_layer() -> None:
    assert layer(("b", "2"), ("a", "1"), mtime=7) == SAME
    assert layer(("a", "0"), ("a", "1"), ("b", "2")) == SAME, "the last entry of a path counts"


@pytest.mark.parametrize(
    "other",
    [
        layer(("a", "1"), ("b", "3")),
        layer(("a", "1")),
        layer(("a", "1"), ("c", "2")),
        layer(("a", "1"), ("b", "2"), mode=0o755),
        layer(("a", "1"), ("b", "2"), uid=5),
        layer(("a", "1"), ("b", "2"), pax_headers={"SCHILY.xattr.security.capability": "x"}),
        layer(("a1", ""), ("b", "2")),
    ],
)
def test_content_mode_owner_attributes_and_names_do(other: str) -> None:
    assert other != SAME


CONFIG = {"os": "linux", "created": "now", "history": [1], "config": {"Env": ["A=1"], "Labels": {"a": "1"}, "User": ""}}


@pytest.mark.parametrize(
    ("other", "equal"),
    [
        ({**CONFIG, "created": "later", "history": []}, True),
        ({**CONFIG, "config": {**CONFIG["config"], "Labels": {"a": "1", "org.opencontainers.image.revision": "x"}}}, True),
        ({**CONFIG, "config": {"Env": ["A=1"], "Labels": {"a": "1"}, "Volumes": None, "Cmd": []}}, True),
        ({**CONFIG, "config": {**CONFIG["config"], "Labels": {"a": "2"}}}, False),
        ({**CONFIG, "config": {**CONFIG["config"], "Env": ["A=2"]}}, False),
        ({**CONFIG, "config": {**CONFIG["config"], "User": "app"}}, False),
        ({**CONFIG, "os": "windows"}, False),
    ],
)
def test_a_configuration_is_the_same_whenever_and_from_whichever_revision_it_was_made(
    other: dict[str, object], equal: bool
) -> None:
    assert (cutoff.config_key(CONFIG) == cutoff.config_key(other)) is equal


def test_what_differs_is_named() -> None:
    before = cutoff.content(CONFIG, ["a", "b"])
    assert cutoff.same(before, cutoff.content(CONFIG, ["a", "b"]))
    assert cutoff.changed(before, cutoff.content(CONFIG, ["a", "c"])) == "layer 2 of 2"
    assert cutoff.changed(before, cutoff.content(CONFIG, ["a"])) == "1 layers, not 2"
    assert cutoff.changed(before, cutoff.content({"os": "x"}, ["a", "b"])) == "its configuration"
