"""`inspect_data`: what would stand in the way of a search, said in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.data.dates import take_times
from automl_text.data.loading import load_dataset
from automl_text.data.similarity import MOST_EXACT
from automl_text.data.time_order import in_time_order
from automl_text.families.beside import encoded
from automl_text.statistics.permutation import signal
from automl_text.tables.reading import read_table
from automl_text.tuning.presets import PRESETS, for_size

if TYPE_CHECKING:
    from pathlib import Path

    from automl_text.data.dataset import Dataset
    from automl_text.data.dates import Times
    from automl_text.files import ReadAs
    from automl_text.results import DatasetInfo, Signal
    from automl_text.tables.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inspection:
    """What stands in a file, and whether there is anything to learn from it."""

    info: DatasetInfo
    signal: Signal
    candidates: tuple[str, ...] = ()
    """Columns that could be added beside the text."""


def inspect_data(  # noqa: PLR0913  (one keyword for each option of the command)
    path: Path,
    *,
    text: tuple[str, ...] = (),
    label: str | None = None,
    group: str | None = None,
    features: tuple[str, ...] = (),
    time: str | None = None,
    read_as: ReadAs | None = None,
    seed: int = 0,
) -> _Inspection:
    """Read the file, look for what a score would suffer from, and check for signal; nothing is tuned.

    Raises
    ------
    InputError
        If the file or an option is wrong.
    """
    source: Path | Table = path
    times: Times | None = None
    if time is not None:
        expected = (*text, *features, *filter(None, (label, group, time)))
        source, times = take_times(read_table(path, read_as, expected=expected), time)
    loaded = load_dataset(
        source,
        text=text,
        label=label,
        group=group,
        features=features,
        read_as=read_as,
        most_searched=MOST_EXACT,
    )
    if times is not None:
        preset, _ = for_size(PRESETS["standard"], loaded.dataset.n_rows)
        loaded, _ = in_time_order(loaded, times, preset.n_folds)
    return _Inspection(
        info=loaded.info,
        signal=signal_in(loaded.dataset, seed=seed),
        candidates=loaded.candidates,
    )


def signal_in(data: Dataset, *, seed: int) -> Signal:
    """Return whether there is anything to learn from the texts and the columns beside them."""
    beside = None if data.frame is None else encoded(data.frame)[0]
    return signal(data.texts, data.codes, data.groups, data.measurable, seed=seed, beside=beside)
