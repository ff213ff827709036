"""`run_search`: what follows what, from a file to a folder with a report and a model."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from automl_text.engine.cores import cores_available
from automl_text.engine.folder import RunFolder
from automl_text.engine.interruption import Interruption
from automl_text.engine.journal import Journal
from automl_text.engine.local import LocalExecutor
from automl_text.engine.run import Engine
from automl_text.experiment.outputs import Searched, write_outputs
from automl_text.experiment.prepare import prepare
from automl_text.experiment.progress import ProgressCounter
from automl_text.experiment.request import RunOutput
from automl_text.experiment.versions import library_versions
from automl_text.search.fitting import FitWork
from automl_text.search.search import search_families
from automl_text.statistics.permutation import signal
from automl_text.verdict.judge import JudgeOptions, judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.engine.executor import Executor
    from automl_text.engine.unit import Outcome, Unit
    from automl_text.experiment.prepare import Prepared
    from automl_text.experiment.request import Observer, SearchRequest
    from automl_text.search.evidence import SearchEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When the run began, by the calendar and by a clock that never jumps."""

    started: str = field(
        default_factory=lambda: datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    )
    monotonic: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.monotonic


def run_search(request: SearchRequest, observer: Observer) -> RunOutput:
    """Search, judge, refit the recommended model and leave everything in the output folder.

    Raises
    ------
    InputError
        If the data, an option, a search space or the folder is wrong; nothing has been fitted then.
    RunError
        If the run cannot go on, such as on a full disk; ``--resume`` continues it.
    """
    clock = Clock()
    observer.stage("reading", str(request.data))
    prepared = prepare(request)
    _note_data(prepared, observer)
    path = request.output or Path("reports") / data_stem(request.data)
    claim = RunFolder.claim(path, resume=request.mode == "resume", overwrite=request.mode == "overwrite")
    with claim as folder, Interruption() as interruption:
        observer.stage("signal")
        data = prepared.plan.dataset
        found_signal = signal(data.texts, data.codes, data.groups, data.measurable, seed=request.seed)
        observer.stage("search")
        evidence = _search(request, prepared, folder, observer, interruption)
        observer.stage("verdict")
        judgement = judge(
            evidence,
            dataset_info=prepared.loaded.info,
            signal=found_signal,
            options=JudgeOptions(
                seed=request.seed,
                rope=prepared.config.rope,
                show_text=request.show_text,
                force=request.force,
            ),
        )
        searched = Searched(
            evidence=evidence, judgement=judgement, signal=found_signal, clock=clock, halt=interruption.halt
        )
        result = write_outputs(request, prepared, searched, folder, observer)
    return RunOutput(folder=path, result=result)


def data_stem(path: Path) -> str:
    """Return the file's name without its endings: ``tickets.csv.gz`` is ``tickets``."""
    return path.name.split(".", maxsplit=1)[0] or path.name


def _search(
    request: SearchRequest,
    prepared: Prepared,
    folder: RunFolder,
    observer: Observer,
    interruption: Interruption,
) -> SearchEvidence:
    plan = prepared.plan
    jobs = request.jobs or cores_available()
    executor = _executor(request, prepared, folder, jobs)
    counter = ProgressCounter(plan, observer, jobs)
    header = {
        "data": plan.maker.data_key,
        "file": plan.dataset.sha256,
        "seed": request.seed,
        "versions": library_versions(),
    }
    try:
        with Journal.open(folder.journal, header) as journal:
            engine = Engine(executor, journal, interruption.halt)

            def run(units: Sequence[Unit]) -> Mapping[str, Outcome]:
                counter.plan_units(engine.missing(units))
                return engine.run(units, counter.count)

            return search_families(plan, run)
    finally:
        executor.close()


def _executor(request: SearchRequest, prepared: Prepared, folder: RunFolder, jobs: int) -> Executor:
    plan = prepared.plan
    work = FitWork(dataset=plan.dataset, partitions=plan.partitions)
    return LocalExecutor(work, jobs=jobs, time_limit=UNIT_SECONDS, log=folder.log)


UNIT_SECONDS = 1800.0
"""A fit that takes longer hangs; on 128,000 rows the slowest takes a few minutes."""


def _note_data(prepared: Prepared, observer: Observer) -> None:
    info = prepared.loaded.info
    observer.note(info.column_choice)
    for finding in info.findings:
        observer.note(f"{finding.severity} {finding.code}: {finding.message}")
