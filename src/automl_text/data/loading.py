"""From a file to a `Dataset`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from automl_text.data.dataset import Dataset
from automl_text.results import ClassInfo, DatasetInfo

Rare = Literal["keep", "merge", "drop"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A data set and what is known about it."""

    dataset: Dataset
    info: DatasetInfo


def load_dataset(  # noqa: PLR0913
    path: str | Path,
    *,
    text: tuple[str, ...] = (),
    label: str | None = None,
    group: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    n_parts: int = 5,
    rare: Rare = "keep",
    min_rows: int = 0,
) -> Loaded:
    """Read a labelled file."""
    import pandas as pd  # noqa: PLC0415

    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    texts = tuple(frame["text"])
    labels = frame["category"].to_numpy(dtype=object)
    classes, codes = np.unique(labels, return_inverse=True)
    groups = np.arange(len(texts))
    dataset = Dataset(
        texts=texts,
        codes=codes.astype(np.int64),
        classes=tuple(classes),
        groups=groups,
        lines=groups + 2,
        sha256=hashlib.sha256(Path(path).read_bytes()).hexdigest(),
    )
    counts = np.bincount(codes).tolist()
    info = DatasetInfo(
        file_name=Path(path).name,
        sha256=dataset.sha256,
        encoding="utf-8",
        separator=",",
        text_columns=("text",),
        label_column="category",
        group_column=None,
        column_choice="",
        n_rows=len(texts),
        n_groups=len(texts),
        n_left_out=0,
        classes=tuple(
            ClassInfo(label=c, n_rows=n, n_groups=n, is_measurable=n > 1)
            for c, n in zip(dataset.classes, counts, strict=True)
        ),
        words_per_text=(0, 0, 0, 0, 0),
        duplicate_share=0.0,
        findings=(),
    )
    return Loaded(dataset=dataset, info=info)
