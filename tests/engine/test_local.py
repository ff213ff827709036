import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from engine_fakes import HangsAtLoad, Unloadable, Work, unit

from automl_text.engine import local, process
from automl_text.engine.halt import never
from automl_text.engine.local import LocalExecutor, cores_available
from automl_text.errors import RunError


@pytest.fixture
def run(work):
    """Run units in two processes and return their outcomes by number."""

    def run(units, *, halt=never, **options):
        executor = LocalExecutor(work, **{"jobs": 2, **options})
        number_of = {one.key: one.params["number"] for one in units}
        try:
            outcomes = [(number_of[one.key], one) for one in executor.run(units, halt)]
        finally:
            executor.close()
        assert len({number for number, _ in outcomes}) == len(outcomes)
        return dict(outcomes)

    return run


def test_every_unit_comes_back_once_with_its_own_scores(run):
    outcomes = run([unit(number) for number in range(20)])
    assert sorted(outcomes) == list(range(20))
    assert all(outcomes[number].scores.logits[0, 0, 0] == number for number in range(20))


def test_processes_are_kept_warm_and_no_more_than_jobs(run, work):
    run([unit(number) for number in range(20)])
    assert len({pid for _, pid, _ in work.entries()}) <= 2


def test_the_costliest_unit_starts_first(run, work):
    run([unit(number, cost=number) for number in range(5)], jobs=1)
    assert [number for number, _, _ in work.entries()] == ["4", "3", "2", "1", "0"]


def test_an_earlier_turn_goes_first_whatever_it_costs(run, work):
    run([unit(number, cost=number, turn=number % 2) for number in range(6)], jobs=1)
    assert [number for number, _, _ in work.entries()] == ["4", "2", "0", "5", "3", "1"]


def test_a_process_waits_while_units_of_its_runtime_wait_and_ends_when_none_do(work):
    turns = ["light", "tensorflow", "light", "tensorflow", "light"]
    executor = LocalExecutor(work, jobs=1)
    for _ in executor.run([unit(turn, turn=turn, runtime=runtime) for turn, runtime in enumerate(turns)]):
        n_left = sum(Path(f"/proc/{pid}").exists() for pid in {pid for _, pid, _ in work.entries()})
    assert len({(pid, runtime) for _, pid, runtime in work.entries()}) == 2
    assert n_left == 1
    executor.close()


def test_a_process_serves_one_runtime_only(run, work):
    heavy = [unit(number, do="heavy", runtime="tensorflow", cost=number % 5) for number in range(4)]
    run([*heavy, *(unit(number, cost=number % 3) for number in range(4, 12))])
    runtimes_of = {}
    for _, pid, runtime in work.entries():
        runtimes_of.setdefault(pid, set()).add(runtime)
    assert all(len(runtimes) == 1 for runtimes in runtimes_of.values())


def test_a_unit_that_raises_has_failed_with_one_line(run):
    outcomes = run([unit(1, do="fail"), unit(2)])
    assert (outcomes[1].status, outcomes[1].reason) == ("failed", "ValueError: number 1 is odd")
    assert outcomes[1].is_final
    assert outcomes[2].status == "done"


@pytest.fixture
def clock(monkeypatch):
    """The clock by which processes are ended; it stands still until a test moves it."""
    clock = SimpleNamespace(now=0.0)
    for module in (local, process):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_a_unit_that_hangs_is_ended_and_the_others_go_on(work, clock):
    executor, outcomes = LocalExecutor(work, jobs=2, time_limit=1.0), []

    def halt():
        clock.now += 5.0 * (len(outcomes) == 6 and bool(work.entries(1)))  # its time runs: it has begun
        return "no"

    for outcome in executor.run([unit(1, do="wait", cost=2), *map(unit, range(2, 8))], halt):
        outcomes.append(outcome)  # noqa: PERF402  (`halt` looks at them meanwhile)
    executor.close()
    assert {outcome.status for outcome in outcomes[:6]} == {"done"}
    assert outcomes[6].status == "timed_out"
    assert outcomes[6].reason == "took longer than the time limit of 1 s"
    assert not outcomes[6].is_final


