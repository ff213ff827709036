"""A search whose processes, all of them, report every attempt to reach another machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "support_tickets.csv"

WATCH = """
import os, socket, sys

def watch(event, arguments):
    outward = event == "socket.getaddrinfo" or event == "socket.connect" and arguments[0].family != socket.AF_UNIX
    if outward:
        with open(os.environ["NETWORK_LOG"], "a") as log:
            log.write(f"{event} {arguments[1:]}\\n")

sys.addaudithook(watch)
with open(os.environ["PROCESS_LOG"], "a") as log:
    log.write(f"{os.getpid()}\\n")
"""


@pytest.mark.slow
def test_no_process_of_a_search_goes_to_the_network(tmp_path):
    data = tmp_path / "tickets.csv"
    data.write_text(
        "".join(EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)[:90]), encoding="utf-8"
    )
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    logs = {"NETWORK_LOG": tmp_path / "network", "PROCESS_LOG": tmp_path / "processes"}
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        **{name: str(path) for name, path in logs.items()},
    }
    words = ["search", str(data), "--families", "logreg,encoder", "--trials", "1", "--jobs", "2"]
    words += ["--references", "none", "--outer-folds", "3", "--output", str(tmp_path / "run"), "--quiet"]
    subprocess.run([sys.executable, "-m", "automl_text", *words], env=environment, check=True, timeout=300)  # noqa: S603
    assert len(set((tmp_path / "processes").read_text().split())) >= 3, "the command and two workers"
    assert not (tmp_path / "network").exists(), (tmp_path / "network").read_text()
