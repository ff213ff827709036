"""Every row as predicted by fits that had not seen it, kept beside the result: all that follows is computed from it."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.errors import InputError
from automl_text.files import read_whole
from automl_text.results.arrays import read_arrays
from automl_text.statistics.metrics import softmax
from automl_text.statistics.truth import Truth
from automl_text.wording import folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.tuning.evidence import SearchEvidence

FILE = "out_of_fold.npz"
_FORMAT = 1
_KEY = b"automl-text row"
_DIGEST_BYTES = 8


def text_digests(texts: Sequence[str]) -> NDArray[np.uint64]:
    """Return one number for each text, the same for texts that differ by case and blanks alone."""
    joined = b"".join(
        hashlib.blake2b(
            folded(text).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES, key=_KEY
        ).digest()
        for text in texts
    )
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64)


def digest_name(digest: int) -> str:
    """Return a digest as it stands in tables: no spreadsheet takes it for a number."""
    return f"x{digest:016x}"


def named_digest(name: str) -> int:
    """Return the digest of a name.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not name.startswith("x"):
        raise ValueError(name)
    return int(name[1:], 16)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutOfFold:
    """The labelled rows of a run and what each family said of them; of the texts no more than digests."""

    classes: tuple[str, ...]
    lines: NDArray[np.int64]
    """Of the data file; shape (n_rows,), as are the next three."""
    codes: NDArray[np.int64]
    groups: NDArray[np.int64]
    digests: NDArray[np.uint64]
    """See `text_digests`."""
    measurable: NDArray[np.bool_]
    """Shape (n_classes,)."""
    n_folds: int
    folds: NDArray[np.int64]
    """Fold of each row in each partition, shape (n_repeats, n_rows)."""
    families: tuple[str, ...]
    predicted: NDArray[np.int64]
    """Shape (n_families, n_repeats, n_rows)."""
    probabilities: NDArray[np.float32]
    """Calibrated; shape (n_families, n_repeats, n_rows, n_classes)."""
    picks: tuple[str, ...]
    """Family that the rule picks inside each outer split, by repeat and fold; empty where there is no choice."""
    candidates: tuple[str, ...]
    """Families that may be recommended."""

    @property
    def n_rows(self) -> int:
        """Number of labelled rows."""
        return len(self.codes)

    @property
    def n_repeats(self) -> int:
        """How often each row was predicted."""
        return len(self.folds)

    @property
    def truth(self) -> Truth:
        """What predictions of all rows, made once, are judged by."""
        return Truth(codes=self.codes, groups=self.groups, measurable=self.measurable, n_folds=self.n_folds)

    def of_search(self, family: str | None) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return what the whole search predicts: of each split the family that it picks.

        Parameters
        ----------
        family : str or None
            Stands in where there are no picks.

        Returns
        -------
        predicted : ndarray of int64, shape (n_repeats, n_rows)
        probabilities : ndarray of float32, shape (n_repeats, n_rows, n_classes)
        """
        if not self.picks:
            place = self.families.index(family or self.families[0])
            return self.predicted[place], self.probabilities[place]
        picked = np.array([self.families.index(name) for name in self.picks]).reshape(self.n_repeats, -1)
        repeats = np.arange(self.n_repeats)[:, None]
        taken = (picked[repeats, self.folds], repeats, np.arange(self.n_rows)[None, :])
        return self.predicted[taken], self.probabilities[taken]

    def to_bytes(self) -> bytes:
        """Return the content of the file; equal records give equal bytes."""
        about = {
            "format": _FORMAT,
            "classes": self.classes,
            "n_folds": self.n_folds,
            "families": self.families,
            "picks": self.picks,
            "candidates": self.candidates,
        }
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
            lines=self.lines,
            codes=self.codes,
            groups=self.groups,
            digests=self.digests,
            measurable=self.measurable,
            folds=self.folds.astype(np.int16),
            predicted=self.predicted.astype(np.int32),
            probabilities=self.probabilities.astype(np.float16),
        )
        return buffer.getvalue()


def out_of_fold_of(
    evidence: SearchEvidence, temperatures: Mapping[str, float], picks: Sequence[str]
) -> OutOfFold:
    """Return what a search is kept by.

    Parameters
    ----------
    temperatures : mapping of str to float
        Family to what its logits are divided by.
    picks : sequence of str
        Family that the rule picks inside each outer split.
    """
    data, made = evidence.dataset, [each for each in evidence.families if each.outer_logits is not None]
    shape = (len(made), len(evidence.partitions), data.n_rows, data.n_classes)
    logits = np.array([each.outer_logits for each in made], dtype=np.float32).reshape(shape)
    probabilities = [
        softmax(of_family, temperatures.get(each.family, 1.0))
        for each, of_family in zip(made, logits, strict=True)
    ]
    return OutOfFold(
        classes=data.classes,
        lines=data.lines,
        codes=data.codes,
        groups=data.groups,
        digests=text_digests(data.texts),
        measurable=data.measurable,
        n_folds=evidence.partitions[0].n_folds,
        folds=np.array([partition.fold_of_row for partition in evidence.partitions]),
        families=tuple(each.family for each in made),
        predicted=logits.argmax(axis=-1),
        probabilities=np.array(probabilities, dtype=np.float32).reshape(shape),
        picks=tuple(picks),
        candidates=tuple(each.family for each in made if not each.is_reference and each.status == "done"),
    )


def read_out_of_fold(folder: Path) -> OutOfFold:
    """Return the out-of-fold predictions of the finished run in ``folder``.

    Raises
    ------
    InputError
        If the file is missing, damaged, or not that of a run.
    """
    path = folder / FILE
    try:
        content = read_whole(path)
    except FileNotFoundError as error:
        raise InputError(f"{folder}: its {FILE} is missing. Search again.") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    try:
        return _checked(read_arrays(content))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: is damaged or not what a run writes. Search again.") from error


def _checked(arrays: dict[str, NDArray[Any]]) -> OutOfFold:
    """Return the record, its values within their ranges.

    Raises
    ------
    ValueError, KeyError, TypeError
        If one is not.
    """
    about = json.loads(arrays["about"].tobytes())
    if about["format"] != _FORMAT:
        raise ValueError("another format")
    names = {key: tuple(map(str, about[key])) for key in ("classes", "families", "picks", "candidates")}
    found = OutOfFold(
        **names,
        n_folds=int(about["n_folds"]),
        lines=arrays["lines"].astype(np.int64),
        codes=arrays["codes"].astype(np.int64),
        groups=arrays["groups"].astype(np.int64),
        digests=arrays["digests"].astype(np.uint64),
        measurable=arrays["measurable"].astype(np.bool_),
        folds=arrays["folds"].astype(np.int64),
        predicted=arrays["predicted"].astype(np.int64),
        probabilities=arrays["probabilities"].astype(np.float32),
    )
    n_repeats, n_rows = found.folds.shape
    shape = (len(found.families), n_repeats, n_rows)
    wanted = {
        "lines": (n_rows,), "codes": (n_rows,), "groups": (n_rows,), "digests": (n_rows,),
        "measurable": (len(found.classes),), "predicted": shape, "probabilities": (*shape, len(found.classes)),
    }  # fmt: skip
    is_sound = (
        all(getattr(found, name).shape == size for name, size in wanted.items())
        and n_rows > 0
        and n_repeats > 0
        and found.n_folds > 1
        and _within(found.codes, len(found.classes))
        and _within(found.predicted, len(found.classes))
        and _within(found.folds, found.n_folds)
        and bool(np.isfinite(found.probabilities).all())
        and {*found.picks, *found.candidates} <= {*found.families}
        and len(found.picks) in {0, n_repeats * found.n_folds}
    )
    if not is_sound:
        raise ValueError("a value is out of its range")
    return found


def _within(codes: NDArray[np.int64], n: int) -> bool:
    return not codes.size or bool(codes.min() >= 0 and codes.max() < n)
