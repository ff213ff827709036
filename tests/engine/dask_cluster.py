"""A real scheduler and real workers on loopback, in processes that a test may kill."""

import json
import os
import subprocess
import sys
import time


class Cluster:
    def __init__(self, folder):
        self.address = ""
        self.processes = []
        self._n_workers = 0
        self.folder = folder

    def start_scheduler(self, path=None):
        file = self.folder / "scheduler.json"
        address = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        process = self._start("scheduler", *address, path=path)
        self.address = json.loads(until(lambda: file.exists() and file.read_text()))["address"]
        return process

    def start_worker(self, path=None):
        options = ("--no-nanny", "--nthreads", "1", "--local-directory", str(self.folder))
        process = self._start("worker", self.address, *options, path=path)
        self._n_workers += 1
        log = self.folder / "dask.log"
        until(lambda: log.read_text().count("Registered to:") == self._n_workers)
        return process

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def _start(self, *arguments, path):
        """Start a process with our import path, or with ``path`` and nothing else."""
        environment = os.environ | {"PYTHONPATH": str(path) if path else os.pathsep.join(sys.path)}
        interpreter = [sys.executable, "-S"] if path else [sys.executable]
        command = [
            *interpreter,
            "-m",
            "distributed.cli.dask_" + arguments[0],
            *arguments[1:],
            "--no-dashboard",
        ]
        with (self.folder / "dask.log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603
        self.processes.append(process)
        return process


def until(condition, seconds=300.0):
    """Wait for a true value of ``condition()`` and return it."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)
    return value
