"""Everything a run leaves behind, in three steps: refit the model, put the result together, write the files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.bundle.bundle import Bundle
from automl_text.bundle.evaluate import evaluate_table
from automl_text.bundle.speed import measure_speed
from automl_text.bundle.write import ModelSource, pack
from automl_text.engine.folder import RESULT
from automl_text.errors import RunError
from automl_text.experiment.refit import RefitRequest, Refits, refit_in_time, required_evaluation
from automl_text.experiment.searching import library_versions
from automl_text.experiment.tables import leaderboard_table, out_of_fold_table, trials_table
from automl_text.families.beside import given_to
from automl_text.families.plain_code import ScriptInput, plain_code
from automl_text.families.registry import load_family
from automl_text.loop.fixes import what_fixes_brought
from automl_text.loop.out_of_fold import FILE as OUT_OF_FOLD
from automl_text.loop.out_of_fold import out_of_fold_of
from automl_text.report.charts import load_library
from automl_text.report.page import render_html
from automl_text.results import FamilyCost, Figures, RunResult, Timing, finding
from automl_text.results.model import Manifest, Promise
from automl_text.tuning.space import settings_of
from automl_text.verdict.insight import with_places, with_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from automl_text.bundle.write import Packed
    from automl_text.data.holdout import HoldoutRows
    from automl_text.experiment.prepare import Prepared
    from automl_text.experiment.request import SearchRequest
    from automl_text.experiment.searching import Session
    from automl_text.families.contract import Estimator, Rows
    from automl_text.loop.compare import Judged
    from automl_text.loop.fixes import Fixed
    from automl_text.loop.out_of_fold import OutOfFold
    from automl_text.results import DatasetInfo, Evaluation, Insight, Procedure, Signal, Speed
    from automl_text.results.model import Holdout
    from automl_text.tuning.evidence import SearchEvidence
    from automl_text.verdict.judge import Judgement

_FITS_WORTH_IT = 10.0
"""Seconds of fits from which a search measures what its model costs: that takes 1 to 8 seconds."""
_TIME_FOR_SPEED = 30.0
"""Seconds that must be left of a time budget to measure what the model costs."""
MODEL_FILE = "best_model.pkl"

_NO_MODEL = Refits(made=None, failures={})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Searched:
    """What the search found, on its way to the files."""

    evidence: SearchEvidence
    judgement: Judgement
    signal: Signal
    foreseen: str = ""
    """What was said before the first fit of a time budget; empty without one."""
    is_partial: bool = False
    """Whether an interruption left fits out."""
    earlier: Judged | None = None
    """The run of this file before its labels were put right."""

    @property
    def limits(self) -> tuple[str, ...]:
        """What was foreseen and a sentence for all that an early end cut off; empty after a whole search."""
        cuts = tuple(f"{each.family}: {cut}." for each in self.evidence.families for cut in each.cuts)
        foreseen = (f"Foreseen before the first fit: {self.foreseen}",) if cuts and self.foreseen else ()
        return foreseen + cuts


def write_outputs(
    request: SearchRequest, prepared: Prepared, searched: Searched, session: Session
) -> RunResult:
    """Refit the recommended model, write every file and return the result.

    Raises
    ------
    RunError
        If the recommended family has no final params, or a file cannot be written.
    """
    judgement, data = searched.judgement, prepared.plan.dataset
    refits, recommended = _NO_MODEL, judgement.verdict.recommended
    if recommended is not None:
        refits = refit_in_time(data, judgement.evaluations, recommended, seed=request.seed, session=session)
    session.observer.stage("report", str(session.folder.path))
    for sentence in refits.sentences:
        session.observer.note(sentence)
    insight = _explained(request, prepared, searched, refits)
    packed = _packed(prepared, searched, refits, insight)
    rows = given_to(refits.made.estimator, data.texts, data.frame) if refits.made else data.texts
    speed, unmeasured = _speed(request, packed, rows, session)
    timing = _timing(searched, packed, session).model_copy(
        update={"speed": speed, "limited": searched.limits + unmeasured + refits.sentences}
    )
    result = _result(prepared, searched, insight, timing)
    if prepared.given.holdout is not None and refits.made is not None and packed is not None:
        holdout = _judged_holdout(prepared.given.holdout, refits.made.estimator, packed)
        session.observer.note(f"kept apart: {holdout.promise.sentence}")
        result = result.model_copy(update={"holdout": holdout})
    kept = out_of_fold_of(searched.evidence, judgement.temperatures, result.procedure.picks)
    if prepared.given.fixed is not None:
        result = _with_fixes(result, kept, prepared.given.fixed, searched.earlier)
        session.observer.note(result.fixes.sentence if result.fixes else "")
    _write(session, result, packed, searched, kept)
    return result


def _judged_holdout(rows: HoldoutRows, estimator: Estimator, packed: Packed) -> Holdout:
    """Return how the model that is exported does on the rows that were kept apart from everything."""
    bundle = Bundle(
        estimator=estimator,
        manifest=Manifest.model_validate_json(packed.files["best_model.json"]),
        path=Path(MODEL_FILE),
        sha256=packed.info.sha256,
    )
    return evaluate_table(bundle, rows.table)


def _with_fixes(result: RunResult, kept: OutOfFold, fixed: Fixed, earlier: Judged | None) -> RunResult:
    """Return the result with what the labels put right have brought."""
    fixes = what_fixes_brought(fixed.fixes, earlier, result, kept)
    message, remedy = f"{fixes.file_name}: {fixes.sentence}", "Look at the review again where a category fell"
    note = finding("labels_fixed", "note", message, remedy, (each.line for each in fixes.changed))
    dataset = result.dataset.model_copy(update={"findings": (*result.dataset.findings, note)})
    return result.model_copy(update={"fixes": fixes, "dataset": dataset})


def _write(
    session: Session, result: RunResult, packed: Packed | None, searched: Searched, kept: OutOfFold
) -> None:
    """Write every file, result.json last: what lacks it counts as cut short, and the next run writes it anew."""
    tables = {
        "leaderboard.csv": leaderboard_table(result.leaderboard),
        "trials.csv": trials_table(result.evaluations),
        "out_of_fold.csv": out_of_fold_table(
            searched.evidence, searched.judgement.temperatures, result.insight.suspects
        ),
    }
    if n_guarded := sum(table.n_guarded for table in tables.values()):
        session.observer.note(f"{n_guarded:,} cells of the tables begin like a formula and got a leading '.")
    files: Mapping[str, bytes | str] = {
        **(packed.files if packed else {}),
        **{name: table.content for name, table in tables.items()},
        OUT_OF_FOLD: kept.to_bytes(),
        "report.html": render_html(result),
    }
    for name, content in files.items():
        session.folder.write(name, content)
    session.folder.write(RESULT, result.model_dump_json(indent=1) + "\n")


def _explained(request: SearchRequest, prepared: Prepared, searched: Searched, refits: Refits) -> Insight:
    """Return the insight with a script that fits the recommended model without this package, and with its words."""
    judgement, recommended = searched.judgement, searched.judgement.verdict.recommended
    if recommended is None:
        return judgement.insight
    wanted = RefitRequest.of(required_evaluation(judgement.evaluations, recommended), request.seed)
    info = prepared.loaded.info
    given = ScriptInput(
        file_name=info.file_name,
        text_columns=info.text_columns,
        label_column=info.label_column,
        steps=wanted.steps,
        temperature=wanted.temperature,
        seed=wanted.seed,
        unlike_logit_below=judgement.insight.unlike_logit_below,
    )
    family = load_family(wanted.family)
    reads_more = bool(info.features) and getattr(family, "reads_beside", False)
    script = "" if reads_more else plain_code(settings_of(family, wanted.params), given)
    insight = judgement.insight.model_copy(update={"plain_code": script})
    if prepared.config.encoders and request.show_text:
        insight = with_places(insight, prepared.plan.dataset)
    made = refits.made
    if not request.show_text or made is None or made.evaluation.family != recommended:
        return insight
    return with_words(insight, made.estimator, prepared.plan.dataset)


def _packed(prepared: Prepared, searched: Searched, refits: Refits, insight: Insight) -> Packed | None:
    """Return the model's files; None where there is no model."""
    made = refits.made
    if made is None:
        return None
    judgement, info = searched.judgement, prepared.loaded.info
    is_recommended = made.evaluation.family == judgement.verdict.recommended
    promised = judgement.procedure if is_recommended else made.evaluation
    source = model_source(prepared.plan.dataset.texts, info, made.evaluation, promised, insight)
    return pack(MODEL_FILE, made.estimator, source)


