from __future__ import annotations

import hashlib
import random
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from automl_text.errors import InputError
from automl_text.families.registry import load_family
from automl_text.tuning.params import ChoiceParam, FloatParam, IntParam
from automl_text.tuning.space import load_space, read_space, settings_of

SHIPPED = (Path(__file__).parents[2] / "search_spaces" / "logreg.toml").read_text()
FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"
C_TABLE = '[params.C]\ntype = "float"\nlow = 0.5\nhigh = 100.0\nlog = true\ndefault = 5.0\n'


@pytest.fixture
def faults_of(tmp_path: Path):
    """Return a function that changes the shipped file and returns the lines of the error."""

    def changed(old: str, new: str) -> list[str]:
        assert old in SHIPPED
        path = tmp_path / "mine.toml"
        path.write_text(SHIPPED.replace(old, new, 1))
        with pytest.raises(InputError, match=r"mine\.toml: ") as caught:
            load_space("logreg", path)
        return str(caught.value).replace(f"{path}: ", "").splitlines()

    return changed


def test_a_space_holds_what_its_file_says():
    space = load_space("logreg")
    assert space.distributions["C"] == FloatParam(low=0.5, high=100.0, log=True, default=5.0)
    assert space.distributions["char_ngram_max"] == IntParam(low=3, high=5, default=5)
    assert space.distributions["sublinear"] == ChoiceParam[bool](choices=(True, False), default=True)
    assert space.default_params["C"] == 5.0
    assert space.fixed["min_df"] == 1
    assert space.default_params == {
        **space.fixed,
        **{name: each.default for name, each in space.distributions.items()},
    }
    assert space.sha256 == hashlib.sha256(SHIPPED.encode()).hexdigest()


def test_an_edited_copy_is_read_in_its_place(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(SHIPPED.replace("high = 100.0", "high = 50"))
    space = read_space(path)
    assert space.family == "logreg"
    assert space.distributions["C"] == FloatParam(low=0.5, high=50.0, log=True, default=5.0)
    assert isinstance(space.distributions["C"].high, float)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("format = 1", "format = 2", "format is 2; it must be 1."),
        ("format = 1", "format = 1\nparms = 1", "parms is unknown. Did you mean 'params'?"),
        ("high = 100.0", "hihg = 100.0", "params.C.hihg is unknown. Did you mean 'high'?"),
        ("high = 100.0", "hihg = 100.0", "params.C.high is missing."),
        ("default = 5.0", "", "params.C.default is missing."),
        ("default = 5.0", "default = 3000.0", "params.C.default is 3000.0, outside of 0.5 to 100.0."),
        ("low = 0.5", "low = 0.0", "params.C.low is 0.0; with log = true it must be above 0. Raise low or remove log."),
        ("low = 0.5", "low = 400.0", "params.C.low is 400.0, above high = 100.0. Exchange them."),
        ("low = 0.5", 'low = "1"', "params.C.low is '1'; it must be a number."),
        ("low = 0.5", "low = nan", "params.C.low is nan; it must be finite."),
        ("log = true", 'log = "yes"', "params.C.log is 'yes'; it must be true or false."),
        ('type = "float"', 'type = "flaot"', "params.C.type is 'flaot'; it must be 'float', 'choice'. Did you mean 'float'?"),  # noqa: E501
        ('type = "float"', 'type = "int"', "params.C.type is 'int'; it must be 'float', 'choice'."),
        ("[params.C]", "[params.c_]", "params.c_ is unknown."),
        ("[params.C]", "[params.c_]", "parameter C is missing; tune it under [params.C] or set it under [fixed]."),
        ("min_df = 1", "min_df = 1\nC = 2.0", "parameter C stands under params and under fixed; remove one."),
        ("min_df = 1", "min_df = true", "fixed.min_df is True; it must be a whole number."),
        ('["both"', '["boht"', "params.pieces.choices: a value is 'boht'; it must be 'words', 'characters', 'both' or 'characters_across'. Did you mean 'both'?"),  # noqa: E501
        ('["both"', '["words"', "params.pieces.choices holds a value twice."),
        ('["both", "words"]', "[]", "params.pieces.choices is []; it must be a list of at least one value."),
        ('default = "both"', 'default = "characters_across"', "params.pieces.default is 'characters_across', which is none of its choices ['both', 'words']."),  # noqa: E501
        (C_TABLE, "[params]\nC = 3\n", "params.C is no table; write [params.C] with type and default, or move it under [fixed]."),  # noqa: E501
    ],
)  # fmt: skip
def test_every_fault_names_its_key_and_the_remedy(faults_of, old: str, new: str, fault: str):
    assert any(line.startswith(fault) for line in faults_of(old, new)), faults_of(old, new)


