"""Invented but plausible run results of several sizes and outcomes, and one whose every word is an attack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from automl_text import results as r

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOPICS = (
    "billing", "login", "delivery", "refund", "cancellation", "address change", "invoice copy", "damaged item",
    "late parcel", "password reset", "discount code", "gift card", "size exchange", "warranty", "spare part",
    "praise", "privacy request", "data export",
)  # fmt: skip
TEXT = "Hello, my parcel number was changed twice and now nobody can tell me where the invoice went"
ATTACKS = (
    "</script><script>document.title='pwned'</script>",
    "--><script>document.title='pwned'</script>",
    "<svg onload=document.title='pwned'>",
    "{{7*7}}{% raw %}",
    "$\\frac$ x",
    "[/red][link=https://evil.example]x[/link]",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "abc\u202egnp.exe\u2066",
    "../../x",
    "long" + "L" * 10_000,
    "a|b`c`\n# heading\r\n![i](http://evil.example/i.png)",
    "' onmouseover='document.title=1' \"x",
)
LONGEST = "Category {:02d} with a rather long descriptive name"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What a sample run is about."""

    labels: tuple[str, ...]
    n_rows: int
    file_name: str = "support_tickets.csv"
    skills: dict[str, float] = field(
        default_factory=lambda: {
            "logreg": 0.86,
            "lightgbm": 0.81,
            "lstm": 0.62,
            "lstm-as-posted": 0.22,
            "majority": 0.0,
        }
    )
    text: str = TEXT
    seed: int = 0

    @property
    def class_sizes(self) -> NDArray[np.int64]:
        """Unequal: the largest category has about 25 times the rows of the smallest."""
        shares = np.geomspace(25, 1, len(self.labels))
        return np.maximum(3, np.floor(shares / shares.sum() * self.n_rows)).astype(np.int64)


TITLES = {
    "logreg": ("TF-IDF + logistic regression", 1, "class_weight"),
    "lightgbm": ("LightGBM on TF-IDF", 3, "sample_weight"),
    "lstm": ("LSTM", 5, "class_weight"),
    "lstm-as-posted": ("LSTM as posted", 6, "class_weight"),
    "majority": ("Majority class", 0, "none"),
}


def _confusion(scenario: Scenario, family: str) -> NDArray[np.int64]:
    sizes = scenario.class_sizes
    n = len(sizes)
    rng = np.random.default_rng([scenario.seed, sorted(TITLES).index(family)])
    if family == "majority":
        matrix = np.zeros((n, n), dtype=np.int64)
        matrix[:, 0] = sizes
        return matrix
    matrix = np.zeros((n, n), dtype=np.int64)
    for i, size in enumerate(sizes):
        recall = scenario.skills[family] * (size / (size + 3)) * rng.uniform(0.85, 1.1)
        others = sizes / sizes.sum()
        others[(i + 1) % n] += 0.3
        others[i] = 0
        chances = others / others.sum() * (1 - min(recall, 0.99))
        chances[i] = min(recall, 0.99)
        matrix[i] = rng.multinomial(size, chances / chances.sum())
    return matrix


def _per_class(scenario: Scenario, matrix: NDArray[np.int64]) -> tuple[r.ClassScore, ...]:
    rows = []
    for i, label in enumerate(scenario.labels):
        hit, support, said = int(matrix[i, i]), int(matrix[i].sum()), int(matrix[:, i].sum())
        f1 = 2 * hit / (support + said)
        half = 0.9 / np.sqrt(support)
        rows.append(
            r.ClassScore(
                label=label, support=support, precision=hit / said if said else 0.0, recall=hit / support, f1=f1,
                interval=(max(0.0, f1 - half), min(1.0, f1 + half)) if support >= 5 else None,
                is_measurable=support >= 2, is_grey=support < 8,
            )
        )  # fmt: skip
    return tuple(rows)


def _metrics(scenario: Scenario, macro_f1: float, accuracy: float) -> tuple[r.MetricRow, ...]:
    chance = 1 / len(scenario.labels)
    table = (
        ("macro_f1", "Macro-F1", macro_f1, chance * 0.8, 0.03),
        ("accuracy", "Accuracy", accuracy, chance, 0.16),
        ("balanced_accuracy", "Balanced accuracy", macro_f1 - 0.01, chance, chance),
        ("macro_pr_auc", "Macro PR-AUC", min(1.0, macro_f1 + 0.05), chance + 0.01, chance),
        ("micro_pr_auc", "Micro PR-AUC", min(1.0, accuracy + 0.04), chance, 0.12),
        ("keras_pr_auc", 'Keras AUC(curve="PR")', min(1.0, accuracy + 0.037), chance, 0.12),
    )
    return tuple(
        r.MetricRow(name=name, title=title, value=value, chance_random=low, chance_shares=shares)
        for name, title, value, low, shares in table
    )


