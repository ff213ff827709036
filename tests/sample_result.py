"""Invented but plausible run results of several sizes and outcomes, and one whose every word is an attack."""

from __future__ import annotations

import numpy as np

from automl_text import results as r
from sample_evaluation import ATTACKS, LONGEST, TITLES, TOPICS, Scenario, confusion, evaluation


def _examples(scenario: Scenario) -> tuple[r.TextExample, ...]:
    """Return one text for each text counted in the confusion matrix of the recommended family, wrong ones first."""
    matrix, found = confusion(scenario, "logreg"), []
    for i, row in enumerate(matrix):
        for j, n in enumerate(row):
            found += [(i, j)] * min(int(n), 20)
    found.sort(key=lambda pair: pair[0] == pair[1])
    return tuple(
        r.TextExample(
            line=90 + k,
            text=scenario.text,
            label=scenario.labels[i],
            predicted=scenario.labels[j],
            confidence=0.93 - k / 1e5,
            words=("invoice", "number", scenario.text[:40]) if scenario.text and i != j else (),
            place=((k * 37 % 100) / 100, (k * 61 % 100) / 100),
        )
        for k, (i, j) in enumerate(found[:1000])
    )


def _insight(scenario: Scenario) -> r.Insight:
    labels = scenario.labels
    pairs = [(labels[i], labels[(i + 1) % len(labels)]) for i in range(min(6, len(labels)))]
    sizes = scenario.class_sizes
    thresholds = tuple(
        r.ThresholdRow(
            threshold=t,
            coverage=1 - t**2 * 0.8,
            coverage_interval=(max(0, 0.97 - t**2 * 0.8), min(1, 1.03 - t**2 * 0.8)),
            error=0.28 * (1 - t),
            error_interval=(0.2 * (1 - t), 0.33 * (1 - t) + 0.02),
            n_decided=int(scenario.n_rows * (1 - t**2 * 0.8)),
            by_class=tuple((int(n * (1 - t**2 * 0.8)), int(n * 0.2 * (1 - t))) for n in sizes),
        )
        for t in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
    )
    return r.Insight(
        thresholds=thresholds,
        advised_threshold=0.9,
        never_safe=labels[-3:] if len(labels) > 3 else labels[-1:],
        examples=_examples(scenario),
        suspects=tuple(
            r.Suspect(
                line=90 + i,
                text=scenario.text,
                label=a,
                suggested=b,
                probability=0.91 - i / 50,
                reason="contradiction" if i % 2 else "families_agree",
            )
            for i, (a, b) in enumerate(pairs)
        ),
        label_next=labels[-3:],
        top_features=tuple(
            r.TopFeatures(
                label=label,
                features=tuple(
                    (f"{word}", 3.1 - k / 3)
                    for k, word in enumerate(("invoice", "where is", " parc", "lost", scenario.text[:30]))
                ),
            )
            for label in labels
        ),
        plain_code="import pandas as pd\n\ndata = pd.read_csv('data.csv')\nmodel = make_pipeline(...)\n",
    )


def _dataset(scenario: Scenario) -> r.DatasetInfo:
    sizes = scenario.class_sizes
    return r.DatasetInfo(
        file_name=scenario.file_name,
        sha256="5f" * 32,
        encoding="utf-8",
        separator=",",
        text_columns=("message",),
        label_column="category",
        group_column=None,
        column_choice="message is the only column with long texts",
        n_rows=int(sizes.sum()),
        n_groups=int(sizes.sum()) - 11,
        n_left_out=2,
        classes=tuple(
            r.ClassInfo(label=label, n_rows=int(n), n_groups=int(n), is_measurable=bool(n >= 2))
            for label, n in zip(scenario.labels, sizes, strict=True)
        ),
        words_per_text=(1, 9, 17, 31, 120),
        duplicate_share=0.03,
        findings=(
            r.Finding(
                code="contradiction",
                severity="warning",
                message="4 rows repeat a text under another label.",
                remedy="Decide which label is right.",
                lines=(12, 80, 91, 300),
                n_lines=4,
            ),
            r.Finding(
                code="near_duplicates",
                severity="note",
                message="16 rows repeat another row nearly.",
                remedy="Nothing to do: they stay on one side of every split.",
                lines=tuple(range(2, 18)),
                n_lines=16,
            ),
        ),
    )


