import os
import resource
import subprocess
import sys

import pytest

from automl_text.errors import RunError
from automl_text.files import clear_partial, open_file, whole_file, write_whole


def test_text_and_bytes_are_written_as_they_are(tmp_path):
    write_whole(tmp_path / "a.txt", "grün\r\n")
    write_whole(tmp_path / "b.bin", b"\0\xff")
    assert (tmp_path / "a.txt").read_bytes() == "grün\r\n".encode()
    assert (tmp_path / "b.bin").read_bytes() == b"\0\xff"
    assert len(list(tmp_path.iterdir())) == 2


def test_an_error_in_the_middle_keeps_the_old_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "model.pkl"
    write_whole(path, "old")

    def fail_half_way():
        with whole_file(path) as file:
            file.write(b"half")
            assert path.read_text() == "old"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_full_disk_keeps_the_old_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "report.html"
    write_whole(path, "old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(RunError, match=r"report.html cannot be written: File too large"):
            write_whole(path, "x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_file_that_is_being_written_has_a_name_that_nobody_can_foretell(tmp_path):
    names = set()
    for _ in range(2):
        with whole_file(tmp_path / "a"):
            names |= {path.name for path in tmp_path.iterdir()} - {"a"}
    assert len(names) == 2


def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path):
    victim, link = tmp_path / "victim", tmp_path / "report.html"
    victim.write_text("mine")
    link.symlink_to(victim)
    write_whole(link, "new")
    assert (victim.read_text(), link.read_text(), link.is_symlink()) == ("mine", "new", False)


def test_a_link_is_never_opened(tmp_path):
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "link").symlink_to("victim")
    with pytest.raises(OSError, match="link is a link, which is not followed"):
        open_file(tmp_path / "link", os.O_WRONLY | os.O_CREAT)


def test_what_a_kill_left_half_written_is_cleared_and_what_is_being_written_is_not(tmp_path):
    script = (
        "import os, pathlib, sys; from automl_text.files import whole_file\n"
        "with whole_file(pathlib.Path(sys.argv[1]) / 'killed'): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=False)  # noqa: S603
    assert len(list(tmp_path.iterdir())) == 1
    with whole_file(tmp_path / "living") as file:
        clear_partial(tmp_path)
        file.write(b"whole")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["whole"]
