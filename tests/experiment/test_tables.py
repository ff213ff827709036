"""The tables of a run hold what result.json holds, for people with a spreadsheet."""

import csv
import io
import json

from automl_text.experiment.tables import leaderboard_table, trials_table
from sample_result import SAMPLES, eighteen_categories


def read(table):
    return list(csv.DictReader(io.StringIO(table.content)))


def test_the_leaderboard_has_the_figures_of_the_result():
    result = eighteen_categories()
    for line, row in zip(read(leaderboard_table(result.leaderboard)), result.leaderboard, strict=True):
        assert (line["family"], int(line["rank"])) == (row.family, row.rank)
        assert line["macro_f1"] == ("" if row.macro_f1 is None else str(row.macro_f1))
        low, high = row.interval or ("", "")
        assert (line["interval_low"], line["interval_high"]) == (str(low), str(high))
        assert line["is_reference"] == str(row.is_reference).lower()


def test_every_trial_has_a_line_and_one_of_each_exported_family_is_final():
    result = eighteen_categories()
    lines = read(trials_table(result.evaluations))
    tried = [(each.family, trial) for each in result.evaluations for trial in each.trials]
    assert [(line["family"], int(line["number"])) for line in lines] == [(f, t.number) for f, t in tried]
    assert [json.loads(line["params"]) for line in lines] == [trial.params for _, trial in tried]
    final = {line["family"]: int(line["number"]) for line in lines if line["is_final"] == "true"}
    assert final == {each.family: each.final_trial for each in result.evaluations if each.final}


def test_words_of_the_data_are_guarded_and_counted():
    rows = SAMPLES["hostile"]().leaderboard
    named = [row.model_copy(update={"reason": "=cmd|' /C calc'!A0"}) for row in rows]
    table = leaderboard_table(named)
    assert table.n_guarded >= len(named)
    assert all(line["reason"].startswith("'=") for line in read(table))