def _comparisons(evaluations: list[r.Evaluation]) -> tuple[r.Comparison, ...]:
    records = []
    for i, a in enumerate(evaluations):
        for b in evaluations[i + 1 :]:
            gap = (a.macro_f1 or 0) - (b.macro_f1 or 0)
            p_better = float(1 / (1 + np.exp(-(gap - 0.01) * 60)))
            p_worse = float((1 - p_better) * 0.3)
            word = "better" if p_better > 0.95 else "undecided"
            records.append(
                r.Comparison(
                    a=a.family,
                    b=b.family,
                    difference=gap,
                    interval=(gap - 0.04, gap + 0.04),
                    p_better=p_better,
                    p_equivalent=1 - p_better - p_worse,
                    p_worse=p_worse,
                    verdict=word,
                )
            )
    return tuple(records)


def _config(scenario: Scenario) -> r.SearchConfig:
    return r.SearchConfig(
        preset="standard",
        seed=scenario.seed,
        families=("logreg", "lightgbm", "lstm"),
        references=("majority", "lstm-as-posted"),
        n_trials={"logreg": 20, "lightgbm": 8, "lstm": 6},
        n_folds=5,
        n_repeats=1,
        rope=0.01,
        search_spaces={"logreg": "ab" * 32, "lightgbm": "cd" * 32, "lstm": "ef" * 32},
    )


def _timing(*, model: bool) -> r.Timing:
    return r.Timing(
        started="2025-03-04T10:11:12Z",
        total_seconds=512.4,
        fit_seconds={
            "logreg": 0.08,
            "lightgbm": 0.9,
            "lstm": 14.2,
            "lstm-as-posted": 61.0,
            "majority": 0.001,
        },
        predict_seconds={
            "logreg": 0.03,
            "lightgbm": 0.06,
            "lstm": 0.9,
            "lstm-as-posted": 4.0,
            "majority": 0.001,
        },
        given={
            "logreg": r.FamilyCost(n_fits=305, seconds=24.4),
            "lightgbm": r.FamilyCost(n_fits=125, seconds=110.0),
            "lstm": r.FamilyCost(n_fits=60, seconds=840.0, cut="2 of 8 trials not tried"),
        },
        speed=r.Speed(cold_seconds=1.4, texts_per_second=12345.6, megabytes=180, n_texts=492)
        if model
        else None,
        model=r.ModelInfo(
            file_name="best_model.pkl",
            sha256="9c" * 32,
            family="logreg",
            trial=10,
            steps=0,
            temperature=1.0,
            requirements=("scikit-learn==1.9.0",),
        )
        if model
        else None,
    )


def _leaderboard(evaluations: list[r.Evaluation]) -> tuple[r.LeaderboardRow, ...]:
    best = evaluations[0].macro_f1 or 0.0
    return tuple(
        r.LeaderboardRow(
            family=e.family,
            title=e.title,
            rank=i + 1,
            rank_group=1 if best - (e.macro_f1 or 0) < 0.04 else i + 1,
            macro_f1=e.macro_f1,
            expected_macro_f1=e.expected_macro_f1,
            interval=e.interval,
            interval_reason=e.interval_reason,
            is_reference=e.is_reference,
            status=e.status,
            reason=e.reason,
            strategy=e.strategy,
        )
        for i, e in enumerate(evaluations)
    )


