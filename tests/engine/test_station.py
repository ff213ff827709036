import threading
import time
from pathlib import Path

from engine_fakes import unit

from automl_text.engine import station as station_module
from automl_text.engine.station import Station, end_search, run_unit


def is_gone(work):
    return not any(Path(f"/proc/{pid}").exists() for _, pid, _ in work.entries())


def wait_until(condition):
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_process_stays_warm_for_the_next_unit_of_its_search(work):
    for number in range(3):
        assert run_unit(work, "search a", unit(number), None).status == "done"
    assert len({pid for _, pid, _ in work.entries()}) == 1
    end_search("search a")
    assert is_gone(work)


def test_an_idle_process_ends_after_a_while(work, monkeypatch):
    monkeypatch.setattr(station_module, "_SECONDS_WARM", 0.2)
    assert Station(work, None).run(unit()).status == "done"
    wait_until(lambda: is_gone(work))


def test_units_side_by_side_have_processes_of_their_own(work):
    station = Station(work, None)
    threads = [
        threading.Thread(target=station.run, args=[unit(number, do="outlast", n_begun=2)])
        for number in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({pid for _, pid, _ in work.entries()}) == 2
    station.close()


def test_a_search_that_ends_takes_its_running_unit_along(work):
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(run_unit(work, "b", unit(do="sleep"), None)))
    thread.start()
    wait_until(work.entries)
    end_search("b")
    thread.join()
    assert outcomes == [None]
    assert is_gone(work)


def test_a_search_that_is_not_known_here_has_nothing_to_end():
    end_search("never seen")
