from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from automl_text.families import counts
from automl_text.families.encoder import store as vector_store
from automl_text.families.encoder.store import VectorStore


class Counting:
    """Encodes texts as their lengths, and counts."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, texts: list[str]) -> np.ndarray:
        self.texts += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)


def _ones(texts: list[str]) -> np.ndarray:
    return np.ones((len(texts), 100), dtype=np.float32)


@pytest.fixture
def encode() -> Counting:
    return Counting()


def test_each_text_is_encoded_once_and_stands_in_its_place(encode: Counting):
    store = VectorStore(None, owner="a")
    np.testing.assert_array_equal(store.vectors(["x", "yyy", "x"], encode)[:, 0], [1, 3, 1])
    store.vectors(["yyy", "zz"], encode)
    assert encode.texts == ["x", "yyy", "zz"]


def test_processes_share_vectors_through_the_file(encode: Counting, tmp_path: Path):
    first, second = (VectorStore(tmp_path / "vectors.db", owner="a") for _ in range(2))
    first.vectors(["x", "yy"], encode)
    np.testing.assert_array_equal(second.vectors(["yy"], encode), [[2, 1]])
    assert encode.texts == ["x", "yy"]


def test_another_encoder_shares_nothing(encode: Counting, tmp_path: Path):
    for owner in "ab":
        VectorStore(tmp_path / "vectors.db", owner=owner).vectors(["x"], encode)
    assert encode.texts == ["x", "x"]


def test_the_file_holds_no_text(encode: Counting, tmp_path: Path):
    VectorStore(tmp_path / "vectors.db", owner="a").vectors(["a secret sentence"], encode)
    assert b"secret" not in (tmp_path / "vectors.db").read_bytes()


def test_memory_is_bounded_in_bytes(encode: Counting, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vector_store, "MAX_BYTES", 2 * (8 + vector_store._OVERHEAD_BYTES))
    store = VectorStore(None, owner="a")
    for texts in (["x", "yy"], ["x", "zzz"], ["x", "zzz"]):
        assert store.vectors(texts, encode)[:, 0].tolist() == [len(text) for text in texts]
        assert store.n_bytes <= vector_store.MAX_BYTES
    assert encode.texts == ["x", "yy", "zzz"]


def test_a_vector_is_counted_with_what_it_costs_beside_its_numbers(tmp_path: Path):
    texts = [str(number) for number in range(2000)]
    VectorStore(tmp_path / "vectors", owner="a").vectors(texts, _ones)
    reader = VectorStore(tmp_path / "vectors", owner="a")
    tracemalloc.start()
    try:
        reader.vectors(texts, _ones)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert reader.n_bytes == pytest.approx(taken, rel=0.25)


def test_two_processes_that_begin_together_encode_nearly_no_text_twice(tmp_path: Path):
    script = Path(__file__).with_name("encoding_process.py")
    processes = [subprocess.Popen([sys.executable, script, tmp_path]) for _ in range(2)]  # noqa: S603
    while len(list(tmp_path.glob("ready-*"))) < len(processes):
        assert all(process.poll() is None for process in processes)
        time.sleep(0.01)
    (tmp_path / "gate").touch()
    assert [process.wait(60) for process in processes] == [0, 0]
    encoded = Counter((tmp_path / "diary").read_text().split())
    assert len(encoded) == 200
    assert encoded.total() <= 200 + vector_store._TEXTS_AT_A_TIME


def test_what_a_killed_process_had_claimed_is_encoded_in_its_place(encode: Counting, tmp_path: Path):
    def die(_: list[str]) -> np.ndarray:
        raise KeyboardInterrupt

    path = tmp_path / "vectors"
    with pytest.raises(KeyboardInterrupt):
        VectorStore(path, owner="a").vectors(["x", "yy"], die)
    np.testing.assert_array_equal(
        VectorStore(path, owner="a").vectors(["zzz", "x"], encode), [[3, 1], [1, 1]]
    )


def test_a_disk_that_is_full_costs_no_vector(encode: Counting, tmp_path: Path):
    texts = [str(number) * number for number in range(1, 100)]
    store = VectorStore(tmp_path / "vectors", owner="a")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (13_000, limits[1]))
    try:
        with pytest.warns(UserWarning, match="no longer shared through vectors: "):
            found = store.vectors(texts, encode)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    np.testing.assert_array_equal(found[:, 0], [len(text) for text in texts])
    assert sorted(encode.texts) == sorted(texts)
    np.testing.assert_array_equal(store.vectors(texts, encode), found)
    assert len(encode.texts) == len(texts)


def test_a_file_that_is_damaged_costs_no_vector(encode: Counting, tmp_path: Path):
    (tmp_path / "vectors").write_bytes(b"no database" * 1000)
    with pytest.warns(UserWarning, match="file is not a database"):
        found = VectorStore(tmp_path / "vectors", owner="a").vectors(["x", "yyy"], encode)
    np.testing.assert_array_equal(found[:, 0], [1, 3])


def test_what_a_text_takes_is_told_by_all_processes_that_share_a_file(tmp_path: Path):
    def encode(texts: list[str]) -> np.ndarray:
        ends = time.process_time() + 0.002 * len(texts)
        while time.process_time() < ends:
            pass
        return np.ones((len(texts), 2), dtype=np.float32)

    alone, first, second = (
        VectorStore(path, owner="a") for path in (None, tmp_path / "file", tmp_path / "file")
    )
    assert alone.seconds_per_text == 0
    for store in (alone, first):
        store.vectors(["with what it loads"], encode)
        store.vectors([str(number) for number in range(20)], encode)
    assert alone.seconds_per_text == pytest.approx(0.002, rel=0.5)
    assert second.seconds_per_text == pytest.approx(0.002, rel=0.5)


def test_of_many_texts_only_a_block_stays_in_memory_beside_the_result(
    encode: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(counts, "_BLOCK_ROWS", 3)
    monkeypatch.setattr(vector_store, "MAX_BYTES", 3 * (8 + vector_store._OVERHEAD_BYTES))
    store, texts = VectorStore(tmp_path / "vectors", owner="a"), [number * "x" for number in range(10)]
    for _ in range(2):
        assert store.vectors(texts, encode)[:, 0].tolist() == list(range(10))
        assert store.n_bytes <= vector_store.MAX_BYTES
    assert encode.texts == texts


def test_a_vector_that_is_not_what_was_written_is_made_anew(encode: Counting, tmp_path: Path):
    path = tmp_path / "vectors"
    VectorStore(path, owner="a").vectors(["x", "yy"], encode)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE vectors SET vector = zeroblob(length(vector))")
        connection.execute("UPDATE vectors SET vector = x'00' WHERE rowid = (SELECT MAX(rowid) FROM vectors)")
    for _ in range(2):
        np.testing.assert_array_equal(
            VectorStore(path, owner="a").vectors(["x", "yy"], encode), [[1, 1], [2, 1]]
        )
    assert Counter(encode.texts) == {"x": 2, "yy": 2}


def test_the_file_is_hardly_larger_than_its_vectors(tmp_path: Path):
    texts, path = [str(number) for number in range(2000)], tmp_path / "vectors"
    VectorStore(path, owner="a").vectors(texts, lambda some: np.ones((len(some), 512), dtype=np.float32))
    assert path.stat().st_size < 1.3 * len(texts) * 512 * 4