def recommended(scenario: Scenario) -> r.RunResult:
    """A run that ends in a recommendation."""
    evaluations = [evaluation(scenario, family) for family in scenario.skills]
    evaluations.sort(key=lambda e: -(e.macro_f1 or 0))
    best = next(e for e in evaluations if e.family == "logreg")
    low, high = best.interval or (0, 0)
    return r.RunResult(
        recommended="logreg",
        verdict=r.Verdict(
            code="tie",
            recommended="logreg",
            confidence="leaning",
            headline=f"Expect macro-F1 {best.expected_macro_f1:.2f} on new texts ({low:.2f} to {high:.2f}).",
            reasons=(
                "LightGBM on TF-IDF cannot be told from it on these rows; logistic regression is simpler and faster.",
                "It beats the LSTM with probability above 0.99.",
            ),
            ties=("lightgbm",),
            would_change=(
                "A further 200 labelled texts could put LightGBM ahead: its curve is still rising.",
                f"Relabelling {scenario.labels[0]} and {scenario.labels[1]}, which overlap.",
            ),
            next_steps=(
                f"Label 20 more texts of {scenario.labels[-1]}.",
                "Check the 6 label suspects.",
            ),
            expected_shortfall=0.006,
        ),
        leaderboard=_leaderboard(evaluations),
        procedure=r.Procedure(
            macro_f1=(best.macro_f1 or 0) - 0.008,
            expected_macro_f1=best.macro_f1,
            interval=(low - 0.01, high - 0.005),
            accuracy=next(row.value for row in best.metrics if row.name == "accuracy") + 0.02,
            accuracy_interval=(0.74, 0.83),
            picks=("logreg", "logreg", "lightgbm", "logreg", "logreg"),
        ),
        comparisons=_comparisons(evaluations),
        evaluations=tuple(evaluations),
        insight=_insight(scenario),
        signal=r.Signal(
            macro_f1=0.61,
            shuffled_mean=0.04,
            shuffled_high=0.06,
            p_value=0.01,
            n_permutations=99,
            has_signal=True,
        ),
        dataset=_dataset(scenario),
        repeated_macro_f1=(best.macro_f1 or 0) + 0.02,
        config=_config(scenario),
        versions={"automl-text": "0.1.0", "python": "3.11.2", "scikit-learn": "1.9.0"},
        timing=_timing(model=True),
    )


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
        code="no_signal",
        recommended=None,
        confidence="none",
        headline="No family does better than on shuffled labels (p = 0.41), so none is recommended.",
        reasons=("A cheap linear model scores 0.05; on shuffled labels it scores 0.04 on average.",),
        next_steps=(
            "Check that the label column is the right one.",
            "Let a second person label 50 texts and compare.",
        ),
    )
    return result.model_copy(
        update={
            "recommended": None,
            "verdict": verdict,
            "insight": r.Insight(),
            "timing": _timing(model=False),
            "signal": r.Signal(
                macro_f1=0.05,
                shuffled_mean=0.04,
                shuffled_high=0.06,
                p_value=0.41,
                n_permutations=99,
                has_signal=False,
            ),
        }
    )


def all_failed() -> r.RunResult:
    """Every family failed."""
    scenario = Scenario(labels=TOPICS, n_rows=500)
    evaluations = [
        r.Evaluation(
            family=name,
            title=title,
            is_reference=False,
            simplicity=k,
            status="failed",
            reason="libgomp.so.1 is missing: install libgomp1",
            interval_reason="it failed",
        )
        for name, (title, k, _) in list(TITLES.items())[:3]
    ]
    return recommended(scenario).model_copy(
        update={
            "recommended": None,
            "evaluations": tuple(evaluations),
            "leaderboard": _leaderboard(evaluations),
            "comparisons": (),
            "insight": r.Insight(),
            "signal": None,
            "repeated_macro_f1": None,
            "procedure": r.Procedure(
                macro_f1=None, expected_macro_f1=None, interval=None, interval_reason="nothing ran"
            ),
            "timing": r.Timing(),
            "verdict": r.Verdict(
                code="all_failed",
                recommended=None,
                confidence="none",
                headline="All three families failed, so there is nothing to recommend.",
                reasons=("LightGBM: libgomp.so.1 is missing.",),
                next_steps=("Run automl-text families to see what each family needs.",),
            ),
        }
    )


SAMPLES = {
    "two": two_categories,
    "eighteen": eighteen_categories,
    "sixty": sixty_categories,
    "hostile": hostile,
    "without_text": without_text,
    "no_signal": no_signal,
    "all_failed": all_failed,
}