def test_a_clock_on_the_wall_that_jumps_by_years_ends_no_unit(run, monkeypatch):
    jumps = iter([0.0, 4e9, -4e9] * 1000)
    monkeypatch.setattr(time, "time", lambda: next(jumps))
    outcomes = run([unit(number) for number in range(6)], time_limit=60.0)
    assert {outcome.status for outcome in outcomes.values()} == {"done"}


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("exit", "its process exited with status 3"),
        ("crash", "its process was ended by SIGSEGV"),
        ("exhaust", "MemoryError"),
    ],
)
def test_a_death_is_tried_twice_then_recorded_and_the_others_go_on(run, work, do, reason):
    outcomes = run([unit(1, do=do, cost=2), *map(unit, range(2, 8))])
    assert (outcomes[1].status, outcomes[1].reason) == ("died", reason)
    assert len(work.entries(1)) == 2
    assert {outcomes[number].status for number in range(2, 8)} == {"done"}


def test_a_second_attempt_may_succeed_and_runs_alone(run, work):
    outcomes = run([unit(1, do="crash_once", cost=2), *map(unit, range(2, 8))])
    assert outcomes[1].status == "done"
    assert work.entries()[-1][0] == "1"


def crash_among_others():
    dies = unit(1, do="crash_once_then_stay", cost=2, turn=1)
    return [dies, unit(2, turn=1), unit(3, turn=1), *(unit(number, turn=2) for number in range(4, 8))]


def test_a_unit_that_died_is_tried_again_after_the_others_of_its_turn_and_before_a_later_one(run, work):
    run(crash_among_others(), jobs=1)
    order = [number for number, *_ in work.entries()]
    assert order == ["1", "2", "3", "1", "ended", "4", "5", "6", "7"]


def test_nothing_starts_beside_a_unit_that_is_tried_again(run, work):
    run(crash_among_others())
    order = [number for number, *_ in work.entries()]
    second = order.index("1", order.index("1") + 1)
    assert order[second + 1] == "ended"


def test_a_heavy_process_ends_while_the_last_light_units_run_and_light_ones_stay_for_the_next_call(work):
    heavy, last = unit(1, do="heavy", runtime="tensorflow", cost=9), unit(2, do="wait")
    executor, was_alive = LocalExecutor(work, jobs=2), []

    def halt():
        pids = [pid for _, pid, runtime in work.entries() if runtime == "tensorflow"]
        was_alive.append(any(Path(f"/proc/{pid}").exists() for pid in pids))
        if True in was_alive and not was_alive[-1]:
            work.gate(2).touch()  # the light unit ends only now
        return "no"

    assert len(list(executor.run([heavy, last], halt))) == 2
    assert True in was_alive
    assert not was_alive[-1]
    assert len(list(executor.run([unit(3, turn=0)]))) == 1
    executor.close()
    assert len({pid for _, pid, runtime in work.entries() if runtime == "light"}) == 1


def test_a_killed_worker_costs_no_unit(run, work):
    units = [unit(number, do="sleep", seconds=0.05) for number in range(40)]

    def kill_some():
        for n_started in (2, 6, 10, 14):
            while len(entries := work.entries()) < n_started:
                time.sleep(0.01)
            with suppress(ProcessLookupError):
                os.kill(int(entries[-1][1]), signal.SIGKILL)

    killer = threading.Thread(target=kill_some, daemon=True)
    killer.start()
    outcomes = run(units)
    killer.join()
    assert {outcome.status for outcome in outcomes.values()} == {"done"}
    assert len(outcomes) == 40


