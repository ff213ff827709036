"""What follows a first run, from Python: each command's answer as a DataFrame."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_text.bundle.load import load_bundle
from automl_text.bundle.predict import rows_at
from automl_text.experiment.runs import Run
from automl_text.loop.compare import compare_runs, judged_run
from automl_text.loop.label_next import PickOptions, Strategy, label_next
from automl_text.loop.reasons import explain as explain_text
from automl_text.loop.reasons import neighbourhood
from automl_text.loop.review import COLUMNS, review_rows
from automl_text.loop.rows import joined_texts
from automl_text.loop.watch import watch as watch_texts
from automl_text.loop.whatif import what_if
from automl_text.results.after import WatchCheck
from automl_text.results.result import read_result
from automl_text.tables.memory import checked_texts, frame_columns, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from automl_text.tables.table import Table

_AnyRun = Run | str | Path
"""A run, or its folder."""


def suspects(run: _AnyRun, *, data: str | Path | None = None, n: int | None = None) -> pd.DataFrame:
    """Return the rows whose label deserves a second look, worst first, as `automl-text suspects` writes them.

    Parameters
    ----------
    run : Run, or str or Path of its folder
    data : str or Path, optional
        The run's data file, where it has moved.
    n : int, optional
        At most so many.
    """
    found = review_rows(_folder(run), Path(data) if data else None, most=n)
    return _frame([each.cells for each in found], COLUMNS)


def compare(before: _AnyRun, after: _AnyRun) -> pd.DataFrame:
    """Return two runs on the texts that they share: a first row for macro-F1, then one for each category.

    The sentence of `automl-text compare` stands in ``attrs["sentence"]``.
    """
    found = compare_runs(judged_run(_folder(before)), judged_run(_folder(after)))
    scores = found.before.shared_macro_f1, found.after.shared_macro_f1
    rows = [
        ("macro-F1", found.n_shared, *scores, *found.interval, found.verdict),
        *(
            (each.label, each.n_rows, each.before, each.after, *each.interval, each.verdict)
            for each in found.classes
        ),
    ]
    frame = _frame(rows, ("label", "n_rows", "before", "after", "low", "high", "verdict"))
    frame.attrs["sentence"] = found.sentence
    return frame


def next_to_label(
    run: _AnyRun,
    texts: Sequence[str] | pd.DataFrame,
    *,
    n: int = 50,
    strategy: Strategy = "unsure",
    seed: int = 0,
) -> pd.DataFrame:
    """Return the texts whose label would help most, the most useful first; ``place`` counts from 0."""
    folder = _folder(run)
    wanted = PickOptions(n=n, strategy=strategy, seed=seed)
    found = label_next(folder, load_bundle(folder), _texts(folder, texts), wanted)
    rows = [
        (each.line - 1, "\n".join(each.cells), each.suggestion, each.confidence, each.why)
        for each in found.picks
    ]
    return _frame(rows, ("place", "text", "suggestion", "confidence", "why"))


def watch(
    run: _AnyRun, texts: Sequence[str] | pd.DataFrame, *, data: str | Path | None = None, seed: int = 0
) -> pd.DataFrame:
    """Return what was looked at in new texts, a row each; ``attrs`` holds the sentence, the shares and ``is_off``."""
    folder = _folder(run)
    found = watch_texts(
        folder, load_bundle(folder), _texts(folder, texts), data=Path(data) if data else None, seed=seed
    )
    frame = _frame(
        [tuple(each.model_dump().values()) for each in found.checks], tuple(WatchCheck.model_fields)
    )
    frame.attrs.update(
        sentence=found.sentence,
        is_off=found.is_off,
        macro_f1=found.macro_f1,
        interval=found.interval,
        shares={each.label: each.corrected for each in found.shares},
    )
    return frame


def whatif(run: _AnyRun, *, merge: Sequence[Sequence[str]] = (), drop: Sequence[str] = ()) -> pd.DataFrame:
    """Return macro-F1 before and after merging or dropping categories, two rows: an estimate that a search confirms."""
    found = what_if(_folder(run), merge, drop)
    rows = [("before", found.before, *found.before_interval), ("after", found.after, *found.after_interval)]
    frame = _frame(rows, ("what", "macro_f1", "low", "high"))
    frame.attrs["sentence"] = found.sentence
    return frame


def explain(run: _AnyRun, texts: Sequence[str] | pd.DataFrame) -> pd.DataFrame:
    """Return a row for each text: what is predicted, and the words that decided.

    A DataFrame brings the columns beside the text where the model reads some.
    """
    folder = _folder(run)
    bundle = load_bundle(folder)
    estimator, table = bundle.estimator, _texts(folder, texts)
    names = read_result(folder).dataset.text_columns
    given = joined_texts(table, names if hasattr(texts, "columns") else names[:1])
    near, asked = neighbourhood(folder, estimator), bundle.rows(table.file, given, table.columns)
    rows = []
    for place, text in enumerate(given):
        found = explain_text(estimator, rows_at(asked, [place]), near)
        nearest = tuple(asdict(each) for each in found.nearest)
        rows.append((text, found.prediction, found.confidence, found.words, nearest))
    return _frame(rows, ("text", "prediction", "confidence", "words", "nearest"))


def _folder(run: _AnyRun) -> Path:
    return run.folder if isinstance(run, Run) else Path(run)


def _texts(folder: Path, texts: Sequence[str] | pd.DataFrame) -> Table:
    """Return texts in memory as a table with the run's text column; a DataFrame has it, and others beside it."""
    if hasattr(texts, "columns"):
        return table_of(frame_columns(texts), name="texts")
    names = read_result(folder).dataset.text_columns
    return table_of({names[0]: checked_texts(texts)}, name="texts")


def _frame(rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  (half a second that a search need not wait for)

    return pd.DataFrame(rows, columns=list(columns))
