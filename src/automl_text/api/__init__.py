"""The Python face: `search` for a whole run, `AutoTextClassifier` for scikit-learn, and what follows a first run."""

from automl_text.api.after import compare, explain, next_to_label, suspects, watch, whatif
from automl_text.api.classifier import AutoTextClassifier
from automl_text.api.runs import SearchOptions, search
from automl_text.experiment.runs import Report, Run

__all__ = [
    "AutoTextClassifier",
    "Report",
    "Run",
    "SearchOptions",
    "compare",
    "explain",
    "next_to_label",
    "search",
    "suspects",
    "watch",
    "whatif",
]
