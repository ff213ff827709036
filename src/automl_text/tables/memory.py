"""From columns in memory to a `Table`, as if a file had held them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.errors import InputError
from automl_text.tables.table import Table, as_text
from automl_text.wording import counted, listed, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


def table_of(columns: Mapping[str, Sequence[Any]], *, name: str) -> Table:
    """Return columns of any type as a table of text, whose lines are the rows' numbers, counted from 1.

    Parameters
    ----------
    columns : mapping of str to sequence of length n_rows
        None and NaN are empty cells.
    name : str
        Stands where a file's name would: in the report and in every error.

    Raises
    ------
    InputError
        If there is no row.
    """
    texts = {key: as_text(values) for key, values in columns.items()}
    n_rows = len(next(iter(texts.values()), ()))
    if not n_rows:
        raise refusal(name, "there is no row", "Give labelled texts")
    content = json.dumps(list(texts.items())).encode()  # ASCII, so that lone surrogates have a digest too
    return Table(
        columns=texts,
        lines=np.arange(1, n_rows + 1, dtype=np.int64),
        file=name,
        file_name=name,
        format="memory",
        sha256=hashlib.sha256(content).hexdigest(),
    )


def frame_columns(frame: Any) -> dict[str, list[Any]]:  # a pandas or polars DataFrame, neither imported
    """Return the columns of a pandas or polars DataFrame, with None for what is missing.

    Raises
    ------
    InputError
        If several columns have one name.
    """
    names = [str(name) for name in frame.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise refusal(
            "DataFrame", f"several columns are called {listed(repeated)}", "Give every column its own name"
        )
    return {str(name): plain_list(frame[name]) for name in frame.columns}


def plain_list(values: Any) -> list[Any]:  # a list, an array, a pandas or polars Series
    """Return the values as a list of Python objects, with None where pandas marks a missing one."""
    if hasattr(values, "isna"):  # pandas: pd.NA refuses to be compared, so its mask decides
        missing = values.isna()
        return [None if gap else value for value, gap in zip(values.tolist(), missing, strict=True)]
    return values.tolist() if hasattr(values, "tolist") else list(values)


def checked_texts(values: Any) -> list[str]:  # whatever a person passes
    """Return the texts as a list.

    Raises
    ------
    InputError
        For a single string, a DataFrame, and for anything in the list that is no string.
    """
    if isinstance(values, str):
        raise InputError("One string was given where a list of texts is expected. Write [text].")
    _refuse_frame("texts", values)
    texts = plain_list(values)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            kind = "None" if text is None else type(text).__name__
            raise InputError(
                f"texts[{place}] is {kind}, not str. Give one string for each row; an empty one is allowed."
            )
    return texts


def checked_labels(values: Any, n_rows: int) -> NDArray[Any]:  # whatever a person passes
    """Return the labels as an array that can be sorted, with its own type.

    Raises
    ------
    InputError
        If there are more or fewer than rows, one is missing, blank or a list, or two types are mixed; and for a
        DataFrame.
    """
    _refuse_frame("labels", values)
    labels = plain_list(values)
    check_length("labels", len(labels), n_rows)
    for place, label in enumerate(labels):
        if isinstance(label, list | tuple):
            raise InputError(f"labels[{place}] is a {type(label).__name__}. Give one label for each text.")
        if label is None or label != label or not str(label).strip():  # noqa: PLR0124  (NaN)
            raise InputError(f"labels[{place}] is {label!r}. Leave rows without a label out.")
    kinds = sorted({type(label).__name__ for label in labels})
    if len(kinds) > 1:
        raise InputError(f"The labels mix the types {', '.join(kinds)}. Give labels of one type.")
    return np.asarray(labels, dtype=object if kinds == ["str"] else None)


def check_length(what: str, n_given: int, n_rows: int) -> None:
    """Refuse a column that is not as long as the texts.

    Raises
    ------
    InputError
        If ``n_given`` differs from ``n_rows``.
    """
    if n_given != n_rows:
        raise InputError(
            f"There {'is' if n_rows == 1 else 'are'} {counted(n_rows, 'text')} and "
            f"{counted(n_given, what.removesuffix('s'))}. Give one for each text."
        )


def _refuse_frame(what: str, values: Any) -> None:
    if hasattr(values, "columns"):
        raise InputError(f"The {what} are a DataFrame. Give one of its columns: frame[name].")
