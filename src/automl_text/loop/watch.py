"""New texts without labels against those of training: whether something is off, and what may be expected of the model.

Every test compares like with like. A linear model and a vocabulary are made of all folds but one; they look at that
fold's texts and at an equal share of the new ones, of which they have seen neither. Where nothing has changed both are
draws from one population, so each p-value holds its level, whatever the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from automl_text.errors import refuse_below
from automl_text.loop.out_of_fold import read_out_of_fold
from automl_text.loop.rows import NewTexts, texts_of_rows
from automl_text.loop.shares import class_shares, expected_under
from automl_text.results.after import WatchCheck, WatchReport
from automl_text.results.result import read_result
from automl_text.wording import counted, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.bundle.bundle import Bundle
    from automl_text.loop.out_of_fold import OutOfFold
    from automl_text.tables.table import Table

_ALARM_LEVEL = 0.01
"""Chance of an alarm, for all that is looked at together, where nothing has changed."""
_MOST_TEXTS = 5000
"""New texts compared: more would find differences that matter to nobody."""
FEWEST_TEXTS = 20
_N_PERMUTATIONS = 4999
_FAR = 0.05
"""Share of the training texts that count as unlike all others."""
_WORD = re.compile(r"\w+")
_TITLES = {
    "unknown_words": "words that no training text has",
    "unlike": "texts unlike any seen",
    "confidence": "confidence",
    "length": "words a text",
    "classes": "categories predicted",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """What is seen of texts that a fold's model does not know: training texts first, then new ones."""

    is_new: NDArray[np.bool_]
    fold: NDArray[np.int64]
    measures: dict[str, NDArray[np.float64]]
    """Name to one number a text; ``similarity`` is the cosine to the nearest training text of other folds."""
    predicted: NDArray[np.int64]


def watch(
    folder: Path, model: Bundle, new: str | Table, *, data: Path | None = None, seed: int = 0
) -> WatchReport:
    """Return whether the texts of ``new`` are such as the run was made of.

    Parameters
    ----------
    folder : Path
        Of the run that ``model`` comes from.
    new : str or Table
        A file of texts, or its rows; labels are not looked at.
    data : Path, optional
        The run's data file, where it has moved.

    Raises
    ------
    InputError
        If a file cannot be read, or there are too few new texts to tell anything.
    """
    refuse_below(0, seed=seed)
    result, rows = read_result(folder), read_out_of_fold(folder)
    known = texts_of_rows(result, rows, data)
    given = NewTexts.of(new, result.dataset.text_columns, rows, model)
    fresh = [given.texts[row] for row in given.new]
    if len(fresh) < FEWEST_TEXTS:
        raise refusal(
            given.table.file,
            f"{counted(len(fresh), 'text')} new to the run: too few to tell anything",
            f"Give at least {FEWEST_TEXTS} different texts that the model was not trained on",
        )
    luck = np.random.default_rng(seed)
    compared = (
        fresh if len(fresh) <= _MOST_TEXTS else [fresh[i] for i in luck.permutation(len(fresh))[:_MOST_TEXTS]]
    )
    checks = alarms_of(known, rows, compared, luck)
    probability = model.probabilities(given.asked_of(model))
    places = [model.labels.index(name) for name in rows.classes]
    shares = class_shares(rows, probability[:, places], luck)
    expected, interval = expected_under(rows, result, np.array([each.corrected for each in shares]), luck)
    is_off = any(each.is_off for each in checks)
    return WatchReport(
        run=str(folder),
        file_name=given.table.file_name,
        n_rows=len(given.texts),
        n_compared=len(compared),
        n_seen=given.n_known,
        alarm_level=_ALARM_LEVEL,
        is_off=is_off,
        checks=checks,
        shares=shares,
        macro_f1=expected,
        interval=interval,
        sentence=_sentence(checks, len(compared)),
    )


def alarms_of(
    known: Sequence[str], rows: OutOfFold, new: Sequence[str], luck: np.random.Generator
) -> tuple[WatchCheck, ...]:
    """Return what tells the texts ``new`` from the run's own, with one alarm level for all of it.

    Parameters
    ----------
    known : sequence of str, length n_rows
        The run's texts.
    rows : OutOfFold
        Whose folds, groups and labels are looked at.
    """
    return _alarms(_checks(_look(known, rows, new, luck), luck))


def _look(known: Sequence[str], rows: OutOfFold, new: Sequence[str], luck: np.random.Generator) -> _Look:
    """Look at one text of each group, and at the new ones, each through the eyes of one fold."""
    _, first = np.unique(rows.groups, return_index=True)
    present = np.array([row for row in first.tolist() if known[row].strip()], dtype=np.int64)
    fold_of_known = rows.folds[0][present]
    fold_of_new = luck.permutation(np.arange(len(new)) % rows.n_folds)
    texts = [*(known[row] for row in present), *new]
    fold = np.concatenate([fold_of_known, fold_of_new])
    names = ("unknown_words", "similarity", "confidence", "length")
    measures = {name: np.zeros(len(texts)) for name in names}
    predicted = np.zeros(len(texts), dtype=np.int64)
    for each in range(rows.n_folds):
        inside = [row for row in np.flatnonzero(rows.folds[0] != each).tolist() if known[row].strip()]
        looked_at = np.flatnonzero(fold == each)
        if not len(looked_at):
            continue
        seen = _through([known[row] for row in inside], rows.codes[inside], [texts[i] for i in looked_at])
        for name in names:
            measures[name][looked_at] = seen[name]
        predicted[looked_at] = seen["predicted"]
    is_new = np.arange(len(texts)) >= len(present)
    return _Look(is_new=is_new, fold=fold, measures=measures, predicted=predicted)