def test_workers_use_one_thread_each_and_the_parent_keeps_its_own(run, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert run([unit(1, do="tell", variable="OMP_NUM_THREADS")])[1].reason == "ValueError: 1"
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_work_that_cannot_be_loaded_ends_the_run():
    executor = LocalExecutor(Unloadable(), jobs=1)
    with pytest.raises(RunError, match="could not do its work: ValueError: invalid literal"):
        list(executor.run([unit()]))
    executor.close()


def test_a_process_that_hangs_while_it_loads_is_replaced_and_its_unit_is_run(work, clock):
    executor = LocalExecutor(HangsAtLoad(work.diary, n_times=1), jobs=1, load_limit=2.0)

    def halt():
        clock.now = 5.0 * work.diary.with_name("loads.txt").exists()
        return "no"

    outcomes = list(executor.run([unit(1)], halt))
    executor.close()
    assert [outcome.status for outcome in outcomes] == ["done"]
    assert len(work.entries()) == 1


def test_after_three_processes_that_hang_while_they_load_the_run_ends_with_the_remedy(work):
    executor = LocalExecutor(HangsAtLoad(work.diary, n_times=9), jobs=1, load_limit=0.5)
    with pytest.raises(RunError, match=r"3 worker processes .* within 0\.5 s and were ended.*--resume"):
        list(executor.run([unit(1)]))
    executor.close()
    assert work.entries() == []


FREEZING = """#!{python}
import os, re, signal, struct, sys
from multiprocessing.connection import Connection
from pathlib import Path
try:
    Path("{marker}").touch(exist_ok=False)
except FileExistsError:
    os.execv("{python}", ["{python}", *sys.argv[1:]])
descriptor = int(re.search(r"serve[(]([0-9]+)", sys.argv[-1])[1])
connection = Connection(descriptor)
connection.send(None)
if "{when}" == "replying":
    connection.recv_bytes()
    connection.send(None)
    connection.recv()
    os.write(descriptor, struct.pack("!i", 100) + b"the beginning")
signal.pause()
"""


@pytest.mark.parametrize("when", ["loading", "replying"])
def test_a_process_that_freezes_in_the_middle_of_a_message_costs_no_unit(tmp_path, monkeypatch, when):
    script = tmp_path / "python"
    script.write_text(FREEZING.format(python=sys.executable, marker=tmp_path / "begun", when=when))
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr(process, "_SECONDS_TO_TAKE", 2)
    monkeypatch.setattr(process, "_SECONDS_TO_END", 0.2)
    work = Work(tmp_path / "diary.txt", data=["more than a socket holds" * 100_000])
    executor = LocalExecutor(work, jobs=1)
    assert [outcome.status for outcome in executor.run([unit(1)])] == ["done"]
    executor.close()


def test_a_soft_halt_lets_running_units_finish_and_starts_no_more(run, work):
    outcomes = run(
        [unit(number, do="sleep", seconds=1.0) for number in range(6)],
        halt=lambda: "soon" if work.entries() else "no",
    )
    assert 1 <= len(outcomes) <= 2
    assert {outcome.status for outcome in outcomes.values()} == {"done"}


def test_a_hard_halt_ends_running_units(run, work):
    outcomes = run([unit(1, do="wait")], halt=lambda: "now" if work.entries() else "no")
    assert outcomes == {}
    with pytest.raises(ProcessLookupError):
        os.kill(int(work.entries()[0][1]), 0)


@pytest.fixture
def group(tmp_path, monkeypatch):
    """Four allowed cores, and files of control groups that a test fills."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    for name in ("_CGROUP_V2", "_CGROUP_V1_QUOTA", "_CGROUP_V1_PERIOD"):
        monkeypatch.setattr(local, name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000", 4),
        ("200000 100000", 2),
        ("250000 100000", 2),
        ("50000 100000", 1),
        ("800000 100000", 4),
    ],
)
def test_a_containers_quota_is_respected(group, quota, expected):
    (group / "_CGROUP_V2").write_text(quota + "\n")
    assert cores_available() == expected


@pytest.mark.parametrize(("quota", "expected"), [("-1", 4), ("300000", 3)])
def test_so_is_that_of_an_older_kernel(group, quota, expected):
    (group / "_CGROUP_V1_QUOTA").write_text(quota + "\n")
    (group / "_CGROUP_V1_PERIOD").write_text("100000\n")
    assert cores_available() == expected


@pytest.mark.parametrize("content", [None, "", "what\n"])
def test_without_a_readable_quota_the_affinity_counts(group, content):
    if content is not None:
        (group / "_CGROUP_V2").write_text(content)
    assert cores_available() == 4
