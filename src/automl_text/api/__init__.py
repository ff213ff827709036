"""The Python face: `search` for a whole run, `AutoTextClassifier` for scikit-learn."""

from automl_text.api.classifier import AutoTextClassifier
from automl_text.api.runs import Report, Run, SearchOptions, search

__all__ = ["AutoTextClassifier", "Report", "Run", "SearchOptions", "search"]
