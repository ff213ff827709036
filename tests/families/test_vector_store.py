from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from automl_text.families import vector_store
from automl_text.families.vector_store import VectorStore

if TYPE_CHECKING:
    from pathlib import Path


class Counting:
    """Encodes a text as its length, and counts."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str) -> np.ndarray:
        self.texts.append(text)
        return np.array([len(text), 1], dtype=np.float32)


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


def test_memory_is_bounded(encode: Counting, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vector_store, "MAX_KEPT", 2)
    store = VectorStore(None, owner="a")
    for texts in (["x", "yy"], ["x", "zzz"]):
        assert store.vectors(texts, encode)[:, 0].tolist() == [len(text) for text in texts]
