import csv
import random
import signal

import pytest

from automl_text.experiment.request import SearchRequest
from automl_text.experiment.run import run_search

TOPICS = {
    "billing": "invoice charged card refund money bill payment paid",
    "login": "password account email code reset locked sign access",
    "delivery": "parcel late courier tracking address arrived box delivery",
}
FILLER = [
    "please",
    "hello",
    "the",
    "my",
    "is",
    "not",
    "yet",
    "again",
    "today",
    "since",
    "you",
    "can",
    "help",
    "thanks",
    "with",
]


class RunView:
    """Remembers everything that a run says."""

    def __init__(self):
        self.stages, self.notes, self.progress, self.n_planned = [], [], [], 0

    def stage(self, name, detail=""):
        self.stages.append((name, detail))

    def note(self, message):
        self.notes.append(message)

    def planned(self, n_units):
        self.n_planned += n_units

    def finished(self, progress):
        self.progress.append(progress)


class Meddler(RunView):
    """Acts when a stage begins."""

    def __init__(self, name):
        super().__init__()
        self._name = name

    def stage(self, name, detail=""):
        super().stage(name, detail)
        if name == self._name:
            self.act()


class Interrupter(Meddler):
    """Presses Ctrl-C."""

    def act(self):
        signal.raise_signal(signal.SIGINT)


class Stopped(Exception):  # noqa: N818  (not an error)
    """The run has been stopped by whoever watches it."""


class Stopper(Meddler):
    """Ends the run, as a kill would."""

    def act(self):
        raise Stopped


@pytest.fixture
def stopped_at():
    """Run a search up to a stage and no further."""

    def run(request, name):
        with pytest.raises(Stopped):
            run_search(request, Stopper(name))

    return run


@pytest.fixture
def interrupt_at():
    return Interrupter


@pytest.fixture
def watcher():
    return RunView()


@pytest.fixture(scope="session")
def tickets(tmp_path_factory):
    """90 texts in 3 categories, each with two or three words of its topic, one label in ten wrong."""
    rng = random.Random(0)  # noqa: S311  (not cryptography)
    path = tmp_path_factory.mktemp("data") / "tickets.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "category"])
        for row in range(90):
            label = list(TOPICS)[row % 3]
            words = rng.sample(TOPICS[label].split(), rng.choice([2, 3])) + rng.sample(FILLER, 5)
            rng.shuffle(words)
            shown = rng.choice(list(TOPICS)) if rng.random() < 0.1 else label
            writer.writerow([" ".join(words), shown])
    return path


@pytest.fixture(scope="session")
def request_for(tickets):
    def make(output, **changes):
        options = {
            "families": ("logreg", "linear"),
            "references": "majority",
            "n_trials": 2,
            "n_folds": 3,
            "jobs": 1,
        }
        return SearchRequest(data=tickets, preset="quick", output=output, **{**options, **changes})

    return make


@pytest.fixture(scope="session")
def finished_run(request_for, tmp_path_factory):
    """One small search, made once."""
    return run_search(request_for(tmp_path_factory.mktemp("runs") / "tickets"), RunView())
