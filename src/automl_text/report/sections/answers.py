"""Answers: the four questions that bring people here, each with this run's figure and one line of code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.charts import training_chart
from automl_text.report.elements import Figure, Grid
from automl_text.wording import short_label

if TYPE_CHECKING:
    from automl_text.results import Ablation, Evaluation, RunResult, TrainingCurve

SECTION = 90, "The question behind it"

_POSTED = "lstm-as-posted"
_TUNED = "lstm"
_TUNED_TITLES = {"LSTM with word vectors": "With word vectors"}
_WIDE_GAP = 0.1

_STORY = (
    "Somebody with about 500 labelled texts in 18 unequal categories asked in public why a Keras LSTM reached a PR-AUC "
    "of .90 on its training rows and .08 on others: are metric and class weights right, how is it mended, what else is "
    "there? This project grew from that question: the network runs here as it was posted, as a reference, and the "
    "answers are those of your texts."
)

_METRIC_LINE = 'print(f1_score(y_test.argmax(axis=1), model.predict(X_test).argmax(axis=1), average="macro"))'
_LINEAR_LINE = (
    "model = make_pipeline(TfidfVectorizer(sublinear_tf=True), "
    'LogisticRegression(C=10, class_weight="balanced", max_iter=1000)).fit(texts_train, labels_train)'
)

_BESIDE = (
    "The recommended model reads columns beside the text, which takes more than a short script of plain code: the "
    "exported file holds the whole pipeline, which is given a DataFrame."
)

_IMBALANCE_LINES = {
    "none": "model.fit(X_train, y_train, batch_size=10, epochs=10)  # without class_weight",
    "balanced": "n = np.bincount(y); class_weight = {c: n.mean() / n_rows for c, n_rows in enumerate(n)}",
    "tempered": "n = np.bincount(y); class_weight = {c: (n.mean() / n_rows) ** 0.5 for c, n_rows in enumerate(n)}",
    "oversample": "X_train, y_train = RandomOverSampler(random_state=0).fit_resample(X_train, y_train)",
    "logit_adjustment": "y_pred = (np.log(model.predict(X_test)) - 0.5 * np.log(np.bincount(y))).argmax(axis=1)",
    "focal": 'model.compile(loss=keras.losses.CategoricalFocalCrossentropy(gamma=2.0), optimizer="adam")',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """One question with its answer in a sentence, a line of code, and what stands behind both."""

    question: str
    sentence: str
    code: str
    grid: Grid | None = None
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _AnswersView:
    """The section with the question, the four answers, and the recommended model as plain code."""

    story: str
    answers: tuple[_Answer, ...]
    plain_code: str
    plain_code_title: str
    why_no_code: str


def view(result: RunResult) -> _AnswersView:
    """Return the four answers."""
    shown = result.shown
    return _AnswersView(
        story=_STORY,
        answers=(_metric(shown), _imbalance(result), _overfitting(result), _else(result)),
        plain_code=result.insight.plain_code,
        plain_code_title=f"{short_label(shown.title)} as plain code" if shown else "",
        why_no_code=_BESIDE if shown and result.dataset.features and not result.insight.plain_code else "",
    )


def _metric(shown: Evaluation | None) -> _Answer:
    question = "Is my metric right?"
    rows = {row.name: row for row in shown.metrics} if shown else {}
    if shown is None or "macro_f1" not in rows or "accuracy" not in rows:
        return _Answer(question=question, sentence="No family has a score in this run.", code=_METRIC_LINE)
    pooled = next((row for name, row in rows.items() if "keras" in name), rows.get("micro_pr_auc"))
    flaw = (
        f"Keras's PR-AUC pools the decisions on all categories, so frequent ones rule it "
        f"(here {formats.score(pooled.value)}; category shares alone give {formats.score(pooled.chance_shares)}): judge"
        if pooled
        else "Judge"
    )
    sentence = (
        f"{flaw} by macro-F1, where every category counts the same: {formats.score(rows['macro_f1'].value)} "
        f"as measured, beside accuracy {formats.score(rows['accuracy'].value)}."
    )
    return _Answer(question=question, sentence=sentence, code=_METRIC_LINE, grid=_metric_table(shown))


def _metric_table(shown: Evaluation) -> Grid:
    return Grid(
        caption=f"{short_label(shown.title)} by several metrics, each with its two chance levels",
        columns=("Metric", "This run", "Random scores get", "Category shares alone get"),
        rows=tuple(
            (
                row.title,
                *(formats.score(value, 3) for value in (row.value, row.chance_random, row.chance_shares)),
            )
            for row in shown.metrics
        ),
    )


def _imbalance(result: RunResult) -> _Answer:
    question = "Is the imbalance treated right?"
    asked = (result.evaluation(_TUNED), result.shown, *result.ranked)
    families = [each for each in asked if each is not None and each.ablation]
    if not families:
        return _Answer(
            question=question,
            sentence="This run did not compare ways to treat unequal categories.",
            code=_imbalance_line("none"),
        )
    first = families[0]
    tried = [row for row in first.ablation if row.strategy != "none"]
    posted = next((row for row in tried if row.strategy == "balanced"), None)
    chosen = next((row for row in first.ablation if row.is_chosen), None)
    judged = [row for row in dict.fromkeys((posted, chosen)) if row is not None and row.strategy != "none"]
    words = "; ".join(f"{row.strategy.replace('_', ' ')} {_effect(row)}" for row in judged)
    ending = f"; chosen: {chosen.strategy.replace('_', ' ')}" if chosen and chosen.strategy == "none" else ""
    sentence = f"For the {short_label(first.title)}, against no treatment: {words or 'nothing else was tried'}{ending}."
    code = _imbalance_line(chosen.strategy if chosen else "none")
    return _Answer(question=question, sentence=sentence, code=code, grid=_ablation_table(result))


def _effect(row: Ablation) -> str:
    moves = f"{formats.signed(row.gain)} macro-F1"
    if row.interval is None:
        return f"moves it by {moves} (no interval)"
    certainty = (
        "helps" if row.interval[0] > 0 else "harms" if row.interval[1] < 0 else "cannot be told from none"
    )
    return f"{certainty} ({moves}, {formats.signed_interval(row.interval)})"


def _ablation_table(result: RunResult) -> Grid:
    rows = [
        (
            short_label(each.title),
            f"{row.strategy.replace('_', ' ')}{' (chosen)' if row.is_chosen else ''}",
            formats.score(row.macro_f1, 3),
            formats.signed(row.gain) if row.strategy != "none" else formats.MISSING,
            formats.signed_interval(row.interval),
            "held-out rows" if row.by == "outer" else "inner splits",
            "; ".join(
                f"{short_label(one.label)} {formats.signed(one.gain)} ({formats.signed_interval(one.interval)})"
                for one in row.per_class
            )
            or formats.MISSING,
        )
        for each in result.ranked
        for row in each.ablation
    ]
    heads = "Family", "Strategy", "Macro-F1", "Against none", "95 % interval", "Judged by", "Categories moved"
    caption = "What each way of treating unequal categories is worth, all else chosen anew"
    return Grid(caption=caption, columns=heads, rows=tuple(rows))


def _overfitting(result: RunResult) -> _Answer:
    question = "Why does the LSTM overfit?"
    posted = next(iter(_curves(result.evaluation(_POSTED))), None)
    tuned = _curves(result.evaluation(_TUNED))
    code = _network_line(result.evaluation(_TUNED))
    titled = [("As posted", posted), *((_TUNED_TITLES.get(each.title, "Tuned"), each) for each in tuned)]
    figures = tuple(_curve_figure(title, curve) for title, curve in titled if curve)
    if posted is None:
        said = _gap_words("Tuned", tuned[0]) if tuned else _no_network(result)
        return _Answer(question=question, sentence=f"{said}.", code=code, figures=figures)
    evaluation = result.evaluation(_POSTED)
    size = formats.count(evaluation.n_parameters) if evaluation else ""
    rows = formats.count(result.dataset.n_rows)
    better = "".join(
        f"; {_TUNED_TITLES.get(each.title, 'tuned').lower()}, it holds a {_metric_name(each)} of "
        f"{formats.score(each.held_out[-1])} on held-out rows"
        for each in tuned
    )
    sentence = f"It has {size} weights for {rows} texts: {_gap_words('as posted', posted)}{better}."
    return _Answer(question=question, sentence=sentence, code=code, figures=figures)


def _no_network(result: RunResult) -> str:
    """Return that nothing is known of an LSTM here, and why."""
    if any(result.evaluation(name) for name in (_POSTED, _TUNED)):
        return "The LSTM left no training curve in this run, so nothing can be said of its overfitting"
    return f"This run trained no LSTM, so it cannot say; --families {_TUNED} --references all trains two"


def _curves(evaluation: Evaluation | None) -> tuple[TrainingCurve, ...]:
    """Return one curve of each network of a family, plain ones first: of macro-F1, which all have, else its first."""
    found: dict[str, TrainingCurve] = {}
    for curve in evaluation.training_curves if evaluation else ():
        if curve.steps and (curve.title not in found or curve.metric == "macro_f1"):
            found[curve.title] = curve
    return tuple(found[title] for title in sorted(found))


def _metric_name(curve: TrainingCurve) -> str:
    return {"pr_auc": "PR-AUC", "macro_f1": "macro-F1"}.get(curve.metric, curve.metric)


def _gap_words(title: str, curve: TrainingCurve) -> str:
    gap = curve.training[-1] - curve.held_out[-1]
    judged = "a wide gap" if gap > _WIDE_GAP else "a small gap"
    return (
        f"{title}, {_metric_name(curve)} ends at {formats.score(curve.training[-1])} on its training rows and "
        f"{formats.score(curve.held_out[-1])} on held-out rows, {judged} of {formats.score(gap)}"
    )


def _curve_figure(title: str, curve: TrainingCurve) -> Figure:
    ends = formats.score(curve.training[-1]), formats.score(curve.held_out[-1])
    finding = f"{title}: {ends[0]} on training rows, {ends[1]} on others"
    rows = [
        (str(step), formats.score(a, 3), formats.score(b, 3))
        for step, a, b in zip(curve.steps, curve.training, curve.held_out, strict=True)
    ]
    metric = _metric_name(curve)
    columns = ("Epoch", "Training rows", "Held-out rows")
    grid = Grid(caption=f"{title}: {metric} by epoch", columns=columns, rows=tuple(rows))
    name = f"training-{title.lower().replace(' ', '-')}"
    return Figure(title=finding, svg=training_chart(curve, name, finding), grid=grid)


def _else(result: RunResult) -> _Answer:
    question = "What else should I try?"
    ranked = [each for each in result.ranked if not each.is_reference]
    if not ranked:
        return _Answer(
            question=question, sentence="Nothing could be measured in this run.", code=_LINEAR_LINE
        )
    parts = [
        f"{short_label(each.title)} {formats.score(each.macro_f1)}{_fit_words(result, each)}"
        for each in ranked[:4]
    ]
    posted = result.evaluation(_POSTED)
    beside = (
        f", beside {formats.score(posted.macro_f1)} for the LSTM as posted"
        if posted and posted.macro_f1 is not None
        else ""
    )
    sentence = f"Tried here, by macro-F1: {', '.join(parts)}{beside}."
    return _Answer(question=question, sentence=sentence, code=_LINEAR_LINE, grid=_rivals_table(ranked))


def _fit_words(result: RunResult, evaluation: Evaluation) -> str:
    seconds = result.timing.fit_seconds.get(evaluation.family)
    return f" (a fit takes {formats.seconds(seconds)})" if seconds is not None else ""


def _rivals_table(ranked: list[Evaluation]) -> Grid:
    rows = [
        (short_label(each.title), formats.score(each.macro_f1, 3), formats.interval(each.interval, 3))
        for each in ranked
    ]
    return Grid(caption="Families tried", columns=("Family", "Macro-F1", "95 % interval"), rows=tuple(rows))


def _imbalance_line(strategy: str) -> str:
    """Return the line that treats unequal categories as ``strategy`` does."""
    return _IMBALANCE_LINES.get(strategy, _IMBALANCE_LINES["balanced"])


def _network_line(tuned: Evaluation | None) -> str:
    """Return the layers that replace the posted LSTM layer, with the tuned network's sizes where there is one."""
    params = tuned.final.params if tuned and tuned.final else {}
    units, dropout = params.get("units", 48), params.get("dropout", 0.5)
    layer = f"LSTM({units}, return_sequences=True)"
    if params.get("n_directions", 2) == 2:  # noqa: PLR2004  (both directions)
        layer = f"Bidirectional({layer})"
    pooling = "GlobalAveragePooling1D()" if params.get("pooling") == "mean" else "GlobalMaxPooling1D()"
    return f"model.add({layer}); model.add({pooling}); model.add(Dropout({dropout:.2g}))"
