import fcntl
import os
import re
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from automl_text.engine import folder as folder_module
from automl_text.engine.folder import _WHILE_RUNNING, OWN_FILES, RunFolder
from automl_text.errors import InputError, RunError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "reports" / "tickets"


def names_in(path):
    return sorted(file.name for file in path.iterdir())


def leave(path, *names):
    """Write files as an earlier run would have left them."""
    path.mkdir(parents=True, exist_ok=True)
    for name in names:
        (path / name).write_text("old")


def write_a_new_run(path):
    with RunFolder.claim(path, overwrite=True) as folder:
        folder.begin()
        for file in (folder.log, folder.journal):
            file.write_text("new")
        folder.write("report.html", "new")
        folder.write("result.json", "new")
        folder.finish()


def begin(path, **how):
    with RunFolder.claim(path, **how) as folder:
        folder.begin()


def test_a_new_folder_is_made_and_holds_the_log_only(path):
    with RunFolder.claim(path) as folder:
        folder.begin()
    assert names_in(path) == ["run.log"]


def test_a_second_search_is_refused_until_the_first_has_ended(path):
    with RunFolder.claim(path), pytest.raises(InputError, match=r"Another search is writing to .*--output"):
        RunFolder.claim(path, overwrite=True)
    RunFolder.claim(path).release()


