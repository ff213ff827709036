"""One family on an invented data set: records that agree with each other, from one confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from automl_text import results as r

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOPICS = (
    "billing",
    "login",
    "delivery",
    "refund",
    "cancellation",
    "address change",
    "invoice copy",
    "damaged item",
    "late parcel",
    "password reset",
    "discount code",
    "gift card",
    "size exchange",
    "warranty",
    "spare part",
    "praise",
    "privacy request",
    "data export",
)
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
            "lightgbm": 0.93,
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
    "logreg": ("TF-IDF + logistic regression", 1, "balanced"),
    "lightgbm": ("LightGBM on TF-IDF", 3, "tempered"),
    "lstm": ("LSTM", 5, "balanced"),
    "lstm-as-posted": ("LSTM as posted", 6, "balanced"),
    "majority": ("Majority class", 0, "none"),
}


def confusion(scenario: Scenario, family: str) -> NDArray[np.int64]:
    """Return an invented confusion matrix: harder for rare categories, mostly with the next one."""
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
                label=label,
                support=support,
                precision=hit / said if said else 0.0,
                recall=hit / support,
                f1=f1,
                interval=(max(0.0, f1 - half), min(1.0, f1 + half)) if support >= 5 else None,
                is_measurable=support >= 2,
                is_grey=support < 8,
            )
        )
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
                number=number,
                params={
                    "c": round(float(rng.uniform(0.1, 30)), 3),
                    "word_ngram_max": 2,
                    "strategy": "balanced" if number % 2 else "none",
                },
                steps=0 if family == "logreg" else 12,
                inner_score=None if failed else score,
                inner_scores=(None if failed else score,) * 5,
                status="failed" if failed else "done",
                reason="loss is not finite" if failed else "",
            )
        )
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
        r.CurveForecast(
            n_rows=n * k,
            macro_f1=macro_f1 + 0.06 * (1 - 1 / k),
            low=macro_f1 + 0.02 * (1 - 1 / k) - 0.02,
            high=macro_f1 + 0.1 * (1 - 1 / k) + 0.02,
        )
        for k in (1, 2, 4, 8)
    ]
    return r.LearningCurve(
        measured=tuple(measured),
        forecast=tuple(forecast),
        gain_of_doubling=0.03,
        sentence="Twice as many labelled texts would add about 0.03 to macro-F1 (0.01 to 0.05).",
    )


def _ablation(macro_f1: float) -> tuple[r.Ablation, ...]:
    return (
        r.Ablation(
            strategy="none", is_chosen=False, macro_f1=macro_f1 - 0.04, gain=0.0, interval=None, by="outer"
        ),
        r.Ablation(
            strategy="balanced",
            is_chosen=True,
            macro_f1=macro_f1,
            gain=0.04,
            interval=(0.01, 0.07),
            by="outer",
            per_class=(r.ClassEffect(label="billing", gain=0.2, interval=(0.05, 0.35)),),
        ),
        r.Ablation(
            strategy="oversampling",
            is_chosen=False,
            macro_f1=macro_f1 - 0.03,
            gain=0.01,
            interval=(-0.02, 0.04),
            by="outer",
        ),
    )


def evaluation(scenario: Scenario, family: str) -> r.Evaluation:
    """One family's records, all from one confusion matrix."""
    title, simplicity, strategy = TITLES[family]
    matrix = confusion(scenario, family)
    per_class = _per_class(scenario, matrix)
    macro_f1 = float(np.mean([row.f1 for row in per_class]))
    accuracy = float(np.trace(matrix) / matrix.sum())
    is_reference = family in {"lstm-as-posted", "majority"}
    trials = _trials(family, macro_f1)
    choices = tuple(
        r.SplitChoice(
            split=i,
            trial=10 if family == "logreg" and i else 0,
            params=trials[10 if family == "logreg" and i else 0].params,
            steps=0,
            inner_score=macro_f1 + 0.01,
            outer_score=macro_f1 + 0.02 * (i - 2),
            training_score=0.98,
        )
        for i in range(5)
    )
    return r.Evaluation(
        family=family,
        title=title,
        is_reference=is_reference,
        simplicity=simplicity,
        status="done",
        notes=("Texts were cut at 250 tokens.",) if family == "lstm-as-posted" else (),
        strategy=strategy,
        trials=trials,
        choices=choices,
        final_trial=0,
        final_steps=0,
        n_parameters={"logreg": 81_234, "lightgbm": 22_110, "lstm": 310_000, "lstm-as-posted": 5_082_218}.get(
            family, 1
        ),
        macro_f1=macro_f1,
        expected_macro_f1=macro_f1 + 0.012,
        interval=(macro_f1 - 0.045, macro_f1 + 0.06),
        metrics=_metrics(scenario, macro_f1, accuracy),
        per_class=per_class,
        confusion=tuple(tuple(int(x) for x in row) for row in matrix),
        calibration=r.Calibration(temperature=1.3, ece_before=0.12, ece_after=0.04),
        learning_curve=None if is_reference else _learning_curve(scenario, macro_f1),
        training_curves=_curves(family, 0.08 if is_reference else macro_f1),
        ablation=() if is_reference else _ablation(macro_f1),
        optimism=r.Optimism(
            inner_best=macro_f1 + 0.02,
            outer=macro_f1,
            training=0.98,
            default_params=macro_f1 - 0.03,
            tuning_gain=0.03,
            tuning_interval=(0.0, 0.06),
            n_distinct_choices=2,
        ),
    )