def _trials(family: str, best: float) -> tuple[r.TrialRecord, ...]:
    rng = np.random.default_rng(len(family))
    count = {"logreg": 20, "lightgbm": 8, "lstm": 6}.get(family, 1)
    records = []
    for number in range(count):
        score = float(best - abs(rng.normal(0, 0.06))) if number != count // 2 else best
        failed = number == count - 2 and count > 6
        records.append(
            r.TrialRecord(
                number=number, point={"c": round(float(rng.uniform(0.1, 30)), 3), "word_ngram_max": 2,
                                      "strategy": "class_weight" if number % 2 else "none"},
                steps=0 if family == "logreg" else 12, inner_score=None if failed else score,
                inner_scores=(None if failed else score,) * 5, status="failed" if failed else "done",
                reason="loss is not finite" if failed else "",
            )
        )  # fmt: skip
    return tuple(records)


def _curves(family: str, held_out: float) -> tuple[r.TrainingCurve, ...]:
    if not family.startswith("lstm"):
        return ()
    steps = tuple(range(1, 11))
    training = tuple(float(0.92 * (1 - np.exp(-s / 3))) for s in steps)
    held = tuple(float(held_out * (1 - np.exp(-s / 2))) for s in steps)
    name = "As posted" if family == "lstm-as-posted" else "Tuned"
    return (
        r.TrainingCurve(title=name, metric="pr_auc", steps=steps, training=training, held_out=held),
        r.TrainingCurve(title=name, metric="macro_f1", steps=steps, training=training, held_out=held),
    )


def _learning_curve(scenario: Scenario, macro_f1: float) -> r.LearningCurve:
    n = scenario.n_rows
    measured = [
        r.CurvePoint(n_rows=int(n * share), macro_f1=macro_f1 - 0.09 * (1 / share - 1))
        for share in (0.4, 0.6, 0.8)
    ]
    forecast = [
        r.CurveForecast(n_rows=n * k, macro_f1=macro_f1 + 0.06 * (1 - 1 / k), low=macro_f1 + 0.02 * (1 - 1 / k) - 0.02,
                        high=macro_f1 + 0.1 * (1 - 1 / k) + 0.02)
        for k in (1, 2, 4, 8)
    ]  # fmt: skip
    return r.LearningCurve(
        measured=tuple(measured), forecast=tuple(forecast), gain_of_doubling=0.03,
        sentence="Twice as many labelled texts would add about 0.03 to macro-F1 (0.01 to 0.05).",
    )  # fmt: skip


def _ablation(macro_f1: float) -> tuple[r.Ablation, ...]:
    return (
        r.Ablation(strategy="none", is_chosen=False, macro_f1=macro_f1 - 0.04, gain=0.0, interval=None, by="outer"),
        r.Ablation(strategy="class_weight", is_chosen=True, macro_f1=macro_f1, gain=0.04, interval=(0.01, 0.07),
                   by="outer"),
        r.Ablation(strategy="random_oversampling", is_chosen=False, macro_f1=macro_f1 - 0.03, gain=0.01,
                   interval=(-0.02, 0.04), by="outer"),
    )  # fmt: skip


