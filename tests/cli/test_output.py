"""Nothing is lost by a name typed wrong: what exists is replaced only when asked, the input never."""

import os
from pathlib import Path

import pytest

from automl_text.cli.output import refuse_loss
from automl_text.errors import InputError

LINKS = {"itself": None, "symbolic": os.symlink, "hard": os.link}


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_predict_never_writes_onto_its_input(command, finished, tmp_path, kind, more):
    data, link = tmp_path / "in.csv", tmp_path / "link.csv"
    data.write_text("text\nwhere is my parcel\n")
    make_link = LINKS[kind]
    if make_link:
        make_link(data, link)
    done = command("predict", finished, data, "-o", link if make_link else data, *more)
    assert (done.code, "is what this command reads" in done.err) == (2, True)
    assert data.read_text() == "text\nwhere is my parcel\n"


def test_predict_replaces_a_file_only_when_asked(command, finished, tmp_path):
    (tmp_path / "in.csv").write_text("text\nwhere is my parcel\n")
    output = tmp_path / "out.csv"
    output.write_text("precious\n")
    words = ("predict", finished, tmp_path / "in.csv", "-o", output)
    done = command(*words)
    assert (done.code, output.read_text()) == (2, "precious\n")
    assert f"{output} exists. Replace it with --overwrite, or choose another file with -o." in done.err
    assert command(*words, "--overwrite").code == 0
    assert output.read_text().startswith("text,prediction,confidence,unlike_training\n")


@pytest.mark.parametrize("name", ["m.pkl", "m.json", "m.requirements.txt", "m.md"])
def test_export_replaces_neither_the_model_nor_what_stands_beside_it(command, finished, tmp_path, name):
    (tmp_path / name).write_text("precious")
    done = command("export", finished, "-o", tmp_path / "m.pkl", "--model-card")
    assert (done.code, f"{tmp_path / name} exists." in done.err) == (2, True)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "precious")]


def test_export_never_writes_onto_the_data(command, finished):
    data = finished.parent / "tickets.csv"
    before = data.read_bytes()
    done = command("export", finished, "-o", data, "--overwrite")
    assert (done.code, data.read_bytes()) == (2, before)


@pytest.mark.parametrize(
    ("output", "more"), [("m.json", []), ("card.md", ["--model-card"]), ("m.pkl.json", [])]
)
def test_export_refuses_a_name_that_stands_for_two_of_its_files(command, finished, tmp_path, output, more):
    done = command("export", finished, "-o", tmp_path / output, *more)
    assert (done.code, f"{output} would be written twice" in done.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["result.pkl", "best_model.skops", "journal.jsonl"])
def test_export_never_replaces_a_file_of_the_run_through_a_derived_name(command, run_dir, name):
    before = {path.name: path.read_bytes() for path in run_dir.iterdir()}
    done = command("export", run_dir, "-o", run_dir / name, "--overwrite")
    assert (done.code, "is a file of the run in" in done.err) == (2, True)
    assert {path.name: path.read_bytes() for path in run_dir.iterdir()} == before


def test_predict_never_replaces_a_file_of_the_run(command, run_dir):
    (run_dir.parent / "in.csv").write_text("text\nhello\n")
    before = (run_dir / "best_model.json").read_bytes()
    done = command(
        "predict", run_dir, run_dir.parent / "in.csv", "-o", run_dir / "best_model.json", "--overwrite"
    )
    assert (done.code, "is a file of the run in" in done.err) == (2, True)
    assert (run_dir / "best_model.json").read_bytes() == before


def test_a_device_is_never_replaced():
    with pytest.raises(InputError, match="/dev/null is no file that can be replaced"):
        refuse_loss([Path("/dev/null")], read=[], overwrite=True)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/{}", "/proc/self/fd/{}", "link"])
def test_a_name_of_stdout_is_never_replaced_not_even_where_stdout_is_a_file(tmp_path, name):
    with (tmp_path / "given").open("w") as given:
        path = tmp_path / name.format(given.fileno())
        if name == "link":
            path.symlink_to(f"/proc/self/fd/{given.fileno()}")
        with pytest.raises(InputError, match="is no file that can be replaced"):
            refuse_loss([path], read=[], overwrite=True)


def test_a_link_that_leads_nowhere_is_something_that_exists(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="link exists"):
        refuse_loss([tmp_path / "link"], read=[], overwrite=False)
