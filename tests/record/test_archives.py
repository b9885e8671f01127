"""Archives out of containers: what they hold comes out below the folder and nowhere else, as plain files; the rest is refused by name."""

from __future__ import annotations

import errno
import io
import os
import tarfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.record import archives
from dockyard.record.mask import Mask


def _tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    out.seek(0)
    return out


def _entry(
    name: str, data: bytes = b"x", *, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info, data if kind == tarfile.REGTYPE else b""


class Looker:
    """Who looks at what comes out."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.missing: list[tuple[str, str, str]] = []

    def file(self, name: str, source: IO[bytes]) -> None:
        self.files[name] = source.read()

    def refused(self, name: str, why: str, leads_to: str = "") -> None:
        self.missing.append((name, why, leads_to))


GOOD = _entry("reports/good.xml", b"good")


def test_files_and_folders_come_out(tmp_path: Path) -> None:
    archive = _tar(_entry("reports", kind=tarfile.DIRTYPE), GOOD, _entry("reports/deep/er/two.txt", b"two"))
    assert archives.unpack(archive, tmp_path / "out") == []
    assert (tmp_path / "out/reports/good.xml").read_bytes() == b"good"
    assert (tmp_path / "out/reports/deep/er/two.txt").read_bytes() == b"two"


@pytest.mark.parametrize(
    ("hostile", "why"),
    [
        (_entry("/etc/evil"), "out of the folder"),
        (_entry("../evil"), "out of the folder"),
        (_entry("reports/../../evil"), "out of the folder"),
        (_entry("reports/link", kind=tarfile.SYMTYPE, link="/etc/passwd"), "a link"),
        (_entry("reports/hard", kind=tarfile.LNKTYPE, link="reports/good.xml"), "a link"),
        (_entry("reports/pipe", kind=tarfile.FIFOTYPE), "no plain file"),
        (_entry("reports/dev", kind=tarfile.CHRTYPE), "no plain file"),
        (_entry("reports/disk", kind=tarfile.BLKTYPE), "no plain file"),
        (_entry("/".join(["d"] * 50)), "too deep"),
        (_entry("n" * 300), "too long"),
        (_entry("/".join(["n" * 250] * 30)), "too long"),
    ],
)
def test_what_is_hostile_is_refused_by_name_and_the_rest_comes_out(
    hostile: tuple[tarfile.TarInfo, bytes], why: str, tmp_path: Path
) -> None:
    looker = Looker()
    refused = archives.unpack(_tar(hostile, GOOD), tmp_path / "a" / "out", look=looker)
    assert [name for name in looker.files if len(name) < 1000] == ["reports/good.xml"]
    ((name, _, leads_to),) = looker.missing
    assert (name, leads_to) == (hostile[0].name, hostile[0].linkname)
    assert len(refused) == 1 and "was not copied" in refused[0] and why in refused[0].lower().replace("file name", "its name is")
    assert (tmp_path / "a/out/reports/good.xml").read_bytes() == b"good"
    there = [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if not p.is_dir()]
    assert there == ["a/out/reports/good.xml"]


def test_a_link_and_then_a_file_through_it_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    archive = _tar(_entry("door", kind=tarfile.SYMTYPE, link=str(tmp_path / "secret")), _entry("door/evil"))
    archives.unpack(archive, tmp_path / "out")
    assert list((tmp_path / "secret").iterdir()) == []


def test_a_link_that_somebody_put_in_the_folder_before_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "door").symlink_to(tmp_path / "secret")
    (tmp_path / "out" / "file").symlink_to(tmp_path / "secret" / "target")
    refused = archives.unpack(_tar(_entry("door/evil"), _entry("file"), _entry("door", kind=tarfile.DIRTYPE)), tmp_path / "out")
    assert len(refused) == 3 and list((tmp_path / "secret").iterdir()) == []


def test_a_name_that_is_both_a_file_and_a_folder_keeps_the_first(tmp_path: Path) -> None:
    refused = archives.unpack(_tar(_entry("a", b"1"), _entry("a/b"), _entry("c/d"), _entry("c", b"2")), tmp_path)
    assert len(refused) == 2 and (tmp_path / "a").read_bytes() == b"1" and (tmp_path / "c/d").exists()


def test_rights_are_plain_whatever_the_archive_says(tmp_path: Path) -> None:
    archives.unpack(_tar(_entry("suid", mode=0o6777), _entry("none", mode=0)), tmp_path)
    for name in ("suid", "none"):
        assert (tmp_path / name).stat().st_mode & 0o7111 == 0 and os.access(tmp_path / name, os.R_OK)


def test_secrets_are_masked_in_texts_and_in_names_on_their_way_to_disk(tmp_path: Path) -> None:
    text = b"x" * (archives.BLOCK - 4) + b"hunter22\xff\n" + b"y" * archives.BLOCK + b"hunter22"
    binary = b"\x89PNG\0hunter22"
    archive = _tar(
        _entry("hunter22", kind=tarfile.DIRTYPE),
        _entry("hunter22/a.log", text),
        _entry("shot.png", binary),
        _entry("as-hunter22.txt", b"1"),
        _entry("as-s3cr3t.txt", b"2"),
        _entry("hunter22/link", kind=tarfile.SYMTYPE, link="x"),
    )
    looker = Looker()
    mask = Mask(["hunter22", "s3cr3t"])
    refused = archives.unpack(archive, tmp_path, mask=mask, look=looker)
    assert (tmp_path / "***/a.log").read_bytes() == text.replace(b"hunter22", b"***")
    assert (tmp_path / "shot.png").read_bytes() == binary, "a picture in which bytes are replaced is none any more"
    assert [(tmp_path / name).read_bytes() for name in ("as-***.txt", "as-***~2.txt")] == [b"1", b"2"]
    assert len(refused) == 1 and "***/link" in refused[0]
    assert looker.files["hunter22/a.log"] == text and looker.missing[0][0] == "hunter22/link", "who looks sees the truth"
    assert not any("hunter22" in str(path) for path in tmp_path.rglob("*"))


def test_bounds_of_number_and_size_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    looker = Looker()
    refused = archives.unpack(_tar(*(_entry(f"f{n}") for n in range(9))), tmp_path / "many", look=looker)
    assert looker.missing == [("", "more than 5 entries: the rest is left out", "")]
    assert "more than 5 entries" in refused[0] and len(list((tmp_path / "many").iterdir())) == 5
    monkeypatch.setattr(archives, "MOST_BYTES", 100)
    refused = archives.unpack(_tar(_entry("small", b"x" * 60), _entry("big", b"x" * 60)), tmp_path / "large")
    assert len(refused) == 1 and [p.name for p in (tmp_path / "large").iterdir()] == ["small"]


def test_a_machine_without_room_is_no_fault_of_the_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Iterator[bytes]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "_without_secrets", full)
    with pytest.raises(OSError, match="No space left"):
        archives.unpack(_tar(GOOD), tmp_path)


def test_many_refusals_are_counted_and_not_listed(tmp_path: Path) -> None:
    refused = archives.unpack(_tar(*(_entry(f"../{n}") for n in range(50))), tmp_path)
    assert len(refused) == archives.TOLD + 1 and refused[-1] == "and 40 more were not copied"


@given(st.binary(max_size=2000), st.integers(0, 4000))
def test_rubbish_and_archives_that_break_off_are_told_and_nothing_is_raised(rubbish: bytes, cut: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        archives.unpack(io.BytesIO(rubbish), Path(folder, "a"))
        archives.unpack(io.BytesIO(_tar(GOOD, _entry("two", b"y" * 2000)).getvalue()[:cut]), Path(folder, "b"))
        archives.unpack(io.BytesIO(_tar(GOOD).getvalue()[:512] + rubbish), Path(folder, "c"))


async def test_what_comes_is_bounded_before_it_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 10_000)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000

    looker = Looker()
    assert "not copied" in (await archives.extract(endless(), tmp_path / "out", look=looker))[0] and looker.missing[0][0] == ""

    async def good() -> AsyncIterator[bytes]:
        yield _tar(GOOD).getvalue()[:9000]

    await archives.extract(good(), tmp_path / "out")
    assert (tmp_path / "out/reports/good.xml").exists()
