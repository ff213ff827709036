"""A search in miniature, run as a script and killed by tests: python engine_search.py FOLDER [SECONDS]."""

import json
import sys
from pathlib import Path

from engine_fakes import Work, unit

from automl_text.engine.executor import Engine
from automl_text.engine.folder import RunFolder
from automl_text.engine.halt import _EXIT_CODE, Interruption
from automl_text.engine.journal import Journal
from automl_text.engine.local import LocalExecutor


def units_of(seconds):
    return [unit(number, do="sleep", seconds=seconds) for number in range(30)]


UNITS = units_of(0.1)


def search(path, units):
    with RunFolder.claim(path) as folder, Interruption() as stop:
        folder.begin()
        journal = Journal.open(folder.journal, {})
        with Engine(LocalExecutor(Work(path / "diary.txt"), jobs=2), journal, stop.halt) as engine:
            outcomes = engine.run(units)
        if stop.is_requested:
            sys.exit(_EXIT_CODE)
        result = {key: float(outcome.scores.logits[0, 0, 0]) for key, outcome in outcomes.items()}
        folder.write("result.json", json.dumps(result))
        folder.finish()


if __name__ == "__main__":
    search(Path(sys.argv[1]), units_of(float(sys.argv[2])) if sys.argv[2:] else UNITS)
