"""Columns beside the text: how each is taken, its cells as values, and whether it gives the label away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import numpy as np

from automl_text.data.profile import profile
from automl_text.results import FeatureColumn, finding
from automl_text.wording import counted, listed, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame

    from automl_text.data.dataset import Dataset
    from automl_text.results import Finding
    from automl_text.tables.table import Table

_MISSING = {"", "nan", "na", "n/a", "null", "none", "<na>", "-", "?", "#n/a"}
_FLAGS = {"true": 1.0, "false": 0.0}
_NUMBERS: dict[Literal[".", ","], re.Pattern[str]] = {
    ".": re.compile(r"[+-]?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII),
    ",": re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?", re.ASCII),
}
"""By the sign before the decimals; the other sign may part the thousands."""
_GIVES_AWAY = 0.95
"""Macro-F1 of a column alone from which it hardly is something that is known before the label."""
_LOOKED_AT = 5_000
"""Rows of large data that are looked at for that."""
_N_FOLDS = 5


def feature_columns(
    table: Table, names: Sequence[str], rows: Sequence[int] | None = None
) -> tuple[FeatureColumn, ...]:
    """Return how the columns called ``names`` are taken, by what stands in ``rows``, in the order of the names.

    Raises
    ------
    InputError
        If a column holds neither numbers nor values that repeat.
    """
    found = []
    for name in names:
        cells = table.columns[name]
        column = _taken(name, cells if rows is None else [cells[row] for row in rows])
        if column is None:
            n_distinct = counted(len({cell.strip() for cell in cells}), "different value")
            raise refusal(
                table.file,
                f"--features {name!r}: it holds neither numbers nor few values that repeat ({n_distinct} in "
                f"{counted(len(cells), 'row')})",
                "Leave it out, or join it to the text with --text; of a date give what matters, such as the weekday",
            )
        found.append(column)
    return tuple(found)


def possible_features(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    """Return which of the columns called ``names`` could be added as they are: they vary, and somebody named them.

    Neither what says which rows train and test, nor whole numbers that never repeat, which are the numbers of rows.
    """
    taken = {name: _taken(name, table.columns[name]) for name in names}
    looks = {
        name: profile(name, table.columns[name])
        for name, column in taken.items()
        if column is not None and column.n_values > 1
    }
    return tuple(
        name
        for name, look in looks.items()
        if look.is_used
        and not look.is_split
        and not (look.distinct == 1 and all(cell.strip().isdigit() for cell in table.columns[name]))
    )


def _taken(name: str, cells: Sequence[str]) -> FeatureColumn | None:
    """Return how a column is taken; None where it holds neither numbers nor few values that repeat."""
    values = [cell.strip() for cell in cells]
    present = {value for value in values if value.casefold() not in _MISSING}
    for decimal, number in _NUMBERS.items():
        if present and all(
            number.fullmatch(value.casefold()) or value.casefold() in _FLAGS for value in present
        ):
            numbers = _numbers(values, decimal)
            n_values = len(np.unique(numbers[~np.isnan(numbers)]))
            n_missing = int(np.isnan(numbers).sum())
            return FeatureColumn(
                name=name, kind="number", n_values=n_values, n_missing=n_missing, decimal=decimal
            )
    look = profile(name, values)
    if look.n_distinct > 1 and not look.may_be_label:
        return None
    n_values = len({value for value in values if value})
    return FeatureColumn(name=name, kind="category", n_values=n_values, n_missing=values.count(""))


def frame_of(
    texts: Sequence[str], cells: Mapping[str, Sequence[str]], columns: Sequence[FeatureColumn], text_name: str
) -> DataFrame:
    """Return what a model with columns beside the text is given: the texts, then a column for each of ``columns``.

    Numbers are float64 with NaN where a cell holds none; categories are text, empty where a cell is.
    """
    import pandas as pd  # noqa: PLC0415  (half a second that texts alone need not wait for)

    frame: dict[str, NDArray[np.generic]] = {text_name: np.array(texts, dtype=object)}
    for column in columns:
        values = [cell.strip() for cell in cells[column.name]]
        if column.kind == "number":
            frame[column.name] = _numbers(values, column.decimal)
        else:
            frame[column.name] = np.array(values, dtype=object)
    return pd.DataFrame({name: pd.Series(each, dtype=each.dtype) for name, each in frame.items()})


def no_numbers(frame: DataFrame, cells: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return for each column of numbers how many of its cells hold something else, and so count as missing."""
    found = {}
    for name in frame.columns[1:]:
        values = [cell.strip() for cell in cells[name]]
        is_lost = frame[name].isna() & np.array([value.casefold() not in _MISSING for value in values])
        found[name] = int(is_lost.sum())
    return {name: n for name, n in found.items() if n}


