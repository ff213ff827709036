"""Writes the pages of docs/reference that follow from the code: the table of options and the schema of result.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"

_HEAD = """\
# Commands

<!-- written by scripts/make_reference.py: `make docs` writes it again -->

`automl-text COMMAND --help` says the same. Every command also takes `-h` and `--help`; `automl-text --version` prints
the version.
"""


def commands_page() -> str:
    """Return one section for each command with a table of its arguments and options."""
    from typer.main import get_command  # noqa: PLC0415

    from automl_text.cli.app import app  # noqa: PLC0415

    commands: dict[str, Any] = get_command(app).commands
    return _HEAD + "".join(_section(name, command) for name, command in commands.items())


def schema() -> str:
    """Return the JSON schema of result.json."""
    from automl_text.results import RunResult  # noqa: PLC0415

    return json.dumps(RunResult.model_json_schema(mode="serialization"), indent=1, ensure_ascii=False) + "\n"


def _section(name: str, command: Any) -> str:  # typer gives its commands no public type
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    table = "".join(
        f"| {' | '.join(cells)} |\n" for cells in [("", "meaning", "default"), ("---",) * 3, *rows]
    )
    example = command.epilog.removeprefix("Example:").strip()
    listed = f"\n{table}" if rows else ""
    return f"\n## {name}\n\n{command.help}\n\n    {example}\n{listed}"


def _row(parameter: Any) -> tuple[str, str, str]:  # as above
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar}`", _cell(parameter.help), "required"
    takes = "" if parameter.is_flag else f" {parameter.metavar}"
    names = ", ".join(f"`{option}{takes}`".replace("|", "\\|") for option in parameter.opts)
    default = "required" if parameter.required else _default(parameter.default)
    return names, _cell(parameter.help), default


def _default(value: object) -> str:
    return "" if value is None or value is False or value == () else f"`{value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write both files."""
    (REFERENCE / "commands.md").write_text(commands_page(), encoding="utf-8", newline="\n")
    (REFERENCE / "result.schema.json").write_text(schema(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
