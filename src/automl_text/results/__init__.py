"""Every record that is saved. Read this room first: the rest of the project fills these in or shows them.

``result.json`` is a `RunResult`. Reports are made from it alone, so whatever a report shows stands here, already
computed. Scores lie in 0..1, durations are in seconds and stand under ``timing`` only, line numbers count from 1.
"""

from automl_text.results.data import FEW_GROUPS as FEW_GROUPS
from automl_text.results.data import ClassInfo as ClassInfo
from automl_text.results.data import DatasetInfo as DatasetInfo
from automl_text.results.data import FeatureColumn as FeatureColumn
from automl_text.results.data import Figures as Figures
from automl_text.results.data import Finding as Finding
from automl_text.results.data import Interval as Interval
from automl_text.results.data import Record as Record
from automl_text.results.data import Scalar as Scalar
from automl_text.results.data import Severity as Severity
from automl_text.results.data import Signal as Signal
from automl_text.results.data import TimeOrder as TimeOrder
from automl_text.results.data import finding as finding
from automl_text.results.data import text_name_of as text_name_of
from automl_text.results.evaluation import TEXT_ALONE as TEXT_ALONE
from automl_text.results.evaluation import Ablation as Ablation
from automl_text.results.evaluation import Calibration as Calibration
from automl_text.results.evaluation import ClassEffect as ClassEffect
from automl_text.results.evaluation import ClassScore as ClassScore
from automl_text.results.evaluation import CurveForecast as CurveForecast
from automl_text.results.evaluation import CurvePoint as CurvePoint
from automl_text.results.evaluation import Evaluation as Evaluation
from automl_text.results.evaluation import LearningCurve as LearningCurve
from automl_text.results.evaluation import MetricRow as MetricRow
from automl_text.results.evaluation import Optimism as Optimism
from automl_text.results.evaluation import SplitChoice as SplitChoice
from automl_text.results.evaluation import TrainingCurve as TrainingCurve
from automl_text.results.evaluation import TrialRecord as TrialRecord
from automl_text.results.result import FORMAT as FORMAT
from automl_text.results.result import EncoderInfo as EncoderInfo
from automl_text.results.result import FamilyCost as FamilyCost
from automl_text.results.result import ModelInfo as ModelInfo
from automl_text.results.result import RunResult as RunResult
from automl_text.results.result import SearchConfig as SearchConfig
from automl_text.results.result import Speed as Speed
from automl_text.results.result import Timing as Timing
from automl_text.results.verdict import Comparison as Comparison
from automl_text.results.verdict import Confidence as Confidence
from automl_text.results.verdict import Insight as Insight
from automl_text.results.verdict import LeaderboardRow as LeaderboardRow
from automl_text.results.verdict import PairVerdict as PairVerdict
from automl_text.results.verdict import Procedure as Procedure
from automl_text.results.verdict import Suspect as Suspect
from automl_text.results.verdict import TextExample as TextExample
from automl_text.results.verdict import ThresholdRow as ThresholdRow
from automl_text.results.verdict import TopFeatures as TopFeatures
from automl_text.results.verdict import Verdict as Verdict
from automl_text.results.verdict import VerdictCode as VerdictCode
