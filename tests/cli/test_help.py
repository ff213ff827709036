"""Help that teaches, and quickly."""

import resource
import subprocess
import sys

import pytest

from automl_text import __version__

COMMANDS = ("search", "predict", "evaluate", "leaderboard", "report", "export", "inspect", "families")

CONTRACT = {
    "search": (
        "--text --label --group --families --preset --trials --time-budget --outer-folds --repeats --seed --jobs "
        "--search-space --references --encoding --sep --quote --no-header --sheet --output "
        "--resume --overwrite --quiet --open --rare --min-rows "
        "--no-text --force --encoder --cluster"
    ),
    "predict": "-o --overwrite --text --probabilities --min-confidence --raw --require-manifest --sha256",
    "evaluate": "--text --label --json --require-manifest --sha256",
    "leaderboard": "--json",
    "report": "--open --format",
    "export": "--family --data -o --overwrite --format --with-encoder --model-card",
    "inspect": "--text --label --quote --no-header --sheet",
    "families": "",
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself_with_an_example(command, name, flag):
    done = command(name, flag)
    assert done.code == 0
    assert f"Example:  automl-text {name}" in done.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_promised_option_is_there(command, name):
    text = command(name, "--help").out
    assert [option for option in CONTRACT[name].split() if f"{option} " not in text.replace(",", " ")] == []


def test_alone_it_says_what_to_type(command):
    done = command()
    assert done.code == 0
    assert "automl-text search data.csv" in done.out


def test_the_list_of_commands_says_of_each_all_that_its_own_help_begins_with(command):
    listed = " ".join(command("--help").out.split())
    for name in COMMANDS:
        first = " ".join(command(name, "--help").out.split("\n\n")[1].split())
        assert f"{name} {first}" in listed


def test_the_version_is_the_packages(command):
    assert command("--version").out == f"automl-text {__version__}\n"


def test_python_m_is_the_same_as_the_script():
    done = subprocess.run(
        [sys.executable, "-m", "automl_text", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"automl-text {__version__}\n"


def test_help_takes_less_than_half_a_second_of_processor_time():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "automl_text", "--help"], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


def test_help_loads_none_of_the_large_libraries():
    code = (
        "import sys; from automl_text.cli.entry import run; run(['--help']); "
        "heavy = {'numpy', 'pandas', 'sklearn', 'optuna', 'tensorflow', 'lightgbm', 'rich', 'pydantic'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete_commands(shell):
    environment = {
        "_AUTOML_TEXT_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "automl-text pre",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": "automl-text pre",
        "COMP_CWORD": "1",
    }
    program = [sys.executable, "-m", "automl_text"]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert "predict" in done.stdout
