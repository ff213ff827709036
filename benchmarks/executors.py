"""What the engine costs: wall time for empty units on every executor, two places each, on this machine.

    python benchmarks/executors.py [--units 1000] [--on local,threads,processes,dask,ray] [--json FILE]

A unit comes back as soon as it is asked for, so all that is timed is the way there and back. Dask and Ray are started
here on loopback, with two workers of one processor. What opens and closes an executor is not timed; its first two
units are.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.data.dataset import Split
from automl_text.engine.dask.cluster import DaskExecutor
from automl_text.engine.local import LocalExecutor
from automl_text.engine.pool import PoolExecutor
from automl_text.engine.ray_pool import RayPool
from automl_text.engine.unit import Unit
from automl_text.families.contract import Scores

if TYPE_CHECKING:
    from collections.abc import Iterator


def nothing(_unit: Unit) -> Scores:
    """Return scores of one row without any work."""
    return Scores(steps=(0,), logits=np.zeros((1, 1, 2), dtype=np.float32))


def unit(number: int) -> Unit:
    """Return an empty unit."""
    split = Split(partition=0, train=(0, 1), test=(2,))
    return Unit(family="none", split=split, params={"number": number}, run_seed=0, data_key="none")


@contextmanager
def opened(kind: str) -> Iterator[Any]:  # an Executor
    """Give an executor of two places, started for it where it needs a cluster."""
    if kind == "local":
        executor: Any = LocalExecutor(nothing, jobs=2)
        yield executor
        executor.close()
    elif kind == "dask":
        from distributed import LocalCluster

        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            executor = DaskExecutor(cluster.scheduler_address, nothing)
            yield executor
            executor.close()
    elif kind == "ray":
        from ray.cluster_utils import Cluster

        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
        executor = PoolExecutor(RayPool(cluster.address), nothing, n_at_once=2, is_ours=True)
        yield executor
        executor.close()
        cluster.shutdown()
    else:
        made: Any = ThreadPoolExecutor(2) if kind == "threads" else _processes()
        with made as pool:
            yield PoolExecutor(pool, nothing, n_at_once=2)


def _processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


def main() -> None:
    """Print a row for each executor."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--on", default="local,threads,processes,dask,ray")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = {}
    for kind in options.on.split(","):
        with opened(kind) as executor:
            began = time.perf_counter()
            first = list(executor.run([unit(-1), unit(-2)]))
            started = time.perf_counter()
            outcomes = list(executor.run([unit(number) for number in range(options.units)]))
            ended = time.perf_counter()
        if {outcome.status for outcome in first + outcomes} != {"done"}:
            raise SystemExit(f"{kind}: not every unit was done.")
        rows[kind] = {
            "first_seconds": started - began,
            "seconds_per_1000": 1000 * (ended - started) / options.units,
        }
        print(
            f"{kind:10} {started - began:6.1f} s for two  {rows[kind]['seconds_per_1000']:7.1f} s per 1,000",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)  # where workers find `nothing`
    import_module("executors").main()
