"""What every executor keeps, wherever its processes are."""

import os
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest
from dask_cluster import Cluster
from engine_fakes import lacks_an_ear, unit

from automl_text.engine.dask.check import Needs
from automl_text.engine.dask.cluster import DaskExecutor
from automl_text.engine.halt import never
from automl_text.engine.local import LocalExecutor
from automl_text.engine.pool import PoolExecutor
from automl_text.engine.ray_pool import RayPool
from automl_text.engine.unit import Outcome
from automl_text.errors import InputError, RunError


@pytest.fixture(scope="module")
def dask_address(tmp_path_factory):
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    cluster = Cluster(tmp_path_factory.mktemp("dask"))
    cluster.start_scheduler()
    for _ in range(2):
        cluster.start_worker()
    yield cluster.address
    cluster.stop()


@pytest.fixture(scope="module")
def ray_cluster():
    """Return a Ray cluster on loopback: a head without processors, and two nodes of one processor."""
    with RayNodes() as nodes:
        yield nodes


class RayNodes:
    """Real Ray nodes of this machine, which a test may kill."""

    def __enter__(self):
        self._path = os.environ.get("PYTHONPATH", "")
        pytest.importorskip("ray", reason="the extra 'ray' is not installed")
        from ray.cluster_utils import Cluster as Nodes  # noqa: PLC0415  (an extra)

        os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)  # what nodes inherit
        often = {"health_check_period_ms": 300, "health_check_initial_delay_ms": 1000}  # one that is gone
        self._nodes = Nodes(initialize_head=True, head_node_args={"num_cpus": 0, "_system_config": often})
        for _ in range(2):
            self.add()
        self.address = self._nodes.address
        return self

    def __exit__(self, *_):
        self._nodes.shutdown()
        os.environ["PYTHONPATH"] = self._path

    def add(self):
        return self._nodes.add_node(num_cpus=1)

    def kill(self, worker):
        self._nodes.remove_node(worker, allow_graceful=False)


@pytest.fixture(params=["local", "threads", "processes", "dask", "ray"])
def opened(request, work):
    """Return a function that opens an executor with two places; it is closed at the end."""
    made, pools = [], []

    def open_it(**options):
        kind = request.param
        if kind == "local":
            made.append(LocalExecutor(work, jobs=2, **options))
        elif kind == "dask":
            made.append(DaskExecutor(request.getfixturevalue("dask_address"), work, **options))
        else:
            pools.append(
                ThreadPoolExecutor(2)
                if kind == "threads"
                else ProcessPoolExecutor(2, mp_context=get_context("spawn"))
                if kind == "processes"
                else RayPool(request.getfixturevalue("ray_cluster").address)
            )
            made.append(PoolExecutor(pools[-1], work, n_at_once=2, **options))
        return made[-1]

    yield open_it
    for executor in made:
        executor.close()
        executor.close()
    for pool in pools:
        pool.shutdown(cancel_futures=True)


def statuses(outcomes, units):
    found = {outcome.key: outcome for outcome in outcomes}
    assert len(found) == len(units)
    return [found[each.key].status for each in units]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_every_unit_has_one_outcome_and_it_is_the_same_everywhere(opened, work):
    units = [unit(number, cost=number) for number in range(8)]
    outcomes = list(opened().run(units))
    assert statuses(outcomes, units) == ["done"] * 8
    for each in outcomes:
        number = next(one.params["number"] for one in units if one.key == each.key)
        assert each.scores.logits.tolist() == [[[number, -number]]]
    assert sorted(int(number) for number, *_ in work.entries()) == list(range(8))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_crash_and_a_hang_and_an_error_cost_their_unit_alone(opened):
    units = [unit(0, do="crash"), unit(1, do="sleep"), unit(2, do="fail"), unit(3), unit(4)]
    outcomes = list(opened(time_limit=1.0).run(units))
    assert statuses(outcomes, units) == ["died", "timed_out", "failed", "done", "done"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_halt_soon_ends_with_what_runs_and_a_second_run_does_the_rest(opened, work):
    units = [unit(number, do="sleep", seconds=0.2) for number in range(6)]
    executor = opened()
    first = list(executor.run(units, lambda: "soon" if work.entries() else "no"))
    assert 1 <= len(first) <= 2
    done = {outcome.key for outcome in first}
    rest = [each for each in units if each.key not in done]
    assert statuses(executor.run(rest), rest) == ["done"] * len(rest)
    assert executor.n_at_once == 2


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_is_known_is_not_started_and_no_units_have_no_outcomes(opened, work):
    executor, units = opened(), [unit(number) for number in range(3)]
    outcomes = executor.run(units, never, lambda unit: Outcome(key=unit.key, status="timed_out"))
    assert statuses(outcomes, units) == ["timed_out"] * 3
    assert (list(executor.run([])), work.entries()) == ([], [])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_ray_node_killed_in_the_middle_changes_no_result(work, ray_cluster):
    units = [unit(number, do="sleep", seconds=0.2) for number in range(16)]
    node = ray_cluster.add()
    pool = RayPool(ray_cluster.address)
    executor = PoolExecutor(pool, work, n_at_once=pool.n_workers, is_ours=True)
    assert executor.n_at_once == 3
    outcomes = []
    for outcome in executor.run(units):
        outcomes.append(outcome)
        if len(outcomes) == 5:
            ray_cluster.kill(node)
    executor.close()
    assert statuses(outcomes, units) == ["done"] * 16
    local = LocalExecutor(work, jobs=2)
    logits = {each.key: each.scores.logits.tobytes() for each in local.run(units)}
    local.close()
    assert {each.key: each.scores.logits.tobytes() for each in outcomes} == logits


@pytest.mark.slow
def test_a_pool_that_breaks_ends_the_run_with_a_way_on(work):
    def halt():
        if work.entries():
            for process in pool._processes.values():
                process.kill()
        return "no"

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        executor = PoolExecutor(pool, work, n_at_once=1)
        with pytest.raises(RunError, match=r"The pool was lost: .*--resume"):
            list(executor.run([unit(do="sleep")], halt))


def test_a_pool_that_was_shut_down_is_an_error_with_a_way_on(work):
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(
        RunError, match=r"The pool was lost: cannot schedule new futures after shutdown.*--resume"
    ):
        list(PoolExecutor(pool, work, n_at_once=1).run([unit()]))


def test_a_worker_that_lacks_something_ends_the_run_by_name(work):
    with ThreadPoolExecutor(1) as pool:
        executor = PoolExecutor(pool, work, n_at_once=1, needs=Needs(lack=lacks_an_ear))
        with pytest.raises(
            RunError, match=r"differ from this machine: a worker has no ear\. Install the same there"
        ):
            list(executor.run([unit()]))
    assert work.entries() == []


def test_no_ray_cluster_is_an_error_before_the_start():
    pytest.importorskip("ray", reason="the extra 'ray' is not installed")
    with pytest.raises(InputError, match=r"No Ray cluster answers at nowhere: .*ray start --head"):
        RayPool("nowhere")
