"""What `automl-text serve` does under load: requests a second, the slowest hundredth, memory, and no answer of 500.

Run it on a run's folder: ``python benchmarks/serve.py reports/data --requests 2000``.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

GOOD = json.dumps(
    {"text": "Hello, my parcel was to arrive on Monday. Where is it? The order is 48113."}
).encode()
N_CLIENTS = 4


def ask(port: int, n: int, seed: int, answers: list[tuple[int, float]]) -> None:
    """Send ``n`` requests one after the other, every fourth of them damaged, and note status and seconds."""
    luck = random.Random(seed)  # noqa: S311
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(n):
        body = bytearray(GOOD)
        if number % 4 == 0:
            for _ in range(5):
                body[luck.randrange(len(body))] = luck.randrange(256)
        began = time.perf_counter()
        connection.request("POST", "/predict", bytes(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        answers.append((answer.status, time.perf_counter() - began))
    connection.close()


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--requests", type=int, default=2000)
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "automl_text", "serve", str(arguments.run), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603  (ours)
        assert server.stderr is not None  # noqa: S101  (PIPE)
        found = re.search(r"http://127\.0\.0\.1:(\d+)", server.stderr.readline())
        if found is None:
            raise SystemExit("the service did not start")
        answers: list[tuple[int, float]] = []
        clients = [
            threading.Thread(target=ask, args=(int(found[1]), arguments.requests // N_CLIENTS, seed, answers))
            for seed in range(N_CLIENTS)
        ]
        began = time.perf_counter()
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        seconds = time.perf_counter() - began
        status = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
        server.terminate()
    times = sorted(each for _, each in answers)
    memory = re.search(r"VmHWM:\s+(\d+)", status)
    print(f"answers                {dict(Counter(code for code, _ in answers))}")
    print(f"requests a second      {len(answers) / seconds:10.1f}")
    print(
        f"median, p99 (ms)       {times[len(times) // 2] * 1000:10.1f} {times[int(0.99 * len(times))] * 1000:10.1f}"
    )
    print(f"memory at most (MB)    {int(memory[1]) / 1024 if memory else 0:10.1f}")


if __name__ == "__main__":
    main()
