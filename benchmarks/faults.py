"""Kill a quick search again and again, continue it with --resume, and compare with an undisturbed one.

Each round is a new search that is ended three times by kill -9, of its whole process group or of the parent alone:
while fits run, at any moment, and in final tuning, export or the writing of the report. After each kill it is checked
that no process remains; at the end that no unit finished twice, that no temporary file is left, in the output folder or
in the folder for temporary files, and that every result.json is the same but for ``timing``.

    python benchmarks/faults.py [--data FILE] [--rows N] [--rounds 10] [--seed 0] [--json FILE] [-- OPTIONS]

OPTIONS go to ``automl-text search``; left out, the preset is quick.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from automl_text.engine.folder import OWN_FILES

SEARCH_STAGES = ("searching",)
LATE_STAGES = ("judging", "fitting the final model", "writing the report")
EXAMPLE = Path(__file__).parent.parent / "examples" / "support_tickets.csv"
SECONDS_TO_VANISH = 5.0
GROUP_SHARE = 2 / 3
OURS_IN_TEMP = "automl-text*"
"""Libraries leave files of their own there, such as the .ses of ONNX Runtime."""
FAULTS = ("orphans", "units_finished_twice", "files_left_over", "temporary_files_left_over", "differences")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """How long an undisturbed search takes, by which moments are drawn."""

    search: float
    late: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill and what was found after it.

    Attributes
    ----------
    stage : str
        What the command had said last.
    n_journalled : int
        Outcomes in the journal.
    torn_bytes : int
        Length of a last line without an end.
    leftovers : tuple of str
        Half-written files, which the next run has to clear away.
    orphans : int
        Processes of the search that still ran seconds later.
    """

    stage: str
    n_journalled: int
    torn_bytes: int
    leftovers: tuple[str, ...]
    orphans: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search command and its folder."""

    data: Path
    folder: Path
    options: tuple[str, ...]

    def start(self, *, resume: bool) -> subprocess.Popen[str]:
        """Start the command in a process group of its own."""
        command = [
            sys.executable,
            "-m",
            "automl_text",
            "search",
            str(self.data),
            "--output",
            str(self.folder),
        ]
        mode = ["--resume"] if resume else []
        return subprocess.Popen(  # noqa: S603  (our own command)
            [*command, *mode, *self.options],
            start_new_session=True,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder.parent / f"{self.folder.name}.stderr").open("w"),
        )

    @property
    def temporary(self) -> Path:
        """The search's own folder for temporary files, in which nobody else leaves any."""
        folder = self.folder.parent / f"{self.folder.name}.tmp"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def said(self) -> list[str]:
        """Lines that the command has printed so far."""
        return (self.folder.parent / f"{self.folder.name}.stderr").read_text().splitlines()

    def finish(self, *, resume: bool) -> float:
        """Run to the end and return the seconds it took."""
        begin = time.monotonic()
        if code := self.start(resume=resume).wait():
            sys.exit(f"the search ended with exit code {code}: {self.said[-1:]}")
        return time.monotonic() - begin

    @property
    def result(self) -> dict[str, object]:
        """What result.json holds, except what a clock has measured."""
        content: dict[str, object] = json.loads((self.folder / "result.json").read_text())
        del content["timing"]
        return content

    @property
    def journal(self) -> tuple[list[bytes], bytes]:
        """Whole lines of the journal after the first, and what follows the last line end."""
        path = self.folder / "journal.jsonl"
        *lines, torn = path.read_bytes().split(b"\n") if path.exists() else [b""]
        return lines[1:], torn


def killed(search: Search, moment: float, stages: tuple[str, ...], *, group: bool) -> Kill | None:
    """Start or continue the search, kill it, and say what it left; None where it ended before the moment.

    Parameters
    ----------
    search : Search
    moment : float
        Seconds after the first sign of one of ``stages``.
    stages : tuple of str
        Empty: the seconds run from the start.
    group : bool
        Whether the whole process group is killed at once.
    """
    process = search.start(resume=True)
    while stages and process.poll() is None and not any(stage in "".join(search.said) for stage in stages):
        time.sleep(0.01)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
    else:
        return None
    lines, torn = search.journal
    stage = search.said[-1].removeprefix("automl-text: ") if search.said else "start"
    return Kill(
        stage=stage,
        n_journalled=len(lines),
        torn_bytes=len(torn),
        leftovers=tuple(sorted(file.name for file in search.folder.glob(".*"))),
        orphans=orphans(process.pid),
    )


def orphans(group: int) -> int:
    """Return how many processes of the group remain after a few seconds."""
    end = time.monotonic() + SECONDS_TO_VANISH
    while (remaining := members(group)) and time.monotonic() < end:
        time.sleep(0.05)
    return remaining