def evaluation(scenario: Scenario, family: str) -> r.Evaluation:
    """One family's records, all from one confusion matrix."""
    title, simplicity, strategy = TITLES[family]
    matrix = _confusion(scenario, family)
    per_class = _per_class(scenario, matrix)
    macro_f1 = float(np.mean([row.f1 for row in per_class]))
    accuracy = float(np.trace(matrix) / matrix.sum())
    is_reference = family in {"lstm-as-posted", "majority"}
    choices = tuple(
        r.SplitChoice(split=i, trial=10 if family == "logreg" and i else 0, steps=0, inner_score=macro_f1 + 0.01,
                      outer_score=macro_f1 + 0.02 * (i - 2), training_score=0.98)
        for i in range(5)
    )  # fmt: skip
    return r.Evaluation(
        family=family, title=title, is_reference=is_reference, simplicity=simplicity, status="done",
        notes=("Texts were cut at 250 tokens.",) if family == "lstm-as-posted" else (), strategy=strategy,
        trials=_trials(family, macro_f1), choices=choices, final_trial=0, final_steps=0,
        n_parameters={"logreg": 81_234, "lightgbm": 22_110, "lstm": 310_000, "lstm-as-posted": 5_082_218}.get(family, 1),
        macro_f1=macro_f1, expected_macro_f1=macro_f1 + 0.012, interval=(macro_f1 - 0.045, macro_f1 + 0.06),
        metrics=_metrics(scenario, macro_f1, accuracy), per_class=per_class,
        confusion=tuple(tuple(int(x) for x in row) for row in matrix),
        calibration=r.Calibration(temperature=1.3, ece_before=0.12, ece_after=0.04),
        learning_curve=None if is_reference else _learning_curve(scenario, macro_f1),
        training_curves=_curves(family, 0.08 if is_reference else macro_f1),
        ablation=() if is_reference else _ablation(macro_f1),
        optimism=r.Optimism(inner_best=macro_f1 + 0.02, outer=macro_f1, training=0.98, default_point=macro_f1 - 0.03,
                            tuning_gain=0.03, tuning_interval=(0.0, 0.06), n_distinct_choices=2),
    )  # fmt: skip


def _example(scenario: Scenario, line: int, label: str, predicted: str) -> r.TextExample:
    return r.TextExample(
        line=line, text=scenario.text, label=label, predicted=predicted, confidence=0.93 - line / 1e5,
        words=("invoice", "number", scenario.text[:40]) if scenario.text else (),
    )  # fmt: skip


