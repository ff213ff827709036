"""Everything a run leaves behind: model, result, report, tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.bundle.export import ModelSource, write_bundle
from automl_text.errors import RunError
from automl_text.experiment.explain import with_plain_code, with_words
from automl_text.experiment.refit import RefitRequest, refit
from automl_text.experiment.tables import leaderboard_table, out_of_fold_table, trials_table
from automl_text.experiment.versions import library_versions
from automl_text.families.registry import load_family
from automl_text.report.page import render_html
from automl_text.results import RunResult, Timing
from automl_text.results.manifest import Promise
from automl_text.search.plan import derived_seed

if TYPE_CHECKING:
    from automl_text.experiment.prepare import Prepared
    from automl_text.experiment.request import SearchRequest
    from automl_text.experiment.run import Clock
    from automl_text.experiment.searching import Session
    from automl_text.results import DatasetInfo, Evaluation, Insight, ModelInfo, Signal
    from automl_text.search.evidence import SearchEvidence
    from automl_text.verdict.judge import Judgement

MODEL_FILE = "best_model.pkl"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Searched:
    """What the search found, on its way to the files.

    Attributes
    ----------
    evidence : SearchEvidence
    judgement : Judgement
    signal : Signal
    clock : Clock
    """

    evidence: SearchEvidence
    judgement: Judgement
    signal: Signal
    clock: Clock


def write_outputs(
    request: SearchRequest, prepared: Prepared, searched: Searched, session: Session
) -> RunResult:
    """Refit the recommended model, write every file, result.json last but for the report, and return the result.

    Raises
    ------
    RunError
        If the model cannot be fitted or a file cannot be written.
    """
    judgement = searched.judgement
    model: ModelInfo | None = None
    insight = judgement.insight
    if judgement.verdict.recommended is not None:
        session.observer.stage("refit", judgement.verdict.recommended)
        evaluation = required_evaluation(judgement.evaluations, judgement.verdict.recommended)
        wanted = refit_request(evaluation, request.seed)
        estimator = refit(prepared.plan.dataset, wanted, session.interruption.halt)
        source = model_source(prepared.plan.dataset.texts, prepared.loaded.info, evaluation, insight)
        model = write_bundle(session.folder.path / MODEL_FILE, estimator, source)
        model = model.model_copy(update={"folder": str(session.folder.path)})
        insight = with_plain_code(insight, wanted, prepared.loaded.info)
        if request.show_text:
            insight = with_words(insight, estimator, prepared.plan.dataset)
    session.observer.stage("report", str(session.folder.path))
    result = _result(prepared, searched, insight, model).model_copy(
        update={"partial": session.interruption.is_requested}
    )
    tables = {
        "leaderboard.csv": leaderboard_table(result.leaderboard),
        "trials.csv": trials_table(result.evaluations),
        "out_of_fold.csv": out_of_fold_table(searched.evidence, judgement.temperatures, insight.suspects),
    }
    for name, table in tables.items():
        session.folder.write(name, table.content)
    if n_guarded := sum(table.n_guarded for table in tables.values()):
        session.observer.note(f"{n_guarded:,} cells of the tables begin like a formula and got a leading '.")
    session.folder.write("report.html", render_html(result))
    session.folder.write("result.json", result.model_dump_json(indent=1) + "\n")
    return result


def required_evaluation(evaluations: tuple[Evaluation, ...], family: str) -> Evaluation:
    """Return the evaluation of one family.

    Raises
    ------
    RunError
        If it is not there.
    """
    for each in evaluations:
        if each.family == family:
            return each
    raise RunError(f"The run holds no family {family!r}.")


def refit_request(evaluation: Evaluation, seed: int) -> RefitRequest:
    """Return what fits the family's final point on all rows.

    Raises
    ------
    RunError
        If the family has no final point, because all of its fits failed.
    """
    if evaluation.final_trial is None:
        raise RunError(f"{evaluation.family} has no model to export: {evaluation.reason}")
    trial = next(each for each in evaluation.trials if each.number == evaluation.final_trial)
    return RefitRequest(
        family=evaluation.family,
        point=dict(trial.point),
        steps=evaluation.final_steps,
        temperature=evaluation.calibration.temperature if evaluation.calibration else 1.0,
        seed=derived_seed(seed, f"refit {evaluation.family}"),
    )


def model_source(
    texts: tuple[str, ...], info: DatasetInfo, evaluation: Evaluation, insight: Insight
) -> ModelSource:
    """Return what the manifest says of a family's model fitted on ``texts``."""
    request = refit_request(evaluation, 0)
    return ModelSource(
        family=evaluation.family,
        title=evaluation.title,
        parameters=request.point,
        trial=evaluation.final_trial or 0,
        steps=request.steps,
        temperature=request.temperature,
        imported_late=load_family(evaluation.family).requires,
        texts=texts,
        text_columns=info.text_columns,
        label_column=info.label_column,
        data_file_name=info.file_name,
        data_sha256=info.sha256,
        promise=Promise(
            macro_f1=evaluation.macro_f1,
            expected_macro_f1=evaluation.expected_macro_f1,
            interval=evaluation.interval,
            interval_reason=evaluation.interval_reason,
            thresholds=insight.thresholds,
        ),
    )


def limits_of(evidence: SearchEvidence) -> tuple[str, ...]:
    """Return a sentence for everything that an early end cut off; empty after a whole search."""
    return tuple(f"{each.family}: {cut}." for each in evidence.families for cut in each.cuts)


def _result(prepared: Prepared, searched: Searched, insight: Insight, model: ModelInfo | None) -> RunResult:
    judgement, families = searched.judgement, searched.evidence.families
    timing = Timing(
        started=searched.clock.started,
        total_seconds=round(searched.clock.seconds, 1),
        fit_seconds={
            each.family: round(each.fit_seconds, 4) for each in families if each.final_point is not None
        },
        predict_seconds={
            each.family: round(each.predict_seconds, 4) for each in families if each.final_point is not None
        },
        limited=limits_of(searched.evidence),
        model=model,
    )
    return RunResult(
        recommended=judgement.verdict.recommended,
        verdict=judgement.verdict,
        leaderboard=judgement.leaderboard,
        procedure=judgement.procedure,
        comparisons=judgement.comparisons,
        evaluations=judgement.evaluations,
        insight=insight,
        signal=searched.signal,
        dataset=prepared.loaded.info,
        repeated_macro_f1=judgement.repeated_macro_f1,
        config=prepared.config,
        versions=library_versions(),
        timing=timing,
    )