def model_source(
    texts: tuple[str, ...],
    info: DatasetInfo,
    evaluation: Evaluation,
    promised: Evaluation | Procedure,
    insight: Insight,
) -> ModelSource:
    """Return what the manifest says of a family's model fitted on ``texts``.

    ``promised`` holds the figures that the report gives for it: of the recommended model those of the whole search,
    of another family its own.
    """
    request = RefitRequest.of(evaluation, 0)
    return ModelSource(
        family=evaluation.family,
        title=evaluation.title,
        parameters=request.params,
        trial=evaluation.final_trial or 0,
        steps=request.steps,
        temperature=request.temperature,
        imported_late=load_family(evaluation.family).requires,
        texts=texts,
        text_columns=info.text_columns,
        label_column=info.label_column,
        features=info.features,
        data_file_name=info.file_name,
        data_sha256=info.sha256,
        promise=Promise(
            **promised.model_dump(include=set(Figures.model_fields)),
            thresholds=insight.thresholds,
            unlike_below=insight.unlike_below,
            unlike_logit_below=insight.unlike_logit_below,
            class_f1={
                score.label: score.expected_f1
                for score in evaluation.per_class
                if score.expected_f1 is not None
            },
        ),
    )


def _speed(
    request: SearchRequest, packed: Packed | None, rows: Rows, session: Session
) -> tuple[Speed | None, tuple[str, ...]]:
    """Return what the model costs to use, else a sentence that says why that was not measured.

    Not for texts in memory, nor where time is nearly over or somebody waits, nor after a search so short that a process
    of its own would be a good part of it.
    """
    if packed is None:
        return None, ()
    budget = session.budget
    reasons = {
        "the texts came from memory": request.table is not None,
        "the search was interrupted": session.interruption.is_requested,
        "the time was nearly over": budget.seconds - budget.clock.seconds < _TIME_FOR_SPEED,
        "the search was short": sum(seconds for _, seconds in budget.given.values()) < _FITS_WORTH_IT,
    }
    why = next((reason for reason, holds in reasons.items() if holds), "")
    try:
        if not why:
            halt = session.interruption.patience(0.0)
            with ThreadPoolExecutor(1) as beside:
                beside.submit(load_library)  # which the page needs next, while another process works
                return measure_speed(packed.files, packed.info.file_name, rows, halt), ()
    except RunError as error:
        why = str(error).rstrip(".")
    return None, (f"What the model costs to use was not measured: {why}.",)


