"""The order of things: the only room that knows what follows what."""

from automl_text.experiment.request import Observer, Progress, RunOutput, SearchRequest

__all__ = ["Observer", "Progress", "RunOutput", "SearchRequest"]