def _through(
    training: list[str], codes: NDArray[np.int64], texts: list[str]
) -> dict[str, NDArray[np.float64]]:
    """Return what a vocabulary and a linear model of ``training`` say of ``texts``."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    vectorizer = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 4))
    columns, asked = vectorizer.fit_transform(training), vectorizer.transform(texts)
    # at 1e-2 the largest gradient is small before the first step, and nothing is fitted
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=100, tol=1e-3).fit(columns, codes)
    probability = model.predict_proba(asked)
    vocabulary = {word for text in training for word in _words(text)}
    words = [_words(text) for text in texts]
    return {
        "unknown_words": np.array(
            [np.mean([word not in vocabulary for word in each] or [False]) for each in words]
        ),
        "similarity": np.asarray((asked @ columns.T).max(axis=1).todense()).ravel(),
        "confidence": probability.max(axis=1),
        "length": np.array([float(len(each)) for each in words]),
        "predicted": model.classes_[probability.argmax(axis=1)].astype(np.float64),
    }


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _checks(looks: _Look, luck: np.random.Generator) -> list[WatchCheck]:
    """Return every check with its own p-value."""
    found = []
    for name in ("unknown_words", "confidence", "length"):
        values = looks.measures[name]
        before, after = values[~looks.is_new], values[looks.is_new]
        found.append(_check(name, (float(before.mean()), float(after.mean())), _ranks_p(values, looks)))
    found.append(_unlike(looks))
    found.append(_classes(looks, luck))
    return found


def _check(name: str, figures: tuple[float, float], p_value: float) -> WatchCheck:
    before, after = figures
    return WatchCheck(
        name=name, title=_TITLES[name], before=before, after=after, p_value=p_value, is_off=False
    )


def _ranks_p(values: NDArray[np.float64], looks: _Look) -> float:
    """Return the p-value of van Elteren's test (1960): Wilcoxon's rank sums, one for each fold, added up."""
    total = expected = variance = 0.0
    for fold in np.unique(looks.fold):
        here = looks.fold == fold
        ranks, is_new = stats.rankdata(values[here]), looks.is_new[here]
        n, n_new = len(ranks), int(is_new.sum())
        if not 0 < n_new < n:
            continue
        weight = 1 / (n + 1)
        total += weight * ranks[is_new].sum()
        expected += weight * n_new * (n + 1) / 2
        variance += weight**2 * n_new * (n - n_new) / n * ranks.var(ddof=1)
    return float(2 * stats.norm.sf(abs(total - expected) / np.sqrt(variance))) if variance > 0 else 1.0


def _unlike(looks: _Look) -> WatchCheck:
    """Return whether more new texts than training texts have nothing near them: an exact test on the tail."""
    similarity = looks.measures["similarity"]
    limit = np.quantile(similarity, _FAR * (~looks.is_new).mean() + _FAR * looks.is_new.mean())
    is_far = similarity <= limit
    n_new, n_far_new = int(looks.is_new.sum()), int((is_far & looks.is_new).sum())
    p_value = float(stats.hypergeom.sf(n_far_new - 1, len(similarity), int(is_far.sum()), n_new))
    before = float(is_far[~looks.is_new].mean())
    return _check("unlike", (before, n_far_new / n_new), min(p_value, 1.0))


def _classes(looks: _Look, luck: np.random.Generator) -> WatchCheck:
    """Return whether the predictions fall otherwise on the categories: chi-squared, by permutation inside the folds."""
    codes = np.unique(looks.predicted, return_inverse=True)[1]
    observed, distance = _chi_squared(codes, looks.is_new)
    is_new = looks.is_new.copy()
    members = [np.flatnonzero(looks.fold == fold) for fold in np.unique(looks.fold)]
    n_above = 0
    for _ in range(_N_PERMUTATIONS):
        for rows in members:
            is_new[rows] = is_new[luck.permutation(rows)]
        n_above += _chi_squared(codes, is_new)[0] >= observed
    return _check("classes", (0.0, distance), (1 + n_above) / (1 + _N_PERMUTATIONS))


def _chi_squared(codes: NDArray[np.int64], is_new: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the statistic, and the share of texts that would have to change category."""
    n_codes = int(codes.max()) + 1
    new, everything = np.bincount(codes[is_new], minlength=n_codes), np.bincount(codes, minlength=n_codes)
    share = is_new.mean()
    expected = everything * share
    old = everything - new
    distance = float(np.abs(new / max(new.sum(), 1) - old / max(old.sum(), 1)).sum() / 2)
    return float(np.sum((new - expected) ** 2 / expected)), distance


def _alarms(checks: list[WatchCheck]) -> tuple[WatchCheck, ...]:
    """Return the checks with those marked that are off: Holm (1979), so that the level holds for all together."""
    order = sorted(range(len(checks)), key=lambda i: checks[i].p_value)
    off: set[int] = set()
    for place, i in enumerate(order):
        if checks[i].p_value > _ALARM_LEVEL / (len(checks) - place):
            break
        off.add(i)
    return tuple(each.model_copy(update={"is_off": i in off}) for i, each in enumerate(checks))


def _sentence(checks: Sequence[WatchCheck], n: int) -> str:
    off = [each.title for each in checks if each.is_off]
    if not off:
        return (
            f"Nothing is off: {counted(n, 'new text')} differ from the training texts by no more than chance."
        )
    return f"Something is off in {counted(n, 'new text')}: {', '.join(off)}."