def test_a_search_that_was_killed_leaves_no_lock(path):
    script = (
        "import os, pathlib, sys; from automl_text.engine.folder import RunFolder;"
        "folder = RunFolder.claim(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, path], check=False)  # noqa: S603
    RunFolder.claim(path).release()


def test_a_finished_run_is_refused_with_the_three_ways_out(path):
    leave(path, "result.json", "journal.jsonl")
    with pytest.raises(InputError, match=r"holds a finished run .*--resume.*--overwrite.*--output"):
        RunFolder.claim(path)
    assert names_in(path) == ["journal.jsonl", "result.json"]


@pytest.mark.parametrize("name", ["report.html", "vectors.sqlite"])
def test_a_file_of_the_users_own_is_not_written_over(path, name):
    leave(path, name)
    with pytest.raises(InputError, match=re.escape(name)):
        RunFolder.claim(path)


def test_a_run_that_was_cut_short_is_continued(path):
    leave(path, "journal.jsonl", "run.log")
    begin(path)
    assert (path / "journal.jsonl").read_text() == "old"


def test_resume_keeps_everything(path):
    leave(path, *OWN_FILES, *_WHILE_RUNNING)
    begin(path, resume=True)
    assert names_in(path) == sorted(OWN_FILES + _WHILE_RUNNING)


def test_overwrite_deletes_only_what_a_run_leaves(path):
    leave(path, *OWN_FILES, *_WHILE_RUNNING, "notes.txt")
    write_a_new_run(path)
    assert names_in(path) == ["journal.jsonl", "notes.txt", "report.html", "result.json", "run.log"]
    assert {(path / name).read_text() for name in names_in(path)} == {"new", "old"}
    assert (path / "notes.txt").read_text() == "old"


def test_a_run_that_never_begins_deletes_nothing(path):
    leave(path, *OWN_FILES, ".automl-text-0.part")
    RunFolder.claim(path, overwrite=True).release()
    assert names_in(path) == sorted([*OWN_FILES, ".automl-text-0.part"])
    assert {(path / name).read_text() for name in OWN_FILES} == {"old"}


def test_a_run_that_never_begins_leaves_no_trace(path, tmp_path):
    RunFolder.claim(path).release()
    assert names_in(tmp_path) == []
    leave(path, "notes.txt")
    RunFolder.claim(path).release()
    assert names_in(path) == ["notes.txt"]


def test_a_log_that_was_taken_away_while_it_was_waited_for_locks_nothing(path, monkeypatch):
    first = RunFolder.claim(path)
    real_lock = fcntl.flock

    def lock_after_the_first_has_gone(descriptor, how):
        monkeypatch.undo()
        first.release()
        path.mkdir(parents=True)
        real_lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", lock_after_the_first_has_gone)
    with RunFolder.claim(path), pytest.raises(InputError, match="Another search is writing to"):
        RunFolder.claim(path)


def test_an_old_file_that_cannot_be_replaced_leaves_the_new_run_whole_beside_it(path):
    leave(path, "result.json")
    with RunFolder.claim(path, overwrite=True) as folder:
        folder.begin()
        folder.write("result.json", "new")
        (path / "trials.csv").mkdir()
        with pytest.raises(RunError, match=r"cannot be put in its place \(.*trials\.csv: .*--resume"):
            folder.finish()
    with pytest.raises(RunError, match=r"cannot be put in its place"):
        RunFolder.claim(path, resume=True)
    (path / "trials.csv").rmdir()
    RunFolder.claim(path, resume=True).release()
    assert (path / "result.json").read_text() == "new"


class _Killed(BaseException):
    """What a kill is to the code that it ends."""


@pytest.mark.parametrize("how", ["overwrite", "resume"])
@pytest.mark.parametrize("n_steps", range(8))
def test_a_kill_at_any_step_of_the_exchange_leaves_the_old_or_the_new_run(path, monkeypatch, n_steps, how):
    leave(path, *OWN_FILES)
    left = iter(range(n_steps))

    def until_killed(method):
        def step(*args, **kwargs):
            if next(left, None) is None:
                raise _Killed
            return method(*args, **kwargs)

        return step

    with RunFolder.claim(path, **{how: True}) as folder:
        folder.begin()
        for file in (folder.log, folder.journal):
            file.write_text("new")
        for name in ("report.html", "trials.csv", "result.json"):
            folder.write(name, "new")
        with monkeypatch.context() as patch:
            for name in ("unlink", "rename", "replace"):
                patch.setattr(Path, name, until_killed(getattr(Path, name)))
            with suppress(_Killed):
                folder.finish()
    if (path / "result.json").exists() and (path / "result.json").read_text() == "old":
        others = set(OWN_FILES) - {"journal.jsonl", "run.log"}
        assert {(path / name).read_text() for name in others} == {"old"}
    RunFolder.claim(path, resume=True).release()
    assert names_in(path) == ["journal.jsonl", "report.html", "result.json", "run.log", "trials.csv"]
    assert {(path / name).read_text() for name in names_in(path)} == {"new"}


def test_a_kill_before_a_new_run_is_whole_leaves_the_old_one_and_resume_finds_what_was_begun(path):
    leave(path, "result.json", "journal.jsonl")
    with RunFolder.claim(path, overwrite=True) as folder:
        folder.begin()
        folder.journal.write_text("begun")
    assert (path / "journal.jsonl").read_text() == (path / "result.json").read_text() == "old"
    with pytest.raises(InputError, match=r"holds a finished run .*--resume"):
        RunFolder.claim(path)
    with RunFolder.claim(path, resume=True) as folder:
        folder.begin()
        assert folder.journal.read_text() == "begun"
    with RunFolder.claim(path, overwrite=True) as folder:
        folder.begin()
        assert not folder.journal.exists()


@pytest.mark.parametrize("name", ["journal.jsonl", "vectors.sqlite", "result.json"])
def test_a_link_in_place_of_one_of_our_files_is_refused_and_not_followed(path, tmp_path, name):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    path.mkdir(parents=True)
    (path / name).symlink_to(victim)
    with pytest.raises(InputError, match=r"is a link, and is not followed"):
        RunFolder.claim(path, resume=True)
    assert victim.read_text() == "mine"


@pytest.mark.parametrize(
    ("lay", "name"),
    [
        (os.mkfifo, "journal.jsonl"),
        (os.mkfifo, ".automl-text-next"),
        (os.mkdir, "vectors.sqlite"),
        (os.mkdir, "report.md"),
    ],
)
def test_a_pipe_or_a_folder_in_place_of_one_of_our_files_is_refused(path, lay, name):
    path.mkdir(parents=True)
    lay(path / name)
    with pytest.raises(InputError, match=r"is in the way\. Delete it, or choose another --output"):
        RunFolder.claim(path, resume=True)


def test_a_log_that_is_a_pipe_is_refused_without_waiting_for_its_reader(path):
    path.mkdir(parents=True)
    os.mkfifo(path / "run.log")
    with pytest.raises(InputError, match=r"run\.log is a folder, a pipe or a device"):
        RunFolder.claim(path)


def test_files_of_an_end_that_was_cut_short_are_not_taken_for_those_of_the_next(path):
    with RunFolder.claim(path) as folder:
        folder.begin()
        folder.write("best_model.pkl", "of a run that is killed now")
    with RunFolder.claim(path) as folder:
        folder.begin()
        folder.write("result.json", "new")
        folder.finish()
    assert names_in(path) == ["result.json", "run.log"]


def test_a_log_that_is_a_link_is_refused_and_not_followed(path, tmp_path):
    path.mkdir(parents=True)
    (path / "run.log").symlink_to(tmp_path / "victim")
    with pytest.raises(InputError, match=r"run\.log is a link, which is not followed"):
        RunFolder.claim(path)
    assert not (tmp_path / "victim").exists()


def test_an_empty_log_of_the_users_own_stays_where_a_search_is_refused(path):
    path.mkdir(parents=True)
    (path / "run.log").write_text("")
    RunFolder.claim(path).release()
    assert names_in(path) == ["run.log"]


def test_half_written_files_of_a_killed_run_are_cleared_away(path):
    leave(path, "journal.jsonl", ".automl-text-1.part", ".automl-text-2.part", ".other.part")
    begin(path)
    assert names_in(path) == [".other.part", "journal.jsonl", "run.log"]


def test_a_path_that_is_a_file_is_refused(tmp_path):
    leave(tmp_path, "file")
    with pytest.raises(InputError, match=r"file is a file. Choose a folder with --output"):
        RunFolder.claim(tmp_path / "file")
    with pytest.raises(InputError, match="cannot be written to: Not a directory"):
        RunFolder.claim(tmp_path / "file" / "below")


def test_a_name_that_is_too_long_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"cannot be written to: File name too long.*--output"):
        RunFolder.claim(tmp_path / ("a" * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter everything")
def test_a_folder_that_may_not_be_entered_is_refused(path):
    path.parent.mkdir()
    path.parent.chmod(0o000)
    try:
        with pytest.raises(InputError, match=r"cannot be written to: Permission denied.*--output"):
            RunFolder.claim(path)
    finally:
        path.parent.chmod(0o700)


def test_a_read_only_place_is_refused():
    with pytest.raises(InputError, match=r"cannot be written to: .*--output"):
        RunFolder.claim(Path("/proc/self/fd"))
    with pytest.raises(InputError, match=r"cannot be written to: .*--output"):
        RunFolder.claim(Path("/proc/new"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_refused(path):
    path.mkdir(parents=True)
    path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written to: Permission denied"):
        RunFolder.claim(path)


def test_a_full_disk_is_noticed_before_any_work(path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(InputError, match="cannot be written to: File too large"):
            RunFolder.claim(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not path.exists()


def test_too_little_room_is_said_in_megabytes(path, monkeypatch):
    monkeypatch.setattr(folder_module, "_MIN_FREE_BYTES", 10**18)
    with pytest.raises(InputError, match=r"MB are free, a run needs 1000000000000 MB"):
        RunFolder.claim(path)


def test_a_file_that_overwrite_would_leave_behind_cannot_be_written(path):
    with RunFolder.claim(path) as folder, pytest.raises(ValueError, match="not among OWN_FILES"):
        folder.write("extra.txt", "")