def test_a_range_for_a_named_choice_is_refused(faults_of):
    faults = faults_of('type = "choice"\nchoices = ["both", "words"]', 'type = "int"\nlow = 1\nhigh = 2')
    assert faults[-1] == "params.pieces.type is 'int'; it must be 'choice'."


def test_all_faults_are_said_at_once(faults_of):
    table = '[params.C]\ntype = "float"\nlow = -1\nhigh = "x"\nlogg = true\ndefault = 1\n'
    assert faults_of(C_TABLE, f"{table}\n[paramz]\n[params.c_max]\n") == [
        "params.C.high is 'x'; it must be a number.",
        "params.C.logg is unknown. Did you mean 'log'?",
        "params.c_max is unknown.",
        "paramz is unknown. Did you mean 'params'?",
    ]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("format = 1", 'family is missing. Add a line such as family = "logreg"'),
        ('format = 1\nfamily = "logerg"', "family: There is no family 'logerg'. Did you mean 'logreg'?"),
        ('format = 1\nfamily = "majority"\nparams = 3', "params is no table"),
        ('format = 1\nfamily = "majority"\nfixed = 3', "fixed is no table"),
        ("\x00", "not a TOML file"),
        ("a = " + "9" * 5000, "not a TOML file: Exceeds the limit"),
        ("a = " + "[" * 100_000, "not a TOML file: "),
        ("[fixed]\nC = [1, 0xffffffffffffffff]", r"odd\.toml: fixed\.C is a whole number beyond 64 bits\.$"),
        ('format = 1\nfamily = "majority"\n"a\\n\\u202e" = 1', r": a\\n\\u202e is unknown\.$"),
    ],
)
def test_a_file_that_is_no_search_space_is_refused(content: str, match: str, tmp_path: Path):
    path = tmp_path / "odd.toml"
    path.write_text(content)
    with pytest.raises(InputError, match=match):
        read_space(path)


def test_damaged_files_are_searched_or_refused_with_all_their_faults(tmp_path: Path):
    fuzz = runpy.run_path(str(FUZZ))
    rng, sound = random.Random(1), fuzz["SEARCH_SPACES"].sound()  # noqa: S311  (nothing secret)
    for _ in range(300):
        case = fuzz["draw_space"](rng, sound)
        assert fuzz["space_fault"](case, tmp_path) is None, case


def test_a_file_of_another_family_is_refused(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(SHIPPED)
    with pytest.raises(InputError, match="a search space of 'logreg', not of 'linear'"):
        load_space("linear", path)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"Cannot read the search space .*none\.toml: No such file"):
        read_space(tmp_path / "none.toml")


def test_trials_become_settings_strictly():
    family, params = load_family("logreg"), load_space("logreg").default_params
    assert settings_of(family, params).C == 5.0
    wrong = {**params, "c": 1.0, "min_df": 1.5, "sublinear": 1}
    del wrong["C"]
    with pytest.raises(InputError, match="Settings of logreg: C is missing") as caught:
        settings_of(family, wrong)
    assert str(caught.value).splitlines() == [
        "Settings of logreg: C is missing.",
        "Settings of logreg: c is unknown.",
        "Settings of logreg: min_df is 1.5; it must be a whole number.",
        "Settings of logreg: sublinear is 1; it must be true or false.",
    ]


def test_no_model_library_is_imported_to_read_a_space():
    code = "import sys; from automl_text.tuning.space import load_space; load_space('lightgbm'); print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603
    assert not {"sklearn", "scipy", "lightgbm", "optuna", "pandas", "tensorflow"} & set(loaded)
