"""`run_search`: what follows what, from a file to a folder with a report and a model."""

from __future__ import annotations

import dataclasses
import os
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from automl_text.engine.executor import Engine
from automl_text.engine.folder import OWN_FILES, RunFolder
from automl_text.engine.halt import Interruption
from automl_text.engine.local import cores_available
from automl_text.errors import InputError
from automl_text.experiment.budget import Budget, Clock
from automl_text.experiment.encoder import encoders_at
from automl_text.experiment.inspect import signal_in
from automl_text.experiment.observer import RunLog
from automl_text.experiment.outputs import Searched, write_outputs
from automl_text.experiment.prepare import prepare
from automl_text.experiment.runs import Run
from automl_text.experiment.searching import Session, open_executor, open_journal, search
from automl_text.families.encoder.place import share_vectors
from automl_text.loop.baseline import sentence_on_baseline, with_baseline
from automl_text.loop.compare import judged_run
from automl_text.verdict.judge import JudgeOptions, judge

if TYPE_CHECKING:
    from automl_text.experiment.observer import Observer
    from automl_text.experiment.prepare import Prepared
    from automl_text.experiment.request import SearchRequest
    from automl_text.loop.compare import Judged
    from automl_text.results import EncoderInfo, RunResult


def run_search(request: SearchRequest, observer: Observer) -> Run:
    """Search, judge, refit the recommended model and leave everything in the output folder.

    Raises
    ------
    InputError
        If the data, an option, a search space or the folder is wrong; nothing has been fitted then.
    RunError
        If the run cannot go on, such as on a full disk; ``--resume`` continues it.
    """
    request.check()
    clock, log = Clock(), RunLog(observer)
    log.line(f"start: preset {request.preset}, seed {request.seed}, {request.mode} run")
    path = output_folder(request)
    _refuse_own_input(request, path)
    claim = RunFolder.claim(path, resume=request.mode == "resume", overwrite=request.mode == "overwrite")
    with (
        threadpool_limits(1, user_api="blas"),  # on a busy machine threads wait for one another, hundredfold
        claim as folder,
        encoders_at(request.encoders, log.note, families=request.families) as encoders,
    ):
        return Run(folder=path, result=_run(request, log, folder, encoders, clock))


def _run(
    request: SearchRequest, log: RunLog, folder: RunFolder, encoders: tuple[EncoderInfo, ...], clock: Clock
) -> RunResult:
    """Check all that may be refused, then let the run begin."""
    log.stage("reading", str(request.data))
    prepared = prepare(request, encoders)
    earlier = _earlier_run(request, prepared) if request.fixes else None
    _note_data(prepared, log)
    executor = open_executor(request, prepared, jobs=request.jobs or cores_available(), log=folder.log)
    with closing(executor), Interruption(lambda: log.note(_ENDING)) as interruption:
        journal = open_journal(folder.journal, prepared, is_new=request.mode == "overwrite")
        folder.begin()
        log.write_to(folder.log)
        if encoders:
            share_vectors(folder.vectors)
        budget = Budget(prepared.plan, clock, seconds=request.time_budget)
        session = Session(folder=folder, observer=log, interruption=interruption, budget=budget)
        searched = _searched(request, prepared, session, Engine(executor, journal, session.halt))
        result = write_outputs(request, prepared, dataclasses.replace(searched, earlier=earlier), session)
        log.line(f"finish: {clock.seconds:.1f} seconds, recommended: {result.recommended or 'none'}")
        folder.finish()
    return result


def _searched(request: SearchRequest, prepared: Prepared, session: Session, engine: Engine) -> Searched:
    """Search and judge; processes are given back as soon as the last fit is made."""
    plan, observer, jobs = prepared.plan, session.observer, request.jobs or cores_available()
    with engine, ThreadPoolExecutor(1) as beside:
        observer.stage("signal")
        signal = beside.submit(signal_in, plan.dataset, seed=request.seed)
        foreseen = ""
        if session.budget.is_limited:
            wait([signal])  # what times a fit has the core to itself
            foreseen = session.budget.foreseen(jobs)
            observer.note(foreseen)
        observer.stage("search")
        evidence = search(plan, engine, session)
        found_signal = signal.result()
    if prepared.given.baseline is not None:
        evidence = with_baseline(evidence, prepared.given.baseline)
    is_partial = session.interruption.is_requested and any(each.cuts for each in evidence.families)
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
    if prepared.given.baseline is not None and (sentence := sentence_on_baseline(judgement)):
        observer.note(sentence)
    return Searched(
        evidence=evidence,
        judgement=judgement,
        signal=found_signal,
        foreseen=foreseen,
        is_partial=is_partial,
    )


_ENDING = (
    "Interrupted: what runs gets 8 s more, then the report is written. Press Ctrl-C again to end at once."
)


def _earlier_run(request: SearchRequest, prepared: Prepared) -> Judged | None:
    """Return the run of the same file before its labels were put right, where it lies in its usual place."""
    for folder in dict.fromkeys((output_folder(request), Path("reports") / _data_stem(request.data))):
        with suppress(InputError):
            found = judged_run(folder)
            if found.result.dataset.sha256 == prepared.plan.dataset.sha256:
                return found
    return None


def _refuse_own_input(request: SearchRequest, folder: Path) -> None:
    """Refuse to read what the run would replace: a table of an earlier run, or a file under one of its names."""
    inputs = [request.data, request.test, request.fixes, *request.search_spaces]
    ours = [folder / name for name in OWN_FILES]
    for read in (each for each in inputs if each is not None):
        with suppress(OSError):  # what is not there, or has no possible name, is refused where it is read
            status = read.stat()
            if any(os.path.samestat(status, own.stat()) for own in ours if own.exists()):
                raise InputError(
                    f"{read} has the name of a file that the run would write: choose another folder with --output."
                )


def output_folder(request: SearchRequest) -> Path:
    """Return where the run's files go: with labels put right beside the earlier run, so that both can be compared."""
    return request.output or Path("reports") / (
        _data_stem(request.data) + ("-fixed" if request.fixes else "")
    )


def _data_stem(path: Path) -> str:
    """Return the file's name without its endings: ``tickets.csv.gz`` is ``tickets``."""
    return path.name.split(".", maxsplit=1)[0] or path.name


def _note_data(prepared: Prepared, observer: Observer) -> None:
    info = prepared.loaded.info
    observer.note(info.column_choice)
    if info.time:
        observer.note(info.time.sentences)
    for sentence in prepared.config.protocol:
        observer.note(sentence)
    for finding in info.findings:
        observer.note(f"{finding.severity} {finding.code}: {finding.message}")
