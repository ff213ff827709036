"""Units and ten-line works that worker processes import: they sleep, raise, crash or die on request."""

import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from automl_text.data.dataset import Split
from automl_text.engine.unit import Unit
from automl_text.families.contract import Scores


def unit(number=0, *, do="score", cost=1.0, runtime="light", turn=0, **params):
    return Unit(
        family="fake",
        split=Split(partition=0, train=(0, 1), test=(2,)),
        params={"number": number, "do": do, **params},
        run_seed=0,
        data_key="data",
        runtime=runtime,
        turn=turn,
        cost=cost,
    )


def scores(value=0.0):
    logits = np.array([[[value, -value]]], dtype=np.float32)
    return Scores(steps=(0,), logits=logits, fit_seconds=0.5, predict_seconds=0.25)


def lacks_an_ear():
    return "has no ear"


@dataclass
class Work:
    """Writes one line per start of a unit to ``diary``, then does what the unit's trial says."""

    diary: Path
    data: list = field(default_factory=list)

    def __call__(self, unit):
        number, do = unit.params["number"], unit.params["do"]
        with self.diary.open("a") as file:
            file.write(f"{number} {os.getpid()} {unit.runtime}\n")
        getattr(self, do)(unit)
        return scores(float(number))

    def score(self, _unit):
        pass

    def sleep(self, unit):
        time.sleep(unit.params.get("seconds", 60))

    def fail(self, unit):
        raise ValueError(f"number {unit.params['number']} is odd\nand a second line")

    def lack(self, _unit):
        raise ModuleNotFoundError("No module named 'absent'")

    def tell(self, unit):
        raise ValueError(os.environ[unit.params["variable"]])

    def exit(self, _unit):
        os._exit(3)

    def crash(self, _unit):
        os.kill(os.getpid(), signal.SIGSEGV)

    def crash_once(self, unit):
        if len(self.entries(unit.params["number"])) == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    def crash_once_then_stay(self, unit):
        self.crash_once(unit)
        time.sleep(0.5)
        with self.diary.open("a") as file:
            file.write("ended\n")

    def outlast(self, unit):
        """Go on until so many units have begun."""
        while len(self.entries()) < unit.params["n_begun"]:
            time.sleep(0.05)

    def wait(self, unit):
        """Go on until the test makes the unit's gate."""
        while not self.gate(unit.params["number"]).exists():
            time.sleep(0.05)

    def gate(self, number):
        return self.diary.with_name(f"gate {number}")

    def exhaust(self, _unit):
        bytearray(1 << 50)

    def heavy(self, _unit):
        sys.modules["tensorflow"] = sys

    def entries(self, number=None):
        lines = self.diary.read_text().splitlines() if self.diary.exists() else []
        rows = [line.split() for line in lines]
        return [row for row in rows if number is None or row[0] == str(number)]


class Unloadable:
    def __reduce__(self):
        return (int, ("not a number",))


@dataclass
class HangsAtLoad(Work):
    """Work that hangs in each of the first ``n_times`` processes that load it."""

    n_times: int = 1

    def __reduce__(self):
        return (load_or_hang, (self.diary, self.n_times))


def load_or_hang(diary, n_times):
    loads = diary.with_name("loads.txt")
    with loads.open("a") as file:
        file.write(f"{os.getpid()}\n")
    if len(loads.read_text().splitlines()) <= n_times:
        time.sleep(60)
    return Work(diary)
