import resource

import pytest

from automl_text.engine.files import whole_file, write_whole
from automl_text.errors import RunError


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
        with whole_file(path) as part:
            part.write_text("half")
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
