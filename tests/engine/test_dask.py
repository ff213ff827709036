import signal
import sysconfig
import time
from functools import partial
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from dask_cluster import Cluster, until
from engine_fakes import lacks_an_ear, unit

from automl_text.engine.dask import check as dask_check
from automl_text.engine.dask import cluster as dask_module
from automl_text.engine.dask.check import Needs, version_differences
from automl_text.engine.dask.cluster import DaskExecutor
from automl_text.engine.local import LocalExecutor
from automl_text.errors import InputError, RunError

distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")


@pytest.fixture
def cluster(tmp_path):
    """A scheduler without workers."""
    cluster = Cluster(tmp_path)
    cluster.start_scheduler()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A scheduler with two workers, which all tests that kill nothing share."""
    cluster = Cluster(tmp_path_factory.mktemp("dask"))
    cluster.start_scheduler()
    for _ in range(2):
        cluster.start_worker()
    yield cluster
    cluster.stop()


@pytest.fixture
def path_without_us(tmp_path):
    """An import path that holds all that is installed except this package."""
    folder = tmp_path / "site"
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "automl_text" not in entry.name:
            (folder / entry.name).symlink_to(entry)
    return folder


def run_and_then(executor, act):
    """Run a short unit, act, and go on with a long one."""
    for _ in executor.run([unit(0, cost=2), unit(1, do="sleep")]):
        act()


def parent_of(pid):
    """Return the process that started this one; None where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except FileNotFoundError:
        return None


def logits(outcomes):
    return {outcome.key: outcome.scores.logits.tobytes() for outcome in outcomes}


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_changes_no_result(cluster, work):
    units = [unit(number, do="sleep", seconds=0.2) for number in range(20)]
    workers = [cluster.start_worker() for _ in range(2)]
    executor = DaskExecutor(cluster.address, work)
    outcomes = []
    for outcome in executor.run(units):
        outcomes.append(outcome)
        if len(outcomes) == 6:
            workers[0].kill()
    assert executor.n_at_once == 1
    executor.close()
    local = LocalExecutor(work, jobs=2)
    assert logits(outcomes) == logits(local.run(units))
    local.close()
    assert len(outcomes) == len(units)


@pytest.mark.slow
def test_a_crash_and_a_hang_cost_their_unit_and_no_worker(pair, work):
    executor = DaskExecutor(pair.address, work, time_limit=1.0)
    units = [unit(0, do="crash"), unit(1, do="sleep"), unit(2, do="fail"), unit(3), unit(4)]
    statuses = {outcome.key: outcome.status for outcome in executor.run(units)}
    executor.close()
    assert [statuses[one.key] for one in units] == ["died", "timed_out", "failed", "done", "done"]
    assert all(process.poll() is None for process in pair.processes)


@pytest.mark.slow
def test_a_halt_and_a_close_leave_no_process_on_the_cluster(pair, work):
    executor = DaskExecutor(pair.address, work)
    units = [unit(number, do="sleep") for number in range(4)]
    assert list(executor.run(units, lambda: "now" if work.entries() else "no")) == []
    executor.close()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for _, pid, _ in work.entries()))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["dies", "freezes"])
def test_a_scheduler_that_is_gone_ends_the_run_with_a_way_on(cluster, work, monkeypatch, number):
    monkeypatch.setattr(dask_module, "_SECONDS_WITHOUT_WORKERS", 3.0)
    monkeypatch.setattr(dask_module, "_SECONDS_TO_FETCH", 0.5)
    cluster.start_worker()
    executor = DaskExecutor(cluster.address, work)
    with pytest.raises(RunError, match=r"The cluster was lost: .*--resume"):
        run_and_then(executor, partial(cluster.processes[0].send_signal, number))
    executor.close()


