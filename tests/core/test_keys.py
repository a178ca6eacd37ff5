"""The keys of the audit trail: one per epoch, the newest in use, none ever half there."""

from __future__ import annotations

import hmac
import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from hmis.core.trail import disk
from hmis.core.trail.keys import KeyRing, KeysMissing, KeyUnusable

MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_the_first_start_makes_the_first_key_and_the_next_finds_it(tmp_path: Path) -> None:
    first = KeyRing.ready(tmp_path / "keys")
    assert KeyRing.ready(tmp_path / "keys").current == first.current
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_a_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    ring = KeyRing.ready(tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys" / f"{ring.current}.key").stat().st_mode & 0o077 == 0


def test_without_any_key_nothing_is_verified(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match="hmis init"):
        KeyRing(tmp_path)


def test_a_new_epoch_signs_with_the_new_key_and_verifies_with_the_old(tmp_path: Path) -> None:
    with time_machine.travel(MORNING, tick=False) as traveller:
        old = KeyRing.ready(tmp_path)
        signed = old.mac(b"an act")
        traveller.shift(1)
        name = KeyRing.new_epoch(tmp_path)
    new = KeyRing(tmp_path)
    assert new.current == name != old.current
    assert new.mac(b"an act") != signed
    assert new.mac(b"an act", old.current) == signed


def test_a_running_server_knows_a_key_made_meanwhile_and_goes_on_with_its_own(tmp_path: Path) -> None:
    with time_machine.travel(MORNING, tick=False) as traveller:
        running = KeyRing.ready(tmp_path)
        own = running.current
        traveller.shift(1)
        name = KeyRing.new_epoch(tmp_path)
    assert running.knows(name)
    assert running.current == own
    assert running.mac(b"an act", name) == KeyRing(tmp_path).mac(b"an act")
    assert not running.knows("of somebody else")


def test_no_key_is_made_that_would_never_be_the_newest(tmp_path: Path) -> None:
    with time_machine.travel(MORNING, tick=False) as traveller:
        KeyRing.ready(tmp_path)
        traveller.shift(-3600)
        with pytest.raises(KeyUnusable, match="clock"):
            KeyRing.new_epoch(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("content", ["", "\n", "abcd", "zz" * 32, "ab" * 31, "ab" * 33])
def test_a_key_cut_short_is_refused_and_never_signed_with(tmp_path: Path, content: str) -> None:
    ring = KeyRing.ready(tmp_path)
    (tmp_path / f"{ring.current}.key").write_text(content)
    with pytest.raises(KeyUnusable, match=ring.current):
        KeyRing(tmp_path)


def test_a_key_that_could_not_be_finished_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        KeyRing.new_epoch(tmp_path)
    monkeypatch.undo()
    assert not list(tmp_path.glob("*.key"))
    assert KeyRing.ready(tmp_path).current


def _start(folder: Path, names: Any) -> None:
    names.put(KeyRing.ready(folder).current)


def test_servers_that_start_together_share_one_key(tmp_path: Path) -> None:
    processes = multiprocessing.get_context("spawn")
    names = processes.Queue()
    with disk.alone(tmp_path):  # hold them at the door until all are there
        servers = [processes.Process(target=_start, args=(tmp_path, names)) for _ in range(3)]
        for server in servers:
            server.start()
    told = {names.get(timeout=60) for _ in servers}
    for server in servers:
        server.join(60)
    assert len(told) == len(list(tmp_path.glob("*.key"))) == 1


@given(st.binary(max_size=200))
def test_a_mac_is_hmac_sha256(message: bytes) -> None:
    ring = object.__new__(KeyRing)
    ring._keys, ring.current = {"k": bytes(32)}, "k"
    assert ring.mac(message) == hmac.new(bytes(32), message, "sha256").digest()


def test_lines_are_whole_whatever_was_there_before(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_bytes(b"whole\ncut sh")
    with disk.alone(file, os.O_RDWR | os.O_APPEND) as handle:
        disk.append(handle, b"next\n", tmp_path)
        disk.append(handle, b"and next\n", tmp_path)
    assert file.read_bytes() == b"whole\ncut sh\nnext\nand next\n"
