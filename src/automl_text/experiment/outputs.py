"""Everything a run leaves behind: model, result, report, tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.bundle.write import ModelSource, write_bundle
from automl_text.engine.folder import RESULT, WHILE_RUNNING
from automl_text.experiment.explain import with_plain_code, with_words
from automl_text.experiment.ship import refit_request, required_evaluation, ship, why_another
from automl_text.experiment.tables import leaderboard_table, out_of_fold_table, trials_table
from automl_text.experiment.versions import library_versions
from automl_text.families.registry import load_family
from automl_text.loop.out_of_fold import FILE as OUT_OF_FOLD
from automl_text.loop.out_of_fold import out_of_fold_of
from automl_text.report.page import render_html
from automl_text.results import RunResult, Timing
from automl_text.results.model import Promise

if TYPE_CHECKING:
    from automl_text.experiment.prepare import Prepared
    from automl_text.experiment.request import SearchRequest
    from automl_text.experiment.run import Clock
    from automl_text.experiment.searching import Session
    from automl_text.results import DatasetInfo, Evaluation, Insight, ModelInfo, Procedure, Signal
    from automl_text.tuning.evidence import SearchEvidence
    from automl_text.verdict.judge import Judgement

MODEL_FILE = "best_model.pkl"
MODEL_FILES = (MODEL_FILE, "best_model.json", "best_model.requirements.txt")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Searched:
    """What the search found, on its way to the files.

    Attributes
    ----------
    evidence : SearchEvidence
    judgement : Judgement
    signal : Signal
    clock : Clock
    foreseen : str
        What was said before the first fit of a time budget; empty without one.
    is_partial : bool
        Whether an interruption left fits out.
    """

    evidence: SearchEvidence
    judgement: Judgement
    signal: Signal
    clock: Clock
    foreseen: str = ""
    is_partial: bool = False


def write_outputs(
    request: SearchRequest, prepared: Prepared, searched: Searched, session: Session
) -> RunResult:
    """Refit the recommended model, write every file and return the result.

    result.json goes first and comes last: a folder without it counts as cut short and the next run continues it, so no
    kill leaves a mixture of two runs that looks whole. Where there is no model now, that of an earlier end goes.

    Raises
    ------
    RunError
        If the model cannot be fitted or a file cannot be written.
    """
    judgement, recommended = searched.judgement, searched.judgement.verdict.recommended
    data, info = prepared.plan.dataset, prepared.loaded.info
    model: ModelInfo | None = None
    insight = judgement.insight
    limits = limits_of(searched)
    if recommended is not None:
        shipment = ship(data, judgement.evaluations, recommended, seed=request.seed, session=session)
        shipped = shipment.shipped
        session.folder.remove(RESULT)
        if shipped is not None:
            promised = judgement.procedure if shipped.evaluation.family == recommended else shipped.evaluation
            source = model_source(data.texts, info, shipped.evaluation, promised, insight)
            model = write_bundle(session.folder.path / MODEL_FILE, shipped.estimator, source)
            model = model.model_copy(update={"folder": str(session.folder.path)})
        wanted = refit_request(required_evaluation(judgement.evaluations, recommended), request.seed)
        insight = with_plain_code(insight, wanted, info)
        if request.show_text and shipped is not None and shipped.evaluation.family == recommended:
            insight = with_words(insight, shipped.estimator, data)
        for sentence in why_another(shipment):
            session.observer.note(sentence)
            limits += (sentence,)
    if model is None:
        session.folder.remove(RESULT, *MODEL_FILES)
    session.observer.stage("report", str(session.folder.path))
    result = _result(prepared, searched, insight, model)
    result = result.model_copy(
        update={
            "partial": searched.is_partial,
            "timing": result.timing.model_copy(update={"limited": limits}),
        }
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
    kept = out_of_fold_of(searched.evidence, judgement.temperatures, result.procedure.picks)
    session.folder.write(OUT_OF_FOLD, kept.to_bytes())
    session.folder.write("report.html", render_html(result))
    session.folder.remove(*WHILE_RUNNING)
    session.folder.write(RESULT, result.model_dump_json(indent=1) + "\n")
    return result


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
    request = refit_request(evaluation, 0)
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
        data_file_name=info.file_name,
        data_sha256=info.sha256,
        promise=Promise(
            macro_f1=promised.macro_f1,
            expected_macro_f1=promised.expected_macro_f1,
            interval=promised.interval,
            interval_reason=promised.interval_reason,
            thresholds=insight.thresholds,
        ),
    )


def limits_of(searched: Searched) -> tuple[str, ...]:
    """Return what was foreseen and a sentence for all that an early end cut off; empty after a whole search."""
    cuts = tuple(f"{each.family}: {cut}." for each in searched.evidence.families for cut in each.cuts)
    return (
        (f"Foreseen before the first fit: {searched.foreseen}", *cuts) if cuts and searched.foreseen else cuts
    )


def _result(prepared: Prepared, searched: Searched, insight: Insight, model: ModelInfo | None) -> RunResult:
    judgement, families = searched.judgement, searched.evidence.families
    timing = Timing(
        started=searched.clock.started,
        total_seconds=round(searched.clock.seconds, 1),
        fit_seconds={
            each.family: round(each.fit_seconds, 4) for each in families if each.final_params is not None
        },
        predict_seconds={
            each.family: round(each.predict_seconds, 4) for each in families if each.final_params is not None
        },
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
        versions=library_versions(with_encoder=prepared.config.encoder is not None),
        timing=timing,
    )
