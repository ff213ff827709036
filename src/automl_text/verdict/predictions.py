"""One family's out-of-fold predictions, laid out so that every judgement reads them the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.statistics.calibration import fit_temperature
from automl_text.statistics.metrics import softmax
from automl_text.statistics.recommendation import Candidate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.statistics.truth import Truth
    from automl_text.tuning.evidence import FamilyEvidence, SearchEvidence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """What one family said of the rows it had not seen, partitions side by side."""

    evidence: FamilyEvidence
    truth: Truth
    """Of the rows predicted."""
    n_rows: int
    """Rows of the data; each is predicted once in every partition."""
    logits: NDArray[np.float64]
    """Shape (n_predictions, n_classes)."""
    temperature: float
    probabilities: NDArray[np.float64]
    """Calibrated by the temperature, shape (n_predictions, n_classes)."""
    predicted: NDArray[np.int64]
    """The most probable class, shape (n_predictions,)."""
    blocks: NDArray[np.int64] | None = None
    """Block of time of each row, shape (n_rows,); None where rows are judged in no order."""

    @property
    def family(self) -> str:
        """Name of the family."""
        return self.evidence.family

    @property
    def macro_f1(self) -> float:
        """Macro-F1 as measured: it ranks."""
        return self.truth.macro_f1(self.predicted)

    @property
    def n_repeats(self) -> int:
        """How often each row was predicted."""
        return len(self.predicted) // self.n_rows

    @property
    def is_candidate(self) -> bool:
        """Whether it may be recommended."""
        return not self.evidence.is_reference and self.evidence.status == "done"

    def offered(self, predicted: NDArray[np.int64]) -> Candidate:
        """Return the family as the rule of recommendation judges it, by these predictions of its own."""
        return Candidate(family=self.family, simplicity=self.evidence.simplicity, predicted=predicted)

    def first_partition(self) -> NDArray[np.int64]:
        """Return the indices of the predictions made in partition 0: one for each row of the data."""
        return np.arange(self.n_rows)


def predictions_of(evidence: SearchEvidence) -> tuple[Predictions, ...]:
    """Return the predictions of every family that made any, in the order of the search."""
    made = (_predictions(evidence, family) for family in evidence.families)
    return tuple(each for each in made if each is not None)


def _predictions(evidence: SearchEvidence, family: FamilyEvidence) -> Predictions | None:
    if family.outer_logits is None or family.status == "failed":
        return None
    logits = np.asarray(family.outer_logits, dtype=np.float64).reshape(-1, evidence.dataset.n_classes)
    truth = evidence.truth.repeated(len(family.outer_logits))
    temperature = fit_temperature(logits, truth.codes)
    first = evidence.partitions[0]
    return Predictions(
        evidence=family,
        truth=truth,
        n_rows=evidence.dataset.n_rows,
        logits=logits,
        temperature=temperature,
        probabilities=softmax(logits, temperature),
        predicted=logits.argmax(axis=1),
        blocks=None if first.first_judged is None else first.fold_of_row,
    )
