"""`export_family`: any family of a finished run, refitted on all rows of the same file. Nothing is tuned again."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from automl_text.data.dates import take_times
from automl_text.data.holdout import split_holdout
from automl_text.data.loading import load_dataset
from automl_text.engine.halt import never
from automl_text.errors import InputError, nearest
from automl_text.experiment.encoder import USERS, encoders_again
from automl_text.experiment.outputs import model_source
from automl_text.experiment.refit import RefitRequest, refit, required_evaluation
from automl_text.families.encoder.family import embed_encoders
from automl_text.loop.fixes import fixed_again
from automl_text.results.result import read_result
from automl_text.tables.reading import read_table

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from automl_text.bundle.write import ModelSource
    from automl_text.data.loading import Loaded
    from automl_text.families.contract import Estimator
    from automl_text.results import RunResult


def export_family(
    folder: Path, family: str | None, data: Path, *, with_encoder: bool = False
) -> tuple[Estimator, ModelSource]:
    """Refit a family's final trial of a run on ``data``, the same file again; return it with what it is made of.

    Parameters
    ----------
    family : str or None
        None: the recommended one.
    with_encoder : bool
        Put the sentence encoder inside the model, which then needs no folder.

    Raises
    ------
    InputError
        If the folder holds no finished run, the family took no part or has no model, or ``data`` is another file; if
        the sentence encoder that the family uses is not found, or one is wanted inside a model that uses none.
    """
    result = read_result(folder)
    name = _chosen(result, family, folder)
    if with_encoder and name not in USERS:
        raise InputError(
            f"--with-encoder: a model of {name!r} uses no sentence encoder; leave the option out."
        )
    loaded = _loaded_again(result, data)
    evaluation = required_evaluation(result.evaluations, name)
    wanted = RefitRequest.of(evaluation, result.config.seed)
    with _encoder_of(result, name):
        estimator = refit(loaded.dataset, wanted, never)
        if with_encoder:
            embed_encoders(estimator)
    promised = result.procedure if name == result.recommended else evaluation
    return estimator, model_source(loaded.dataset.texts, loaded.info, evaluation, promised, result.insight)


def _chosen(result: RunResult, family: str | None, folder: Path) -> str:
    """Return the family asked for, or the recommended one, if the run has a model of it."""
    name = family or result.recommended
    if name is None:
        raise InputError(f"{folder}: this run recommends nothing; name a family with --family.")
    known = [each.family for each in result.evaluations if each.final_trial is not None and each.trials]
    if name not in known:
        raise InputError(
            f"{folder}: the run has no model of {name!r}.{nearest(name, known)} It has: {', '.join(known)}."
        )
    return name


def _loaded_again(result: RunResult, data: Path) -> Loaded:
    """Return the rows that the run was made of, read from ``data`` as they were read then."""
    info = result.dataset
    features = tuple(each.name for each in info.features)
    expected = (*info.text_columns, *features, info.label_column)
    table = read_table(data, info.read_as, expected=expected)
    if result.config.split:
        table, _ = split_holdout(table, result.config.split)
    if info.time:
        table, _ = take_times(table, info.time.column)
    loaded = load_dataset(
        fixed_again(table, info.label_column, result.fixes) if result.fixes else table,
        text=info.text_columns,
        label=info.label_column,
        group=info.group_column,
        features=features,
        n_folds=result.config.grouped_for_folds,
        rare=result.config.rare,
        min_rows=result.config.min_rows,
    )
    if loaded.dataset.sha256 != info.sha256:
        raise InputError(
            f"{data}: this is not the file of the run (sha256 {loaded.dataset.sha256[:12]}, the run had "
            f"{info.sha256[:12]}). Give the same file with --data, or search again."
        )
    return loaded


def _encoder_of(result: RunResult, family: str) -> AbstractContextManager[None]:
    """Return a context in which the run's encoders are in use, where the family needs them."""
    return encoders_again(result.config.encoders) if family in USERS else nullcontext()
