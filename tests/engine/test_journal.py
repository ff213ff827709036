import json
import math
import resource

import numpy as np
import pytest
from engine_fakes import scores, unit
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from automl_text.engine.journal import Journal, _record_of, outcome_of
from automl_text.engine.unit import Outcome
from automl_text.errors import InputError, RunError
from automl_text.families.contract import Scores

HEADER = {"data": "abc", "seed": 0, "versions": {"numpy": "2.4"}}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


def fill(path, numbers, **changes):
    """Journal the units of these numbers and return the file's bytes."""
    with Journal.open(path, HEADER) as journal:
        for number in numbers:
            outcome = {"status": "done", "scores": scores(number), **changes}
            journal.append(unit(number), Outcome(key=unit(number).key, **outcome))
    return path.read_bytes()


def held(path):
    with Journal.open(path, HEADER) as journal:
        return set(journal.outcomes)


@given(
    logits=arrays(
        np.float32, array_shapes(min_dims=3, max_dims=3), elements=st.floats(width=32, allow_nan=False)
    ),
    curve=st.lists(st.floats(), min_size=10, max_size=10),
    reason=st.text(),
)
def test_an_outcome_comes_back_bit_for_bit(logits, curve, reason):
    steps = tuple(range(len(logits)))
    curve = curve[: len(logits)]
    before = Scores(
        steps=steps, logits=logits, training={"loss": tuple(curve)}, notes=(reason,), fit_seconds=0.1
    )
    outcome = Outcome(key="k", status="done", reason=reason, scores=before, seconds=0.25)
    after = outcome_of(json.dumps(_record_of(unit(), outcome)).encode("utf-8", "surrogatepass"))
    assert (after.key, after.status, after.reason, after.is_final) == ("k", "done", reason, True)
    assert after.seconds == 0.25
    assert after.scores.logits.tobytes() == logits.tobytes()
    assert after.scores.logits.shape == logits.shape
    assert all(
        a == b or (math.isnan(a) and math.isnan(b))
        for a, b in zip(after.scores.training["loss"], curve, strict=False)
    )
    assert (after.scores.steps, after.scores.notes, after.scores.fit_seconds) == (steps, (reason,), 0.1)


def test_a_line_tells_a_person_what_ran(path):
    record = json.loads(fill(path, [5], seconds=1.5).splitlines()[1])
    assert record["family"] == "fake"
    assert record["params"]["number"] == 5
    assert record["split"]["test"] == [2]
    assert (record["status"], record["seconds"]) == ("done", 1.5)


def test_outcomes_are_found_again(path):
    fill(path, [1, 2])
    assert held(path) == {unit(1).key, unit(2).key}
    fill(path, [3])
    assert held(path) == {unit(1).key, unit(2).key, unit(3).key}


def test_a_line_torn_at_any_byte_costs_that_line_only(path):
    whole = fill(path, [1, 2])
    last_line = len(whole) - len(whole.splitlines(keepends=True)[-1])
    for cut in range(last_line, len(whole)):
        path.write_bytes(whole[:cut])
        assert held(path) == {unit(1).key}
        assert path.read_bytes() == whole[:last_line]
    fill(path, [2])
    assert path.read_bytes() == whole


def test_a_header_torn_at_any_byte_begins_again(path):
    header = fill(path, [])
    for cut in range(len(header)):
        path.write_bytes(header[:cut])
        assert held(path) == set()
        assert path.read_bytes() == header


@pytest.mark.parametrize("damage", [b"\0", b"", b"{}", b'{"key": 1}', b"[]", b"7", b"[" * 100_000])
def test_damage_before_the_last_line_is_named_with_its_line(path, damage):
    lines = fill(path, [1, 2, 3]).splitlines(keepends=True)
    lines[2] = damage + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match=r"journal.jsonl, line 3: damaged .* Delete this line"):
        held(path)


def test_a_changed_byte_of_the_scores_is_noticed(path):
    lines = fill(path, [1, 2]).splitlines(keepends=True)
    at = lines[1].index(b'"logits": "') + 20
    lines[1] = lines[1][:at] + bytes([lines[1][at] ^ 1]) + lines[1][at + 1 :]
    path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match="line 2: damaged"):
        held(path)


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"seed": 1}, "seed 0 there, 1 here"),
        ({"versions": {"numpy": "2.5"}}, r"versions.numpy 2.4 there, 2.5 here"),
        ({"versions": {}}, r"versions.numpy 2.4 there, nothing here"),
        ({"folds": 4}, "folds nothing there, 4 here"),
    ],
)
def test_another_search_is_refused_with_the_difference_named(path, change, difference):
    before = fill(path, [1])
    with pytest.raises(InputError, match=f"belongs to another search: {difference}.*--output.*--overwrite"):
        Journal.open(path, HEADER | change)
    assert path.read_bytes() == before


