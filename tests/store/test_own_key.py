"""The key for hashes that nobody else can make."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dockyard.model.errors import Fatal
from dockyard.store.own_key import SIZE, own_key


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    with ThreadPoolExecutor(8) as pool:
        (found,) = set(pool.map(own_key, [environment] * 40))
    assert len(found) == SIZE and own_key(environment) == found
    (file,) = (tmp_path / "dockyard").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert own_key({"XDG_STATE_HOME": str(tmp_path / "other")}) != found


def test_one_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "dockyard").mkdir()
    (tmp_path / "dockyard" / "key").write_bytes(b"short")
    assert len(own_key({"XDG_STATE_HOME": str(tmp_path)})) == SIZE


def test_where_it_cannot_be_kept_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Fatal, match="key can't be"):
        own_key({"XDG_STATE_HOME": str(tmp_path / "file")})
