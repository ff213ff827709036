"""Every record that is saved. Read this room first: the rest of the project fills these in or shows them.

``result.json`` is a `RunResult`. Reports are made from it alone, so whatever a report shows stands here, already
computed. Scores lie in 0..1, durations are in seconds and stand under ``timing`` only, line numbers count from 1.
"""

from automl_text.results.base import (
    Interval,
    Record,
    Scalar,
)
from automl_text.results.data import (
    ClassInfo,
    DatasetInfo,
    Finding,
    Severity,
    Signal,
)
from automl_text.results.evaluation import (
    Ablation,
    Calibration,
    ClassEffect,
    ClassScore,
    CurveForecast,
    CurvePoint,
    Evaluation,
    LearningCurve,
    MetricRow,
    Optimism,
    SplitChoice,
    TrainingCurve,
    TrialRecord,
)
from automl_text.results.run import (
    FORMAT,
    EncoderInfo,
    ModelInfo,
    RunResult,
    SearchConfig,
    Timing,
)
from automl_text.results.verdict import (
    Comparison,
    Confidence,
    ConfusedPair,
    Insight,
    LeaderboardRow,
    PairVerdict,
    Procedure,
    Suspect,
    TextExample,
    ThresholdRow,
    TopFeatures,
    Verdict,
    VerdictCode,
)

__all__ = [
    "FORMAT",
    "Ablation",
    "Calibration",
    "ClassEffect",
    "ClassInfo",
    "ClassScore",
    "Comparison",
    "Confidence",
    "ConfusedPair",
    "CurveForecast",
    "CurvePoint",
    "DatasetInfo",
    "EncoderInfo",
    "Evaluation",
    "Finding",
    "Insight",
    "Interval",
    "LeaderboardRow",
    "LearningCurve",
    "MetricRow",
    "ModelInfo",
    "Optimism",
    "PairVerdict",
    "Procedure",
    "Record",
    "RunResult",
    "Scalar",
    "SearchConfig",
    "Severity",
    "Signal",
    "SplitChoice",
    "Suspect",
    "TextExample",
    "ThresholdRow",
    "Timing",
    "TopFeatures",
    "TrainingCurve",
    "TrialRecord",
    "Verdict",
    "VerdictCode",
]