def test_the_digest_of_what_follows_is_named_only_where_nothing_else_differs(path):
    fill(path, [1])
    with pytest.raises(InputError, match=r"another search: seed 0 there, 1 here\. --resume"):
        Journal.open(path, HEADER | {"seed": 1, "data": "def"})
    with pytest.raises(InputError, match=r"another search: data abc there, def here\. --resume"):
        Journal.open(path, HEADER | {"data": "def"})


def test_a_journal_of_an_earlier_format_is_refused_in_words_and_kept(path):
    old = (
        b'{"format": "automl-text journal 1", "data": "abc", "file": "def", "seed": 0, "encoder": "", '
        b'"versions": {"python": "3.11.7"}}\n'
    )
    path.write_bytes(old)
    with pytest.raises(
        InputError,
        match=r"written by another version of automl-text .*cannot be continued.*--output.*--overwrite",
    ):
        Journal.open(path, HEADER)
    assert path.read_bytes() == old


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"text", b"[]\n", b"{}\n", b"\0\0\n"])
def test_a_file_that_is_no_journal_is_refused_and_kept(path, content):
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not a journal"):
        Journal.open(path, HEADER)
    assert path.read_bytes() == content


@pytest.mark.parametrize("status", ["timed_out", "died", "failed"])
def test_what_may_not_happen_again_is_written_but_tried_again(path, status):
    content = fill(path, [1], status=status, scores=None, reason="why", is_final=False)
    assert status.encode() in content
    assert held(path) == set()


def test_a_failure_of_the_unit_itself_is_not_tried_again(path):
    fill(path, [1], status="failed", scores=None, reason="ValueError: NaN")
    with Journal.open(path, HEADER) as journal:
        assert journal.outcomes[unit(1).key].reason == "ValueError: NaN"


def test_a_full_disk_leaves_whole_lines_and_says_how_to_go_on(path):
    whole = fill(path, [1])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 50, limits[1]))
    try:
        with pytest.raises(RunError, match=r"cannot be written: File too large.*--resume"):
            fill(path, [2])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == whole
    fill(path, [2])
    assert held(path) == {unit(1).key, unit(2).key}


def test_a_journal_in_a_folder_that_is_missing_is_an_error(tmp_path):
    with (
        pytest.raises(RunError, match="cannot be written: No such file"),
        Journal.open(tmp_path / "missing" / "journal.jsonl", HEADER),
    ):
        pass


def test_a_journal_that_is_only_looked_at_is_neither_made_nor_changed(path):
    Journal.open(path, HEADER)
    assert not path.exists()
    torn = fill(path, [1]) + b'{"key'
    path.write_bytes(torn)
    Journal.open(path, HEADER)
    assert path.read_bytes() == torn


def test_what_may_lie_in_the_place_of_a_new_journal_is_not_read(path):
    path.write_text("no journal")
    assert Journal.open(path, HEADER, is_new=True).outcomes == {}


def test_a_journal_that_is_removed_is_noticed_with_the_next_outcome(path):
    with Journal.open(path, HEADER) as journal:
        path.unlink()
        with pytest.raises(RunError, match="was removed while the search ran"):
            journal.append(unit(1), Outcome(key=unit(1).key, status="done", scores=scores()))


def test_a_journal_that_is_a_link_is_not_followed(path, tmp_path):
    (tmp_path / "victim").write_text("")
    path.symlink_to("victim")
    with pytest.raises(RunError, match="is a link, which is not followed"), Journal.open(path, HEADER):
        pass
    assert (tmp_path / "victim").read_text() == ""


WRONG_VALUES = {
    "status: Input should be": {"status": "dkne"},
    "scores.steps: ": {"scores": {"steps": []}},
    "steps do not ascend": {"scores": {"steps": [3]} | {"shape": [2, 1, 1]}},
    "only what is done has scores": {"scores": None},
    "scores.fit_seconds: ": {"scores": {"fit_seconds": -1.0}},
    "scores.predict_seconds: ": {"scores": {"predict_seconds": float("nan")}},
    "not as many as their shape": {"scores": {"shape": [1, 1, 10**12]}},
    "scores.shape.1: ": {"scores": {"shape": [1, -1, 2]}},
    "scores.n_parameters: ": {"scores": {"n_parameters": "many"}},
    "is_final: ": {"is_final": "yes"},
    "one value a step": {"scores": {"training": {"loss": [0.1, 0.2]}}},
}


@pytest.mark.parametrize("said", WRONG_VALUES)
def test_a_value_that_no_fit_gives_is_damage(path, said):
    lines = fill(path, [1, 2]).splitlines(keepends=True)
    record, changes = json.loads(lines[1]), WRONG_VALUES[said]
    wrong = changes.get("scores")
    changed = record | changes | ({"scores": record["scores"] | wrong} if wrong else {})
    path.write_bytes(lines[0] + json.dumps(changed).encode() + b"\n" + lines[2])
    with pytest.raises(InputError, match=f"line 2: damaged .*{said}"):
        held(path)
