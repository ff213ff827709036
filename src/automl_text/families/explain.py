"""What an exported model looks at: pieces of text that speak for a category, words that decided one text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.families.tfidf import WORDS_OF_ANY_LENGTH
from automl_text.results import TopFeatures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pandas import DataFrame

    from automl_text.families.contract import Estimator, Rows

_MAX_WORDS = 300
"""Words of one text that are left out in turn."""
_BINARY = 2


def top_features(estimator: Estimator, *, n: int = 8) -> tuple[TopFeatures, ...]:
    """Return what speaks most for each category, or nothing where the model has no such thing (a network).

    A linear model: pieces by weight, leaving out a piece that contains or repeats a stronger one. Boosted trees:
    pieces by the gain of the splits in the category's trees, which has no direction; as a share of the whole.

    Parameters
    ----------
    estimator : Estimator
        As exported by a family.
    n : int
        Pieces for each category.
    """
    steps = getattr(estimator, "named_steps", {})
    if "features" not in steps or not _names_pieces(steps["features"]):
        return ()
    classifier = steps["classifier"]
    is_linear = hasattr(classifier, "coef_")
    weights = _linear_weights(classifier) if is_linear else _gain_shares(classifier)
    pieces = _pieces(steps["features"])
    return tuple(
        TopFeatures(
            label=str(label),
            features=tuple(_strongest(pieces, row, n)),
            measure="weight" if is_linear else "gain",
        )
        for label, row in zip(estimator.classes_, weights[:, : len(pieces)], strict=True)
    )


def pushing_words(estimator: Estimator, row: Rows, label: str, *, n: int = 3) -> tuple[str, ...]:
    """Return the words of one row without which the model would believe least in ``label``, strongest first.

    Each word is left out in turn, everywhere it occurs; what counts is the fall of the log odds of ``label``. So
    n-grams, characters and the length of the text are all accounted for, whatever the model. So is each column beside
    the text, whose cell is left empty in turn; it is named with its cell.
    """
    text = str(row[0] if isinstance(row, Sequence) else row.iloc[0, 0])
    words = list(dict.fromkeys(re.findall(WORDS_OF_ANY_LENGTH, text)))[:_MAX_WORDS]
    without = [re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", text) for word in words]
    texts = [text, *without]
    asked: Rows = texts
    if not isinstance(row, Sequence):
        cells, asked = _without_cells(row, texts)
        words += cells
    column = [str(each) for each in estimator.classes_].index(label)
    found = np.asarray(estimator.predict_proba(asked), dtype=np.float64)  # a float32 cannot be near 1
    probability = found[:, column].clip(1e-12, 1 - 1e-12)
    log_odds = np.log(probability) - np.log1p(-probability)
    falls = log_odds[0] - log_odds[1:]
    order = np.argsort(-falls, kind="stable")[:n]
    return tuple(words[place] for place in order if falls[place] > 0)


def _without_cells(row: DataFrame, texts: Sequence[str]) -> tuple[list[str], DataFrame]:
    """Return the cells beside the text, named, and the row once for each text and once without each of them."""
    import pandas as pd

    names = list(row.columns[1:])
    frame = row.iloc[[0] * (len(texts) + len(names))].reset_index(drop=True)
    frame.isetitem(0, np.array([*texts, *[texts[0]] * len(names)], dtype=object))
    for place, name in enumerate(names, start=len(texts)):
        frame.loc[place, name] = np.nan if pd.api.types.is_numeric_dtype(frame[name]) else ""
    return [f"{name} = {row[name].iloc[0]}" for name in names], frame


def _linear_weights(classifier: Any) -> NDArray[np.floating[Any]]:
    """Return weights of shape (n_classes, n_features), one row for each of two categories as well."""
    coef: NDArray[np.floating[Any]] = classifier.coef_
    return np.concatenate([-coef, coef]) if len(classifier.classes_) == _BINARY else coef


def _gain_shares(classifier: Any) -> NDArray[np.floating[Any]]:
    """Return the share of each feature in the gain of each category's trees, shape (n_classes, n_features)."""
    booster = classifier.booster_
    gain: NDArray[np.floating[Any]] = np.zeros((booster.num_model_per_iteration(), booster.num_feature()))
    for tree in booster.dump_model()["tree_info"]:
        for split in _splits(tree["tree_structure"]):
            gain[tree["tree_index"] % len(gain), split["split_feature"]] += split["split_gain"]
    gain /= gain.sum(axis=1, keepdims=True).clip(min=np.finfo(float).tiny)
    return gain if len(gain) > 1 else np.repeat(gain, _BINARY, axis=0)


def _splits(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return every split below ``node`` of a dumped tree."""
    if "split_feature" in node:
        yield node
        yield from _splits(node["left_child"])
        yield from _splits(node["right_child"])


def _names_pieces(features: Any) -> bool:
    of_text = features.transformers_[0][1] if hasattr(features, "transformers_") else features
    return hasattr(of_text, "get_feature_names_out")


def _pieces(features: Any) -> list[str]:
    """Return the name of every column for a reader: a word as it is, characters with dots where a word goes on."""
    if hasattr(features, "transformers_"):
        (_, of_text, _), *beside = features.transformers_
        named = [str(name) for _, each, columns in beside for name in each.get_feature_names_out(columns)]
        return [*_pieces(of_text), *named]
    blocks = getattr(features, "transformer_list", [("", features)])
    names: list[str] = []
    for _, block in blocks:
        is_words = getattr(block, "analyzer", "") == "word"
        found = [str(name) for name in block.get_feature_names_out()]
        names += found if is_words else [_shown_characters(name) for name in found]
    return names


def _shown_characters(piece: str) -> str:
    """Return " ref" as "ref…" and "und" as "…und…"."""
    before, after = ("" if piece.startswith(" ") else "…"), ("" if piece.endswith(" ") else "…")
    return f"{before}{piece.strip()}{after}"


def _strongest(pieces: list[str], weights: NDArray[np.floating[Any]], n: int) -> Iterator[tuple[str, float]]:
    """Return up to ``n`` pieces by falling weight, above 0, none of which contains another."""
    taken: list[str] = []
    for column in np.argsort(-weights, kind="stable"):
        if len(taken) == n or weights[column] <= 0:
            return
        core = pieces[column].strip("…")
        if core and not any(core in other or other in core for other in taken):
            taken.append(core)
            yield pieces[column], round(float(weights[column]), 4)