def _timing(searched: Searched, packed: Packed | None, session: Session) -> Timing:
    measured = [each for each in searched.evidence.families if each.final_params is not None]
    folder = {"folder": str(session.folder.path)}
    clock = session.budget.clock
    return Timing(
        started=clock.started,
        total_seconds=round(clock.seconds, 1),
        fit_seconds={each.family: round(each.fit_seconds, 4) for each in measured},
        predict_seconds={each.family: round(each.predict_seconds, 4) for each in measured},
        given={
            each.family: FamilyCost(n_fits=n_fits, seconds=round(seconds, 1), cut="; ".join(each.cuts))
            for each in searched.evidence.families
            for n_fits, seconds in (session.budget.given.get(each.family, (0, 0.0)),)
        },
        model=packed.info.model_copy(update=folder) if packed else None,
    )


def _result(prepared: Prepared, searched: Searched, insight: Insight, timing: Timing) -> RunResult:
    judgement = searched.judgement
    judged = {each.name: getattr(judgement, each.name) for each in fields(judgement)}
    return RunResult(
        **{name: value for name, value in judged.items() if name not in {"insight", "temperatures"}},
        recommended=judgement.verdict.recommended,
        partial=searched.is_partial,
        insight=insight,
        signal=searched.signal,
        dataset=prepared.loaded.info,
        config=prepared.config,
        versions=library_versions(),
        timing=timing,
    )
