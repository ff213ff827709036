"""Kill a quick search again and again, continue it with --resume, and compare with an undisturbed one.

Each round is a new search that is ended again and again by kill -9, of its whole process group or of the parent alone:
while fits run, then once at any moment, and last in final tuning, export or the writing of the report. Moments are
drawn in seconds of processor time, so that a busy machine moves none of them. After each kill it is checked that no
process remains; at the end that no unit finished twice, that no temporary file is left, in the output folder or in the
folder for temporary files, and that every result.json is the same but for ``timing``.

    python benchmarks/faults.py [--data FILE] [--rows N] [--rounds 10] [--kills 3] [--seed 0] [--json FILE] [-- OPTIONS]

OPTIONS go to ``automl-text search``; the preset is quick unless named. Twenty kills in mid-fit of every family:

    python benchmarks/faults.py --data FILE --rows 500 --rounds 2 --kills 12
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from automl_text.engine.folder import OWN_FILES

SEARCH_STAGES = ("searching",)
LATE_STAGES = ("judging", "fitting the final model", "writing the report")
STAGES = ("reading the data", "anything to learn", *SEARCH_STAGES, *LATE_STAGES)
EXAMPLE = Path(__file__).parent.parent / "examples" / "support_tickets.csv"
SECONDS_TO_VANISH = 5.0
_SECONDS_BETWEEN_LOOKS = 0.005
GROUP_SHARE = 2 / 3
OURS_IN_TEMP = "automl-text*"
"""Libraries leave files of their own there, such as the .ses of ONNX Runtime."""
FAULTS = ("orphans", "units_finished_twice", "files_left_over", "temporary_files_left_over", "differences")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """Of processor time that an undisturbed search takes, by which moments are drawn."""

    search: float
    late: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill and what was found after it.

    Attributes
    ----------
    stage : str
        The last one that the command had begun.
    n_workers : int
        Processes that ran beside the command.
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
    n_workers: int
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
        """Run to the end and return the seconds of processor time it took."""
        begin = _of_children()
        if code := self.start(resume=resume).wait():
            sys.exit(f"the search ended with exit code {code}: {self.said[-1:]}")
        return _of_children() - begin

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
        Seconds of processor time after the first sign of one of ``stages``.
    stages : tuple of str
        Empty: the seconds run from the start.
    group : bool
        Whether the whole process group is killed at once.
    """
    process = search.start(resume=True)
    while stages and process.poll() is None and not any(stage in "".join(search.said) for stage in stages):
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    begin = processor_seconds(process.pid)
    while process.poll() is None and processor_seconds(process.pid) - begin < moment:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    n_workers = len(children(process.pid))
    if process.poll() is not None:
        return None
    (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    lines, torn = search.journal
    return Kill(
        stage=next((stage for line in reversed(search.said) for stage in STAGES if stage in line), "start"),
        n_workers=n_workers,
        n_journalled=len(lines),
        torn_bytes=len(torn),
        leftovers=tuple(sorted(file.name for file in search.folder.glob(".*"))),
        orphans=orphans(process.pid),
    )


def processor_seconds(pid: int) -> float:
    """Return what a process, its children that run and those that have ended have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(processor_seconds, children(pid)))


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that run."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, file.read_text().split())
    return found


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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


def a_round(search: Search, seconds: Seconds, draw: random.Random, n_kills: int) -> list[Kill]:
    """Kill a new search so many times, the last time in a late stage, then let it finish."""
    n_in_fits = max(n_kills - 2, 1)
    plan = [
        *[(SEARCH_STAGES, min(1.0, 2 / n_in_fits) * seconds.search)] * n_in_fits,
        ((), seconds.search),
        (LATE_STAGES, seconds.late),
    ]
    kills = []
    for stages, longest in plan[:n_kills]:
        kill = killed(search, draw.uniform(0, longest), stages, group=draw.random() < GROUP_SHARE)
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
    print(f"undisturbed: {whole:.0f} s of processor time; once more: {continued:.0f} s", flush=True)
    seconds = Seconds(search=max(whole - continued, 1.0), late=continued / 3)
    draw = random.Random(arguments.seed)  # noqa: S311  (moments, not secrets)
    kills: list[Kill] = []
    disturbed = []
    for number in range(arguments.rounds):
        disturbed.append(Search(data=data, folder=folder / f"disturbed-{number}", options=options))
        kills += a_round(disturbed[-1], seconds, draw, arguments.kills)
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
        "in_mid_fit": sum(kill.stage in SEARCH_STAGES and kill.n_workers > 0 for kill in kills),
        "late_kills": sum(kill.stage in LATE_STAGES for kill in kills),
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
    parser.add_argument(
        "--kills", type=int, default=3, help="in each round; all but the last two while fits run"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("options", nargs="*", help="options of automl-text search, after --")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return run(arguments, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
