"""The reference says what the code does."""

import json
import re
import runpy
import tomllib
from pathlib import Path

import jsonschema
import pytest

from automl_text.cli import entry
from automl_text.cli.watch import _SOMETHING_IS_OFF
from automl_text.engine.folder import OWN_FILES
from automl_text.experiment.prepare import _ROPE
from automl_text.results import RunResult
from automl_text.statistics.permutation import _N_PERMUTATIONS, _SIGNIFICANT
from automl_text.tuning.choosing import MOST_GAINED
from automl_text.tuning.presets import LARGE_FOLDS, LARGE_ROWS, PRESETS, TUNING_ROWS
from automl_text.tuning.space import _PARAM_KEYS, _SPACE_FORMAT, load_space

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
COMMANDS = ("search", "predict", "evaluate", "leaderboard", "report", "export", "inspect", "families")


def text_of(name):
    return (ROOT / "docs" / name).read_text("utf-8")


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / "scripts" / "make_reference.py"))


def test_the_table_of_options_is_current(script):
    assert script["commands_page"]() == text_of("reference/commands.md"), "make docs writes it again"


def test_the_schema_is_current(script):
    assert script["schema"]() == text_of("reference/result.schema.json"), "make docs writes it again"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_has_exactly_the_options_of_help(command, name):
    section = re.search(
        rf"^## {name}\n(.*?)(?=^## |\Z)", text_of("reference/commands.md"), re.DOTALL | re.MULTILINE
    )
    listed = set(re.findall(r"`(--[a-z0-9-]+)", section[1]))
    helped = set(re.findall(r"^ +(?:-\w, )?(--[a-z0-9-]+)", command([name, "--help"])[1], re.MULTILINE))
    assert listed == helped - {"--help"}


def test_a_real_result_fulfils_the_schema(finished):
    result = json.loads((finished / "reports/data/result.json").read_text("utf-8"))
    jsonschema.validate(result, json.loads(text_of("reference/result.schema.json")))


def test_every_field_of_the_result_is_explained():
    table = re.findall(r"^\| `(\w+)` \|", text_of("reference/result.md"), re.MULTILINE)
    assert table == [name for name in RunResult.model_fields if name in table]
    assert set(table) == set(RunResult.model_fields)


def test_every_file_of_a_run_is_listed(finished):
    listed = set(re.findall(r"^\| ([a-z_.]+\.\w+) \|", text_of("reference/files.md"), re.MULTILINE))
    assert listed == set(OWN_FILES)
    assert {path.name for path in (finished / "reports/data").iterdir()} <= listed


def test_the_exit_codes_are_those_of_the_code():
    listed = [int(code) for code in re.findall(r"^\| (\d+) \|", text_of("reference/files.md"), re.MULTILINE)]
    assert listed == [entry.DONE, entry.FAILED, entry.WRONG_USAGE, _SOMETHING_IS_OFF, entry.INTERRUPTED]


def test_every_key_of_a_search_space_is_explained():
    page = text_of("reference/search-spaces.md")
    assert [key for key in _PARAM_KEYS if f"`{key}`" not in page] == []
    assert f"| `format` | {_SPACE_FORMAT}." in page


def test_the_presets_are_as_described():
    rows = dict(re.findall(r"^\| ([pt][a-z ]+) \| (.+) \|$", text_of("explanation.md"), re.MULTILINE))
    presets = [PRESETS[name] for name in ("quick", "standard", "thorough")]
    for family, row in (
        ("lightgbm", "trials of lightgbm"),
        ("lstm", "trials of lstm"),
        ("any", "trials of any other family"),
    ):
        assert rows[row].split(" | ") == [str(preset.trials_of(family)) for preset in presets]
    assert rows["partitions"].split(" | ") == [str(preset.n_repeats) for preset in presets]


def test_the_numbers_in_the_explanation_are_those_of_the_code():
    page = text_of("explanation.md")
    assert f"From {LARGE_ROWS:,} rows on, rows are cut into {LARGE_FOLDS} folds" in page
    assert f"trials are tuned on {TUNING_ROWS:,} of the training rows" in page
    assert f"more than {MOST_GAINED} of\nmacro-F1 behind".replace("0.", ".") in page
    assert f"({_N_PERMUTATIONS} shuffles, p below {_SIGNIFICANT:.2f} needed)".replace("0.", ".") in page
    assert f"against the best is at most {_ROPE:.2f}:".replace("0.", ".") in page


def test_the_length_that_the_network_reads_is_that_of_its_search_space():
    assert f"reads the first {load_space('lstm').fixed['max_tokens']} tokens" in " ".join(
        text_of("how-to/long-documents.md").split()
    )


def test_the_picture_of_the_rooms_is_in_the_order_that_imports_obey():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    ordered = [
        [name.strip().removeprefix("automl_text.") for name in re.split(r"[|:]", layer)] for layer in layers
    ]
    picture = re.findall(r"^ (\w+) {2,}\S.*?(?:│ (\w+) .*)?$", text_of("architecture.md"), re.MULTILINE)
    rooms = [sorted(filter(None, pair)) for pair in picture if pair[0] != "data" or pair[1]]
    assert rooms == [sorted(set(layer) - {"__main__"}) for layer in ordered]


def test_every_file_named_in_the_architecture_exists():
    named = re.findall(r"`([a-z_]+/[a-z_]+\.(?:py|toml))`", text_of("architecture.md"))
    assert [
        name
        for name in named
        if not any((place / name).exists() for place in (ROOT, ROOT / "src/automl_text"))
    ] == []
