"""The whole run: what was asked for, with which versions, and everything that came of it; and how it is read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

from pydantic import Field, ValidationError, model_validator

from automl_text.errors import InputError, nearest
from automl_text.files import Rare, read_whole
from automl_text.results.after import Fixes
from automl_text.results.data import DatasetInfo, Record, Signal
from automl_text.results.evaluation import Evaluation
from automl_text.results.model import Holdout
from automl_text.results.verdict import Comparison, Insight, LeaderboardRow, Procedure, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORMAT = 2
"""Raised whenever a saved record changes; an old file then joins the tests."""


class EncoderInfo(Record):
    """A sentence encoder that was given to the run."""

    name: str
    """Folder or repository, as it was given, or "bundled"."""
    revision: str = ""
    """Commit of the repository on huggingface.co, or version of the package; empty for a folder."""
    sha256: str
    """Digest of every file that is read."""
    short_name: str = ""
    """What parameters call it."""


class SearchConfig(Record):
    """What was asked for, after presets and defaults."""

    data: str = ""
    """Path of the data as it was given."""
    preset: str
    seed: int
    families: tuple[str, ...]
    references: tuple[str, ...]
    n_trials: dict[str, int]
    n_folds: int
    n_repeats: int
    rope: float
    """Half-width of the region of practical equivalence, in macro-F1."""
    search_spaces: dict[str, str]
    """Family to the sha256 of its search-space file."""
    grouped_for_folds: int = 5
    """Folds that the size of a group of duplicates was limited for."""
    rare: Rare = "keep"
    min_rows: int = 0
    baseline: str = ""
    """Column of predictions measured beside the families."""
    split: str = ""
    """Column that kept rows apart as a test."""
    time: str = ""
    """Column of dates that put rows in order."""
    show_text: bool = True
    """False under ``--no-text``: words of the data stand in no file of the run but the model."""
    protocol: tuple[str, ...] = ()
    """Sentences: where the protocol was adapted (large data, few rows per category), and how."""
    encoders: tuple[EncoderInfo, ...] = ()


class ModelInfo(Record):
    """The exported model."""

    file_name: str
    sha256: str
    family: str
    trial: int
    steps: int
    temperature: float
    requirements: tuple[str, ...]
    folder: str = ""
    """Where the run left it, as given on the command line; empty means ``reports/<stem of the data>``."""


class Speed(Record):
    """What the exported model costs on one core of the machine that searched."""

    cold_seconds: float
    """From an empty process to the first prediction."""
    texts_per_second: float
    """Once it is loaded."""
    megabytes: int
    """Most memory of the process that labelled the texts."""
    n_texts: int


class FamilyCost(Record):
    """What the search gave to one family."""

    n_fits: int
    seconds: float
    """Of all its fits and predictions together, on one core."""
    cut: str = ""
    """What was left out of it, and why; empty where nothing was."""


class Timing(Record):
    """Every measured duration, and what a clock cut off; the only part that differs between equal runs."""

    started: str = ""
    total_seconds: float = 0.0
    fit_seconds: dict[str, float] = Field(default_factory=dict)
    """Family to the median duration of its fits without one fold."""
    predict_seconds: dict[str, float] = Field(default_factory=dict)
    """Family to the median seconds per 1,000 texts."""
    given: dict[str, FamilyCost] = Field(default_factory=dict)
    speed: Speed | None = None
    """None where it was not measured."""
    limited: tuple[str, ...] = ()
    model: ModelInfo | None = None
    """Here because a pickle's bytes depend on the machine."""


