"""An executor without processes, for tests of what needs outcomes and not how they come about."""

from automl_text.engine.executor import start_all
from automl_text.engine.halt import never
from automl_text.engine.local import _attempt


class InlineExecutor:
    """Runs units one after the other in this process: no time limit, no survival of a crash."""

    n_at_once = 1

    def __init__(self, work):
        self._work = work

    def run(self, units, halt=never, known=start_all):
        """Yield outcomes, the costliest unit of the earliest turn first."""
        for unit in sorted(units, key=lambda unit: (unit.turn, -unit.cost)):
            if halt() != "no":
                return
            yield known(unit) or _attempt(self._work, unit)

    def close(self):
        """Do nothing: there is nothing to give back."""
