"""What decided a prediction: its words, or with a sentence encoder the training texts nearest to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.data.beside import reads_frame
from automl_text.errors import InputError
from automl_text.families.explain import pushing_words
from automl_text.loop.out_of_fold import read_out_of_fold
from automl_text.loop.rows import texts_of_rows
from automl_text.results.result import read_result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator, Rows

_N_WORDS = 5
_N_NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _TrainingText:
    """A training text like the one explained."""

    line: int
    text: str
    label: str
    similarity: float
    """Cosine of the sentence vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Explanation:
    """One text's prediction and what decided it."""

    prediction: str
    confidence: float
    second: str
    second_confidence: float
    words: tuple[str, ...]
    """Without them the model would believe least in its prediction; the strongest first."""
    nearest: tuple[_TrainingText, ...] = ()
    """Where a sentence encoder decides: the training texts nearest to this one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingTexts:
    """The training texts of a run with their sentence vectors."""

    lines: Sequence[int]
    texts: Sequence[str]
    labels: Sequence[str]
    vectors: NDArray[np.float64]
    vectors_of: Callable[[Sequence[str]], NDArray[np.float64]]

    def nearest(self, text: str) -> tuple[_TrainingText, ...]:
        """Return the training texts nearest to ``text``, the nearest first."""
        cosine = self.vectors @ self.vectors_of([text])[0]
        return tuple(
            _TrainingText(
                line=int(self.lines[row]),
                text=" ".join(self.texts[row].split())[:80],
                label=self.labels[row],
                similarity=float(cosine[row]),
            )
            for row in np.argsort(-cosine, kind="stable")[:_N_NEAREST]
        )


def neighbourhood(folder: Path, estimator: Estimator, data: Path | None = None) -> TrainingTexts | None:
    """Return the training texts of a run whose model reads sentence vectors; None where it reads words alone.

    Raises
    ------
    InputError
        If the run or its data file is not found.
    """
    features: Any = getattr(estimator, "named_steps", {}).get("features")
    if reads_frame(estimator):
        features = features.transformers_[0][1]
    if not hasattr(features, "sentence_vectors"):
        return None
    result, rows = read_result(folder), read_out_of_fold(folder)
    texts = texts_of_rows(result, rows, data)
    here = [row for row, text in enumerate(texts) if text]

    def unit_vectors(some: Sequence[str]) -> NDArray[np.float64]:
        vectors = np.asarray(features.sentence_vectors(some), dtype=np.float64)
        return np.asarray(vectors / np.clip(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12, None))

    return TrainingTexts(
        lines=[int(rows.lines[row]) for row in here],
        texts=[texts[row] for row in here],
        labels=[rows.classes[rows.codes[row]] for row in here],
        vectors=unit_vectors([texts[row] for row in here]),
        vectors_of=unit_vectors,
    )


def explain(estimator: Estimator, row: Rows, near: TrainingTexts | None = None) -> _Explanation:
    """Return what ``estimator`` says of one row and why.

    Raises
    ------
    InputError
        If the text is empty.
    """
    text = _text_of(row)
    if not text.strip():
        raise InputError("The text is empty: there is nothing to explain.")
    probability = np.asarray(estimator.predict_proba(row), dtype=np.float64)[0]
    second, first = (int(code) for code in np.argsort(probability, kind="stable")[-2:])
    labels = [str(label) for label in estimator.classes_]
    return _Explanation(
        prediction=labels[first],
        confidence=float(probability[first]),
        second=labels[second],
        second_confidence=float(probability[second]),
        words=pushing_words(estimator, row, labels[first], n=_N_WORDS),
        nearest=near.nearest(text) if near else (),
    )


def _text_of(row: Rows) -> str:
    return str(row[0] if isinstance(row, Sequence) else row.iloc[0, 0])


def because(estimator: Estimator, near: TrainingTexts | None, row: Rows, label: str) -> str:
    """Return in one cell what decided that a row is ``label``: words, or the training texts nearest to it."""
    text = _text_of(row)
    if not text.strip():
        return ""
    if near is not None:
        return "; ".join(f"line {each.line} ({each.label}): {each.text}" for each in near.nearest(text))
    return ", ".join(pushing_words(estimator, row, label, n=_N_WORDS))