@pytest.fixture
def impatient(monkeypatch):
    """A scheduler that gives up a silent worker as soon as Dask lets it, which is after 5 s."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "1 s")


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_worker_that_freezes_costs_no_unit(cluster, work):
    workers = {process.pid: process for process in [cluster.start_worker() for _ in range(2)]}
    executor = DaskExecutor(cluster.address, work)
    outcomes = []
    for outcome in executor.run([unit(0), unit(1, do="wait")]):
        outcomes.append(outcome)
        if len(outcomes) == 1:
            until(lambda: work.entries(1))
            workers[parent_of(work.entries(1)[0][1])].send_signal(signal.SIGSTOP)
            work.gate(1).touch()
    executor.close()
    assert [outcome.status for outcome in outcomes] == ["done", "done"]
    assert len(work.entries(1)) == 2


@pytest.mark.slow
def test_workers_that_die_for_good_end_the_run_with_a_way_on(cluster, work, monkeypatch):
    monkeypatch.setattr(dask_module, "_SECONDS_WITHOUT_WORKERS", 3.0)
    worker = cluster.start_worker()
    executor = DaskExecutor(cluster.address, work)
    with pytest.raises(RunError, match=r"no workers .*--resume"):
        run_and_then(executor, worker.kill)
    executor.close()


@pytest.mark.slow
def test_workers_that_die_after_a_halt_end_the_run_too(cluster, work, monkeypatch):
    monkeypatch.setattr(dask_module, "_SECONDS_WITHOUT_WORKERS", 3.0)
    worker = cluster.start_worker()
    executor = DaskExecutor(cluster.address, work)
    end = time.monotonic() + 300

    def halt():
        if work.entries():
            worker.kill()
            return "soon" if time.monotonic() < end else "now"
        return "no"

    with pytest.raises(RunError, match=r"no workers .*--resume"):
        list(executor.run([unit(do="sleep")], halt))
    executor.close()


@pytest.mark.slow
def test_a_worker_that_dies_with_an_outcome_not_yet_fetched_changes_no_result(cluster, work):
    workers = {process.pid: process for process in [cluster.start_worker() for _ in range(3)]}
    executor = DaskExecutor(cluster.address, work)
    first, lost, other = unit(0), unit(1, do="wait"), unit(2, do="wait")
    outcomes = []
    for outcome in executor.run([first, lost, other]):
        outcomes.append(outcome)
        if outcome.key == first.key:
            future = executor._client.futures[f"automl-text-{lost.key}-{executor._search}"]
            until(lambda: work.entries(1))
            work.gate(1).touch()
            until(lambda: future.status == "finished")  # noqa: B023  (called here)
            workers[parent_of(work.entries(1)[0][1])].kill()
            until(lambda: future.status != "finished" or len(work.entries(1)) > 1)  # noqa: B023  (called here)
            work.gate(2).touch()
    executor.close()
    assert {outcome.key for outcome in outcomes} == {first.key, other.key, lost.key}
    assert len(outcomes) == 3
    assert {outcome.status for outcome in outcomes} == {"done"}
    assert len(work.entries(1)) == 2


@pytest.mark.slow
def test_a_worker_that_joins_with_other_versions_ends_the_run(cluster, work, path_without_us):
    cluster.start_worker()
    executor = DaskExecutor(cluster.address, work)
    with pytest.raises(
        RunError, match=r"worker that joined .* automl-text is \S+ here, worker tcp://\S+ has none.*--resume"
    ):
        run_and_then(executor, lambda: cluster.start_worker(path_without_us))
    executor.close()


@pytest.mark.slow
def test_a_worker_that_joins_with_the_same_versions_takes_its_share(cluster, work):
    cluster.start_worker()
    executor = DaskExecutor(cluster.address, work)
    units = [unit(0, cost=2), *(unit(number, do="wait") for number in (1, 2))]
    n_done, parents = 0, set()

    def halt():
        """Open the gates only when both of the units that wait have begun, which takes two workers."""
        begun = [pid for number, pid, _ in work.entries() if number != "0"]
        if len(begun) == 2 and not parents:
            parents.update(map(parent_of, begun))
            for number in (1, 2):
                work.gate(number).touch()
        return "no"

    for outcome in executor.run(units, halt):
        n_done += 1
        if outcome.key == units[0].key:
            cluster.start_worker()
    assert n_done == 3
    assert len(parents) == 2
    executor.close()


@pytest.mark.slow
def test_a_worker_that_lacks_something_else_is_refused_by_name(pair, work):
    with pytest.raises(
        InputError, match=r"differs from this machine: worker tcp://\S+ has no ear; worker tcp://"
    ):
        DaskExecutor(pair.address, work, needs=Needs(lack=lacks_an_ear))
    needs = Needs(packages=("numpy", "never-heard-of-it"))
    DaskExecutor(pair.address, work, needs=needs).close()


@pytest.mark.slow
def test_a_cluster_without_workers_is_an_error_before_the_start(cluster, work, monkeypatch):
    monkeypatch.setattr(dask_check, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(InputError, match=f"has no workers.*dask worker {cluster.address}"):
        DaskExecutor(cluster.address, work)


@pytest.mark.slow
def test_a_cluster_without_the_package_is_an_error_before_the_start(tmp_path, work, path_without_us):
    cluster = Cluster(tmp_path)
    cluster.start_scheduler(path_without_us)
    cluster.start_worker(path_without_us)
    with pytest.raises(
        InputError, match=r"automl-text is \S+ here, worker tcp://\S+ has none, the scheduler has none"
    ):
        DaskExecutor(cluster.address, work)
    cluster.stop()


def test_no_scheduler_is_an_error_before_the_start(work, monkeypatch):
    monkeypatch.setattr(dask_module, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(InputError, match=r"No Dask scheduler answers at tcp://127.0.0.1:9: .*dask scheduler"):
        DaskExecutor("tcp://127.0.0.1:9", work)


@pytest.mark.parametrize(
    ("n_late", "ends"), [(2, "InputError: No Dask scheduler"), (3, "RunError: This machine is too busy")]
)
def test_a_thread_of_dask_that_starts_late_is_started_again(work, monkeypatch, n_late, ends):
    late = iter([AssertionError()] * n_late)

    def client(*_, **__):
        raise next(late, OSError("nobody"))

    monkeypatch.setattr(distributed, "Client", client)
    with pytest.raises((InputError, RunError)) as error:
        DaskExecutor("tcp://127.0.0.1:9", work)
    assert f"{type(error.value).__name__}: {error.value}".startswith(ends)


def test_an_address_that_is_none_is_an_error(work):
    with pytest.raises(InputError, match="No Dask scheduler answers at there"):
        DaskExecutor("there", work)


def test_other_versions_are_named_with_their_place():
    there = {"worker a": "2.4", "worker b": "2.3", "worker c": PackageNotFoundError("numpy")}
    assert version_differences("numpy", "2.4", there) == [
        "numpy is 2.4 here, worker b has 2.3, worker c has none"
    ]
    assert version_differences("numpy", "2.4", {"worker a": "2.4"}) == []
    assert version_differences("lightgbm", "", there) == []