def _insight(scenario: Scenario) -> r.Insight:
    labels = scenario.labels
    pairs = [(labels[i], labels[(i + 1) % len(labels)]) for i in range(min(6, len(labels)))]
    thresholds = tuple(
        r.ThresholdRow(
            threshold=t, coverage=1 - t**2 * 0.8, coverage_interval=(max(0, 0.97 - t**2 * 0.8), min(1, 1.03 - t**2 * 0.8)),
            error=0.28 * (1 - t), error_interval=(0.2 * (1 - t), 0.33 * (1 - t) + 0.02), n_decided=int(scenario.n_rows * (1 - t**2 * 0.8)),
        )
        for t in (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
    )  # fmt: skip
    errors = tuple(_example(scenario, 17 + 31 * i, a, b) for i, (a, b) in enumerate(pairs))
    return r.Insight(
        thresholds=thresholds, never_safe=labels[-3:] if len(labels) > 3 else labels[-1:],
        confused_pairs=tuple(
            r.ConfusedPair(label=a, predicted=b, n=9 - i, examples=(_example(scenario, 40 + i, a, b),))
            for i, (a, b) in enumerate(pairs)
        ),
        worst_errors=errors,
        suspects=tuple(
            r.Suspect(line=90 + i, text=scenario.text, label=a, suggested=b, probability=0.91 - i / 50,
                      reason="contradiction" if i % 2 else "families_agree")
            for i, (a, b) in enumerate(pairs)
        ),
        label_next=labels[-3:],
        top_features=tuple(
            r.TopFeatures(label=label, features=tuple((f"{word}", 3.1 - k / 3) for k, word in
                          enumerate(("invoice", "where is", " parc", "lost", scenario.text[:30]))))
            for label in labels
        ),
        plain_code="import pandas as pd\nfrom sklearn.pipeline import make_pipeline\n\ndata = pd.read_csv('data.csv')\n",
    )  # fmt: skip


def _dataset(scenario: Scenario) -> r.DatasetInfo:
    sizes = scenario.class_sizes
    return r.DatasetInfo(
        file_name=scenario.file_name, sha256="5f" * 32, encoding="utf-8", separator=",", text_columns=("message",),
        label_column="category", group_column=None, column_choice="message is the only column with long texts",
        n_rows=int(sizes.sum()), n_groups=int(sizes.sum()) - 11, n_left_out=2,
        classes=tuple(
            r.ClassInfo(label=label, n_rows=int(n), n_groups=int(n), is_measurable=bool(n >= 2))
            for label, n in zip(scenario.labels, sizes, strict=True)
        ),
        words_per_text=(1, 9, 17, 31, 120), duplicate_share=0.03,
        findings=(
            r.Finding(code="contradiction", severity="warning", message="4 rows repeat a text under another label.",
                      remedy="Decide which label is right.", lines=(12, 80, 91, 300), n_lines=4),
            r.Finding(code="near_duplicates", severity="note", message="16 rows repeat another row nearly.",
                      remedy="Nothing to do: they stay on one side of every split.", lines=tuple(range(2, 18)), n_lines=16),
        ),
    )  # fmt: skip


def _comparisons(evaluations: list[r.Evaluation]) -> tuple[r.Comparison, ...]:
    records = []
    for i, a in enumerate(evaluations):
        for b in evaluations[i + 1 :]:
            gap = (a.macro_f1 or 0) - (b.macro_f1 or 0)
            p_better = float(1 / (1 + np.exp(-(gap - 0.01) * 60)))
            p_worse = float((1 - p_better) * 0.3)
            word = "better" if p_better > 0.95 else "undecided"
            records.append(
                r.Comparison(a=a.family, b=b.family, difference=gap, interval=(gap - 0.04, gap + 0.04), p_better=p_better,
                             p_equivalent=1 - p_better - p_worse, p_worse=p_worse, verdict=word)
            )  # fmt: skip
    return tuple(records)


def _config(scenario: Scenario) -> r.SearchConfig:
    return r.SearchConfig(
        preset="standard", seed=scenario.seed, families=("logreg", "lightgbm", "lstm"),
        references=("majority", "lstm-as-posted"), n_trials={"logreg": 20, "lightgbm": 8, "lstm": 6}, n_parts=5,
        n_repeats=1, inner="shared", sampler="qmc", rope=0.01,
        search_spaces={"logreg": "ab" * 32, "lightgbm": "cd" * 32, "lstm": "ef" * 32},
    )  # fmt: skip


def _timing(model: bool) -> r.Timing:
    return r.Timing(
        started="2025-03-04T10:11:12Z", total_seconds=512.4,
        fit_seconds={"logreg": 0.08, "lightgbm": 0.9, "lstm": 14.2, "lstm-as-posted": 61.0, "majority": 0.001},
        predict_seconds={"logreg": 0.03, "lightgbm": 0.06, "lstm": 0.9, "lstm-as-posted": 4.0, "majority": 0.001},
        model=r.ModelInfo(file_name="best_model.pkl", sha256="9c" * 32, family="logreg", trial=10, steps=0, temperature=1.0,
                          requirements=("scikit-learn==1.9.0",)) if model else None,
    )  # fmt: skip


def _leaderboard(evaluations: list[r.Evaluation]) -> tuple[r.LeaderboardRow, ...]:
    best = evaluations[0].macro_f1 or 0.0
    return tuple(
        r.LeaderboardRow(
            family=e.family, title=e.title, rank=i + 1, rank_group=1 if best - (e.macro_f1 or 0) < 0.04 else i + 1,
            macro_f1=e.macro_f1, expected_macro_f1=e.expected_macro_f1, interval=e.interval,
            interval_reason=e.interval_reason, is_reference=e.is_reference, status=e.status, reason=e.reason,
            strategy=e.strategy,
        )
        for i, e in enumerate(evaluations)
    )  # fmt: skip


def recommended(scenario: Scenario) -> r.RunResult:
    """A run that ends in a recommendation."""
    evaluations = [evaluation(scenario, family) for family in scenario.skills]
    evaluations.sort(key=lambda e: -(e.macro_f1 or 0))
    best = next(e for e in evaluations if e.family == "logreg")
    low, high = best.interval or (0, 0)
    return r.RunResult(
        recommended="logreg",
        verdict=r.Verdict(
            code="tie", recommended="logreg", confidence="leaning",
            headline=f"Expect macro-F1 {best.expected_macro_f1:.2f} on new texts ({low:.2f} to {high:.2f}).",
            reasons=(
                "LightGBM on TF-IDF cannot be told from it on these rows; logistic regression is simpler and faster.",
                "It beats the LSTM with probability above 0.99.",
            ),
            ties=("lightgbm",),
            would_change=("A further 200 labelled texts could put LightGBM ahead: its curve is still rising.",
                          f"Relabelling {scenario.labels[0]} and {scenario.labels[1]}, which overlap."),
            next_steps=(f"Label 20 more texts of {scenario.labels[-1]}.", "Check the 6 label suspects in section 8."),
            expected_shortfall=0.006,
        ),
        leaderboard=_leaderboard(evaluations),
        procedure=r.Procedure(macro_f1=(best.macro_f1 or 0) - 0.008, expected_macro_f1=best.macro_f1,
                              interval=(low - 0.01, high - 0.005), picks=("logreg", "logreg", "lightgbm", "logreg", "logreg")),
        comparisons=_comparisons(evaluations), evaluations=tuple(evaluations), insight=_insight(scenario),
        signal=r.Signal(macro_f1=0.61, shuffled_mean=0.04, shuffled_high=0.06, p_value=0.01, n_permutations=99, has_signal=True),
        dataset=_dataset(scenario), repeated_macro_f1=(best.macro_f1 or 0) + 0.02, config=_config(scenario),
        versions={"automl_text": "0.1.0", "python": "3.11.2", "scikit-learn": "1.9.0"}, timing=_timing(model=True),
    )  # fmt: skip


def two_categories() -> r.RunResult:
    """200 texts in 2 categories."""
    return recommended(Scenario(labels=("ham", "spam"), n_rows=200, file_name="spam.csv"))


def eighteen_categories() -> r.RunResult:
    """500 texts in 18 categories."""
    return recommended(Scenario(labels=TOPICS, n_rows=500))


def sixty_categories() -> r.RunResult:
    """50,000 texts in 60 categories with long names."""
    labels = tuple(LONGEST.format(i) for i in range(60))
    return recommended(Scenario(labels=labels, n_rows=50_000, file_name="large.parquet"))


def hostile() -> r.RunResult:
    """Labels, texts and the file name are attacks."""
    text = " ".join(ATTACKS[:9]) + " " + ATTACKS[-1]
    return recommended(
        Scenario(labels=ATTACKS, n_rows=500, text=text, file_name=ATTACKS[0] + "\n" + ATTACKS[7])
    )


def without_text() -> r.RunResult:
    """The same as 18 categories under ``--no-text``."""
    result = recommended(Scenario(labels=TOPICS, n_rows=500, text=""))
    return result.model_copy(update={"insight": result.insight.model_copy(update={"top_features": ()})})


def no_signal() -> r.RunResult:
    """Nothing beats shuffled labels."""
    result = recommended(
        Scenario(
            labels=TOPICS,
            n_rows=500,
            skills={"logreg": 0.06, "lightgbm": 0.05, "lstm": 0.04, "majority": 0.0},
        )
    )
    verdict = r.Verdict(
        code="no_signal", recommended=None, confidence="none",
        headline="No family does better than on shuffled labels (p = 0.41), so none is recommended.",
        reasons=("A cheap linear model scores 0.05; on shuffled labels it scores 0.04 on average.",),
        next_steps=("Check that the label column is the right one.", "Let a second person label 50 texts and compare."),
    )  # fmt: skip
    return result.model_copy(
        update={"recommended": None, "verdict": verdict, "insight": r.Insight(), "timing": _timing(model=False),
                "signal": r.Signal(macro_f1=0.05, shuffled_mean=0.04, shuffled_high=0.06, p_value=0.41,
                                   n_permutations=99, has_signal=False)}
    )  # fmt: skip


def all_failed() -> r.RunResult:
    """Every family failed."""
    scenario = Scenario(labels=TOPICS, n_rows=500)
    evaluations = [
        r.Evaluation(family=name, title=title, is_reference=False, simplicity=k, status="failed",
                     reason="libgomp.so.1 is missing: install libgomp1", interval_reason="it failed")
        for name, (title, k, _) in list(TITLES.items())[:3]
    ]  # fmt: skip
    return recommended(scenario).model_copy(
        update={
            "recommended": None, "evaluations": tuple(evaluations), "leaderboard": _leaderboard(evaluations),
            "comparisons": (), "insight": r.Insight(), "signal": None, "repeated_macro_f1": None,
            "procedure": r.Procedure(macro_f1=None, expected_macro_f1=None, interval=None, interval_reason="nothing ran"),
            "timing": r.Timing(),
            "verdict": r.Verdict(code="all_failed", recommended=None, confidence="none",
                                 headline="All three families failed, so there is nothing to recommend.",
                                 reasons=("LightGBM: libgomp.so.1 is missing.",),
                                 next_steps=("Run automl-text families to see what each family needs.",)),
        }
    )  # fmt: skip


SAMPLES = {
    "two": two_categories,
    "eighteen": eighteen_categories,
    "sixty": sixty_categories,
    "hostile": hostile,
    "without_text": without_text,
    "no_signal": no_signal,
    "all_failed": all_failed,
}
