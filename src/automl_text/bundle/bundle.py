"""`Bundle`: an exported model in memory, what it was made of, and how it is asked."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.beside import frame_of, reads_frame
from automl_text.errors import AutomlTextError, InputError, nearest
from automl_text.results import text_name_of
from automl_text.results.model import Promise
from automl_text.wording import listed, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator, Rows
    from automl_text.results import FeatureColumn
    from automl_text.results.model import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An exported model in memory."""

    estimator: Estimator
    manifest: Manifest | None
    """None where the file came without one."""
    path: Path
    """The model file."""
    sha256: str
    """Digest of the bytes that were loaded."""

    @property
    def labels(self) -> list[str]:
        """The classes in the order of its probabilities."""
        return [str(label) for label in self.estimator.classes_]

    @property
    def promise(self) -> Promise:
        """What the report said of it; an empty promise without a manifest."""
        return self.manifest.promise if self.manifest else Promise()

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Text columns of the training file; none without a manifest."""
        return self.manifest.text_columns if self.manifest else ()

    @property
    def features(self) -> tuple[FeatureColumn, ...]:
        """The columns beside the text that it reads.

        Raises
        ------
        InputError
            If it reads some, and its manifest, which says how, is missing.
        """
        if self.manifest is None and reads_frame(self.estimator):
            raise InputError(
                f"{self.path}: this model reads columns beside the text, and its manifest, which says how, is missing. "
                "Copy its .json beside it."
            )
        return self.manifest.features if self.manifest else ()

    def rows(self, file: str, texts: Sequence[str], cells: Mapping[str, Sequence[str]]) -> Rows:
        """Return what it is given: the texts, or with the cells beside them where it reads these.

        Raises
        ------
        InputError
            If ``file``, whose cells they are, lacks a column.
        """
        columns = self.features
        if not columns:
            return texts
        if missing := [each.name for each in columns if each.name not in cells]:
            no = "there is no column" if len(missing) == 1 else "there are no columns"
            what = f"{no} {listed(missing, in_quotes=True)}, which the model reads beside the text"
            raise refusal(file, what, nearest(missing[0], cells).strip() or f"It has {listed(tuple(cells))}")
        return frame_of(texts, cells, columns, text_name_of(self.text_columns, columns))

    def probabilities(self, rows: Rows) -> NDArray[np.float64]:
        """Return the probability of each class for each row, shape (n_rows, n_classes).

        Raises
        ------
        InputError
            See `asked`.
        """
        with self.asked():
            return np.asarray(self.estimator.predict_proba(rows), dtype=np.float64)

    def unlike(
        self, confidence: NDArray[np.float64], largest: NDArray[np.float64] | None
    ) -> NDArray[np.bool_] | None:
        """Return which texts are unlike those of training, by the largest logit where the model has logits.

        None where the manifest does not tell.
        """
        below, logit_below = self.promise.unlike_below, self.promise.unlike_logit_below
        if below is None:
            return None
        if largest is not None and logit_below is not None:
            return np.asarray(largest < logit_below)
        return np.asarray(confidence < below)

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Put in one line what the model raises where it cannot be asked.

        Raises
        ------
        InputError
            If it cannot, as a damaged one whose digest nobody checked.
        """
        try:
            yield
        except (AutomlTextError, MemoryError):
            raise
        except Exception as error:  # whatever libraries make of what they have loaded
            raise InputError(
                f"{self.path}: cannot label a text ({type(error).__name__}). Export the model again."
            ) from error
