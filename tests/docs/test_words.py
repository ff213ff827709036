"""One word for each thing: what docs/architecture.md has ousted does not come back."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
ANOTHER_SENSE = {
    "CurvePoint": "a point of a curve",
    "entry_points": "importlib's",
    "ENTRY_POINT_GROUP": "importlib's",
    "point": "of an entry point, in the registry",
}
"""Identifiers that hold an ousted word and mean another thing."""


def table():
    rows = re.findall(r"^\| (`.+) \| (.+) \| (.+) \| (.*) ?\|$", page(), re.MULTILINE)
    return {word.strip(): term for term, _, _, ousted in rows for word in ousted.split(",") if word.strip()}


def page():
    return (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def identifiers(tree):
    """Yield every name that a module defines, takes, sets or passes by keyword, its options and its keys."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.keyword(arg=str(name)):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.Constant(value=str(name)) if re.fullmatch(r"--[a-z-]+", name):
                yield name
            case ast.Dict(keys=keys):
                yield from (
                    key.value
                    for key in keys
                    if isinstance(key, ast.Constant)
                    and isinstance(key.value, str)
                    and key.value.isidentifier()
                )
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                yield name


def words(identifier):
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", identifier)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_ousted_words_do_not_come_back(path):
    ousted = table()
    names = set(identifiers(ast.parse(path.read_text(encoding="utf-8")))) | {path.stem}
    back = {
        f"{name}: say {ousted[word]}"
        for name in names - ANOTHER_SENSE.keys()
        for word in words(name) & ousted.keys()
    }
    assert not back


def test_the_table_is_read():
    assert {"part": "`fold`, `n_folds`", "shipment": "`refit`"}.items() <= table().items()
    assert words("n_parts") == {"n", "parts"}
    assert words("CurvePoint") == {"curve", "point"}
