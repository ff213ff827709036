"""Texts and labels as Python code gives them, checked before anything is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.data.memory import plain_list
from automl_text.errors import InputError
from automl_text.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