class RunResult(Record):
    """All that a report reads."""

    format: int = FORMAT
    recommended: str | None
    partial: bool = False
    verdict: Verdict
    leaderboard: tuple[LeaderboardRow, ...]
    procedure: Procedure
    comparisons: tuple[Comparison, ...]
    beside_gain: Comparison | None = None
    """What the columns beside the text brought the recommended family over the text alone, on the same rows with the
    same params; None where there are none, or the family does not read them."""
    evaluations: tuple[Evaluation, ...]
    insight: Insight
    signal: Signal | None
    dataset: DatasetInfo
    repeated_macro_f1: float | None = None
    """Macro-F1 if new texts repeat old ones as often as these do; None where no rows repeat."""
    fixes: Fixes | None = None
    """Labels that were put right before the search."""
    holdout: Holdout | None = None
    """Rows that were kept apart, judged once by the exported model; None where none were."""
    config: SearchConfig
    versions: dict[str, str]
    timing: Timing

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Refuse what no run leaves: a model where nothing is recommended, a recommendation that was not measured."""
        measured = {each.family for each in self.evaluations}
        if self.recommended is None and self.timing.model is not None:
            raise ValueError("a model where nothing is recommended")
        if self.recommended is not None and self.recommended not in measured:
            raise ValueError("a recommended family that was not measured")
        return self

    def evaluation(self, family: str | None) -> Evaluation | None:
        """Return the family's evaluation, or None."""
        return next((each for each in self.evaluations if each.family == family), None)

    @property
    def shown(self) -> Evaluation | None:
        """The recommended family's evaluation, else that of the best ranked one that is no reference."""
        if self.recommended is not None:
            return self.evaluation(self.recommended)
        return next((each for each in self.ranked if not each.is_reference), None)

    @property
    def ranked(self) -> tuple[Evaluation, ...]:
        """The evaluations that have a score, in rank order."""
        found = (self.evaluation(row.family) for row in self.leaderboard if row.macro_f1 is not None)
        return tuple(each for each in found if each is not None)

    @property
    def is_verdict_shown(self) -> bool:
        """Whether the family in the first place is the verdict's, and not one that a page was asked for."""
        return self.recommended == self.verdict.recommended

    def against(self, family: str, other: str) -> Comparison | None:
        """Return the comparison of ``family`` with ``other``, seen from ``family``."""
        found = next((each for each in self.comparisons if {each.a, each.b} == {family, other}), None)
        return found.seen_from(family) if found else None

    @property
    def encoder_gain(self) -> Comparison | None:
        """What sentence vectors brought: the best family with them against the best one without."""
        ranked = [row.family for row in self.leaderboard if row.macro_f1 is not None and not row.is_reference]
        uses = {each.family: each.uses_encoder for each in self.evaluations}
        first = {
            is_with: next((name for name in ranked if uses[name] is is_with), None)
            for is_with in (True, False)
        }
        for each in self.comparisons:
            if {each.a, each.b} == {first[True], first[False]}:
                return each.seen_from(str(first[True]))
        return None


def read_result(folder: Path) -> RunResult:
    """Return the result of the run in ``folder``.

    Raises
    ------
    InputError
        If there is no finished run, or its result.json is damaged or of a later format.
    """
    path = folder / "result.json"
    content = _read(folder, path)
    try:
        tree = json.loads(content, parse_constant=_refuse)
        found = tree["format"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"{path}: is damaged or not the result of a run. Run the search again.") from error
    if found != FORMAT:
        remedy = (
            "Update automl-text." if isinstance(found, int) and found > FORMAT else "Run the search again."
        )
        raise InputError(f"{path}: has format {found!r}, this version reads {FORMAT}. {remedy}")
    try:
        return RunResult.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the result as a whole"
        raise InputError(f"{path}: {where} is missing or wrong. Run the search again.") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no figure")


def _read(folder: Path, path: Path) -> bytes:
    try:
        return read_whole(path)
    except NotADirectoryError as error:
        raise InputError(
            f"{folder}: is a file. Give the folder of a run, such as reports/tickets."
        ) from error
    except FileNotFoundError as error:
        raise InputError(_why_missing(folder)) from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error


def _why_missing(folder: Path) -> str:
    if not folder.exists():
        hint = nearest(folder.name, _folder_names(folder.parent))
        return f"{folder}: there is no such folder.{hint} Give the folder that a search wrote."
    if (folder / "journal.jsonl").exists():
        return f"{folder}: this run is not finished. Run the same search command again to continue it."
    inside = [name for name in _folder_names(folder) if (folder / name / "result.json").exists()]
    known = f" Runs in it: {', '.join(inside[:5])}." if inside else ""
    return f"{folder}: holds no run (no result.json).{known or ' Give the folder that a search wrote.'}"


def _folder_names(parent: Path) -> Iterable[str]:
    return sorted(path.name for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []
