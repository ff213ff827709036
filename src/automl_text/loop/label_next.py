"""Which unlabelled texts to label next: unsure, unlike each other, and of the categories where a row counts most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from automl_text.errors import InputError, nearest, refuse_below
from automl_text.loop.out_of_fold import read_out_of_fold
from automl_text.loop.rows import NewTexts
from automl_text.results.result import read_result
from automl_text.statistics.metrics import class_f1, confusion
from automl_text.wording import refusal

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from automl_text.bundle.bundle import Bundle
    from automl_text.loop.out_of_fold import OutOfFold
    from automl_text.results import RunResult
    from automl_text.tables.table import Table

Strategy = Literal["unsure", "mixed", "random"]
STRATEGIES: tuple[str, ...] = get_args(Strategy)
"""``mixed``: unsure texts of categories where a row counts most; ``unsure``: the smallest lead of the first category
over the second; ``random``: what the others are measured against."""

_ALIKE = 0.7
"""Cosine of two texts' pieces of words above which one of them is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A text worth a label."""

    line: int
    cells: tuple[str, ...]
    """Its text columns."""
    suggestion: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _PickedTexts:
    """The texts picked, the first first, and what was left out of the pool."""

    picks: tuple[Pick, ...]
    n_pool: int
    n_known: int
    """Texts that have a label already, are empty, or repeat another of the pool."""
    text_columns: tuple[str, ...]
    label_column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickOptions:
    """How many texts are wanted, and by which strategy."""

    n: int = 50
    strategy: Strategy = "unsure"
    seed: int = 0
    """Of the random strategy."""

    def __post_init__(self) -> None:
        refuse_below(1, n=self.n)
        refuse_below(0, seed=self.seed)
        if self.strategy not in STRATEGIES:
            hint = f"{nearest(self.strategy, STRATEGIES)} Known: {', '.join(STRATEGIES)}."
            raise InputError(f"{self.strategy!r}: there is no such strategy.{hint}")


def label_next(folder: Path, model: Bundle, pool: str | Table, wanted: PickOptions) -> _PickedTexts:
    """Return the texts of ``pool`` that a label would help most.

    Parameters
    ----------
    folder : Path
        Of the run that ``model`` comes from.
    pool : str or Table
        A file of unlabelled texts, or its rows.

    Raises
    ------
    InputError
        If the run or the pool cannot be read, or the pool holds no text that is new.
    """
    result, rows = read_result(folder), read_out_of_fold(folder)
    info = result.dataset
    given = NewTexts.of(pool, info.text_columns, rows, model)
    table, new = given.table, given.new
    if not new:
        raise refusal(
            table.file, "every text is empty or has a label in the run", "Give texts without a label"
        )
    kept = [given.texts[row] for row in new]
    probability = model.probabilities(given.asked_of(model))
    labels = model.labels
    worth = _row_worth(rows, result, labels)
    chosen = choose(probability, pieces(kept), worth, wanted)
    return _PickedTexts(
        picks=tuple(
            Pick(
                line=int(table.lines[new[row]]),
                cells=tuple(table.columns[name][new[row]] for name in given.columns),
                suggestion=labels[int(probability[row].argmax())],
                confidence=float(probability[row].max()),
                why=_why(probability[row], worth, labels, wanted.strategy),
            )
            for row in chosen
        ),
        n_pool=len(given.texts),
        n_known=len(given.texts) - len(new),
        text_columns=info.text_columns,
        label_column=info.label_column,
    )


def _row_worth(rows: OutOfFold, result: RunResult, labels: list[str]) -> NDArray[np.float64]:
    """Return what one more row of each category is worth: its error by its number of groups, shape (n_labels,)."""
    predicted, _ = rows.of_search(result.recommended)
    codes = np.tile(rows.codes, len(predicted))
    error = 1 - class_f1(confusion(codes, predicted.ravel(), len(rows.classes)))
    n_groups = np.array(
        [len(np.unique(rows.groups[rows.codes == code])) for code in range(len(rows.classes))]
    )
    worth = dict(zip(rows.classes, error / np.maximum(n_groups, 1), strict=True))
    return np.array([worth.get(label, 0.0) for label in labels])


def choose(
    probability: NDArray[np.float64], texts: csr_matrix, worth: NDArray[np.float64], wanted: PickOptions
) -> list[int]:
    """Return the rows of the pool to label, the first first.

    Parameters
    ----------
    probability : ndarray of float64, shape (n_pool, n_classes)
    texts : sparse matrix, shape (n_pool, n_pieces)
        Rows of length 1, as `pieces` gives them: of texts that are alike one is picked.
    worth : ndarray of float64, shape (n_classes,)
        See `_row_worth`.
    """
    n = min(wanted.n, len(probability))
    if wanted.strategy == "random":
        return [int(row) for row in np.random.default_rng(wanted.seed).permutation(len(probability))[:n]]
    score = _margin(probability)
    if wanted.strategy == "mixed":
        score = score * (probability @ worth)
    return _unlike(np.argsort(-score, kind="stable"), texts, n)


def pieces(texts: list[str]) -> csr_matrix:
    """Return pieces of words of each text, each row of length 1."""
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415

    return HashingVectorizer(analyzer="char_wb", ngram_range=(3, 4), n_features=2**18).transform(texts)


def _margin(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 less the lead of the first category over the second."""
    top = np.sort(probability, axis=1)[:, -2:]
    return np.asarray(1 - (top[:, 1] - top[:, 0]))


def _unlike(order: NDArray[np.int64], texts: csr_matrix, n: int) -> list[int]:
    """Return the first ``n`` rows in ``order`` that are not too like one before them; then the others."""
    nearest_taken = np.zeros(texts.shape[0])
    taken: list[int] = []
    for row in order.tolist():
        if len(taken) == n:
            return taken
        if nearest_taken[row] < _ALIKE:
            taken.append(row)
            nearest_taken = np.maximum(nearest_taken, np.asarray((texts @ texts[row].T).todense()).ravel())
    rest = [row for row in order.tolist() if row not in set(taken)]
    return taken + rest[: n - len(taken)]


def _why(
    probability: NDArray[np.float64], worth: NDArray[np.float64], labels: list[str], strategy: Strategy
) -> str:
    """Say in a few words what speaks for this text."""
    if strategy == "random":
        return "drawn at random"
    second, first = np.argsort(probability)[-2:]
    said = f"{labels[first]} or {labels[second]}: {probability[first]:.2f} against {probability[second]:.2f}"
    rare = int((probability * worth).argmax())
    if strategy == "mixed" and rare not in {first, second}:
        return f"{said}; may be {labels[rare]}, where a row counts most"
    return said