def members(group: int) -> int:
    """Return how many processes of a process group run now."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (entry / "stat").read_text().rsplit(")")[-1].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        count += int(its_group) == group and state != "Z"
    return count


def finished_twice(search: Search) -> int:
    """Return how many units the journal holds as done more than once."""
    done = Counter(
        record["key"] for record in map(json.loads, search.journal[0]) if record["status"] == "done"
    )
    return sum(count > 1 for count in done.values())


def first_difference(a: object, b: object, path: str = "") -> str:
    """Return where two JSON values differ first, empty where they are equal."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        pairs = [(f"{path}.{key}", a[key], b[key]) for key in a]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = [(f"{path}[{i}]", *pair) for i, pair in enumerate(zip(a, b, strict=True))]
    else:
        return "" if a == b else f"{path}: {str(a)[:80]} != {str(b)[:80]}"
    return next(filter(None, (first_difference(x, y, where) for where, x, y in pairs)), "")


def shortened(data: Path, n_rows: int, folder: Path) -> Path:
    """Return a copy of the file with its first rows only."""
    with data.open(newline="") as source, (folder / data.name).open("w", newline="") as target:
        rows = csv.reader(source)
        csv.writer(target).writerows(row for _, row in zip(range(n_rows + 1), rows, strict=False))
    return folder / data.name


def a_round(search: Search, seconds: Seconds, draw: random.Random) -> list[Kill]:
    """Kill a new search three times, the last time in a late stage, then let it finish."""
    moments = (
        (SEARCH_STAGES, draw.uniform(0, seconds.search)),
        ((), draw.uniform(0, seconds.search)),
        (LATE_STAGES, draw.uniform(0, seconds.late)),
    )
    kills = []
    for stages, moment in moments:
        kill = killed(search, moment, stages, group=draw.random() < GROUP_SHARE)
        if kill is not None:
            kills.append(kill)
            print(kill, flush=True)
    search.finish(resume=True)
    return kills


def run(arguments: argparse.Namespace, folder: Path) -> int:
    """Kill and compare; return the exit code."""
    data = shortened(arguments.data, arguments.rows, folder) if arguments.rows else arguments.data.resolve()
    options = ("--preset", "quick", *arguments.options)
    undisturbed = Search(data=data, folder=folder / "undisturbed", options=options)
    whole, continued = undisturbed.finish(resume=False), undisturbed.finish(resume=True)
    print(f"undisturbed: {whole:.0f} s; continued when finished: {continued:.0f} s", flush=True)
    seconds = Seconds(search=max(whole - continued, 1.0), late=continued / 3)
    draw = random.Random(arguments.seed)  # noqa: S311  (moments, not secrets)
    kills: list[Kill] = []
    disturbed = []
    for number in range(arguments.rounds):
        disturbed.append(Search(data=data, folder=folder / f"disturbed-{number}", options=options))
        kills += a_round(disturbed[-1], seconds, draw)
    summary = summarized(kills, undisturbed, disturbed)
    for name, value in summary.items():
        print(f"{name:28}{value}")
    if arguments.json:
        content = {**summary, "each": [asdict(kill) for kill in kills]}
        arguments.json.write_text(json.dumps(content, indent=1) + "\n")
    return int(any(summary[name] for name in FAULTS))


def summarized(kills: list[Kill], undisturbed: Search, disturbed: list[Search]) -> dict[str, object]:
    """Return what all rounds came to; the names in `FAULTS` stand for something lost where they are not empty."""
    left = {file.name for search in disturbed for file in search.folder.iterdir()} - set(OWN_FILES)
    temporary = [file.name for search in disturbed for file in search.temporary.glob(OURS_IN_TEMP)]
    differences = [first_difference(undisturbed.result, search.result) for search in disturbed]
    return {
        "rounds": len(disturbed),
        "kills": len(kills),
        "late_kills": sum(any(stage in kill.stage for stage in LATE_STAGES) for kill in kills),
        "torn_lines": sum(kill.torn_bytes > 0 for kill in kills),
        "half_written_files": sum(len(kill.leftovers) for kill in kills),
        "orphans": sum(kill.orphans for kill in kills),
        "units_finished_twice": sum(finished_twice(search) for search in disturbed),
        "files_left_over": sorted(left),
        "temporary_files_left_over": sorted(temporary),
        "differences": [difference for difference in differences if difference],
    }


def main() -> int:
    """Parse the arguments and run in a folder of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=EXAMPLE)
    parser.add_argument("--rows", type=int, default=0, help="use the first rows only")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("options", nargs="*", help="options of automl-text search, after --")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return run(arguments, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