def reads_frame(estimator: object) -> bool:
    """Return whether a model reads columns beside the text: scikit-learn notes the names of what it was fitted on."""
    return hasattr(estimator, "feature_names_in_")


def _numbers(values: Sequence[str], decimal: Literal[".", ","]) -> NDArray[np.float64]:
    """Return each cell as a number, with the other sign before its decimals where it has that; NaN where it is none."""
    found = np.full(len(values), np.nan)
    other: Literal[".", ","] = "," if decimal == "." else "."
    for row, value in enumerate(each.casefold() for each in values):
        if value in _FLAGS:
            found[row] = _FLAGS[value]
        for sign in () if value in _FLAGS or value in _MISSING else (decimal, other):
            if _NUMBERS[sign].fullmatch(value):
                thousands = "," if sign == "." else "."
                found[row] = float(value.replace(thousands, "").replace(sign, "."))
                break
    found[~np.isfinite(found)] = np.nan
    return found


def about_features(dataset: Dataset, columns: Sequence[FeatureColumn]) -> Iterator[Finding]:
    """Yield what is wrong with the columns beside the text: those that tell nothing, or the label itself."""
    constant = [column.name for column in columns if column.n_values + (column.n_missing > 0) < 2]  # noqa: PLR2004
    if constant:
        message = f"{listed(constant, in_quotes=True)} never varies: it tells nothing"
        yield finding("constant_feature", "note", message, "Leave it out of --features")
    for column in columns:
        score = _score_alone(dataset, column)
        if score >= _GIVES_AWAY:
            message = (
                f"Column {column.name!r} alone gives the label away (macro-F1 {score:.2f} on rows it was not learned "
                "from)"
            )
            remedy = (
                "Leave it out if it is written down with the label or after it: a new text will not have it"
            )
            yield finding("label_given_away", "warning", message, remedy)


def _score_alone(dataset: Dataset, column: FeatureColumn) -> float:
    """Return the out-of-fold macro-F1 of a tree that sees this column alone; groups stay together."""
    from sklearn.metrics import f1_score  # noqa: PLC0415
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415

    if dataset.frame is None:
        return 0.0
    luck = np.random.default_rng(0)
    rows = luck.permutation(dataset.n_rows)[:_LOOKED_AT]
    values = dataset.frame[column.name].to_numpy()[rows]
    if column.kind == "category":
        values = np.unique(values.astype(str), return_inverse=True)[1]
    cells, codes = values.astype(np.float32).reshape(-1, 1), dataset.codes[rows]
    names, group = np.unique(dataset.groups[rows], return_inverse=True)
    fold = (luck.permutation(len(names)) % _N_FOLDS)[group]
    predicted = np.full(len(rows), -1)
    for each in np.unique(fold):
        inside, outside = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        if len(inside):
            tree = DecisionTreeClassifier(min_samples_leaf=2, random_state=0).fit(
                cells[inside], codes[inside]
            )
            predicted[outside] = tree.predict(cells[outside])
    labels = np.flatnonzero(dataset.measurable)
    return float(f1_score(codes, predicted, labels=labels, average="macro", zero_division=0))
