"""Findings about texts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from automl_text.results import finding
from automl_text.wording import listed, rows_are, rows_have

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from automl_text.data.dataset import Dataset
    from automl_text.results import Finding, Severity

_WORD = re.compile(r"\w")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_MOJIBAKE = re.compile(
    "\u00c3[\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]|\u00e2\u20ac[\u2122\u0153\u0093\u0094\u02dc]|\ufffd"
)
_MARKUP = re.compile(r"</?(?:p|br|div|span|a|b|i|html|body|table|td|tr|li|ul)\b[^<>]*>", re.IGNORECASE)
_LONG = 20_000
_SAMPLE = 2_000
_SCRIPT_SHARE = 0.05
_NO_BLANKS = frozenset({"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"})


def _rows(dataset: Dataset, is_odd: Callable[[str], object]) -> list[int]:
    """Return the lines of the texts of which ``is_odd`` is true."""
    return [line for line, text in zip(dataset.lines.tolist(), dataset.texts, strict=True) if is_odd(text)]


def _wordless(dataset: Dataset) -> Iterator[Finding]:
    """Texts with nothing to learn from."""
    empty = _rows(dataset, lambda text: not text.strip())
    if empty:
        yield finding(
            "empty_text",
            "warning",
            f"{rows_have(len(empty))} an empty text; it is kept and counts",
            "Delete these rows if no such text will ever be classified",
            empty,
        )
    wordless = _rows(dataset, lambda text: text.strip() and not _WORD.search(text))
    if wordless:
        yield finding(
            "wordless_text",
            "warning",
            f"{rows_have(len(wordless))} a text without any letter or digit",
            "Delete these rows if no such text will ever be classified",
            wordless,
        )


def _constant(dataset: Dataset) -> Iterator[Finding]:
    if len(set(dataset.texts)) == 1:
        yield finding(
            "constant_text",
            "error",
            f"Every text is {listed([dataset.texts[0]], in_quotes=True)}: there is nothing to learn from",
            "Choose the text column with --text",
        )


def _leaks(dataset: Dataset) -> Iterator[Finding]:
    """Texts that give the answer away."""
    labels = [dataset.classes[code].strip().casefold() for code in dataset.codes]
    lines = [
        line
        for line, text, label in zip(dataset.lines.tolist(), dataset.texts, labels, strict=True)
        if text.strip().casefold() == label
    ]
    if lines:
        yield finding(
            "text_equals_label",
            "warning",
            f"{rows_have(len(lines))} a text that equals the label",
            "Delete these rows, unless people really write the category's name",
            lines,
        )


_DAMAGES: tuple[tuple[re.Pattern[str], str, Severity, str, str], ...] = (
    (
        _CONTROLS,
        "control_character",
        "warning",
        "control or text-direction characters in the text",
        "Find out where they come from; models see them as part of the words",
    ),
    (
        _MOJIBAKE,
        "damaged_characters",
        "warning",
        "sequences such as Ã© that come from decoding with the wrong encoding",
        "Export the file again as UTF-8, or name its encoding with --encoding",
    ),
    (
        _MARKUP,
        "markup",
        "note",
        "HTML tags in the text",
        "Remove the tags if the texts to be classified later have none",
    ),
)


def _damaged(dataset: Dataset) -> Iterator[Finding]:
    """Characters that no person typed."""
    for pattern, code, severity, what, remedy in _DAMAGES:
        if lines := _rows(dataset, pattern.search):
            yield finding(code, severity, f"{rows_have(len(lines))} {what}", remedy, lines)


def _long(dataset: Dataset) -> Iterator[Finding]:
    lines = _rows(dataset, lambda text: len(text) > _LONG)
    if lines:
        longest = max(map(len, dataset.texts))
        yield finding(
            "long_text",
            "note",
            f"{rows_are(len(lines))} longer than {_LONG:,} characters (the longest has {longest:,})",
            "Look whether several texts ran together; networks read the beginning alone",
            lines,
        )


def _scripts(dataset: Dataset) -> Iterator[Finding]:
    """Languages that the defaults do not fit."""
    step = max(1, dataset.n_rows // _SAMPLE)
    scripts = [_script(text) for text in dataset.texts[::step]]
    counts = Counter(script for script in scripts if script)
    n_known = max(sum(counts.values()), 1)
    common = [script for script, n in counts.most_common() if n / n_known >= _SCRIPT_SHARE]
    unspaced = sorted(_NO_BLANKS.intersection(common))
    if unspaced:
        yield finding(
            "no_blanks",
            "note",
            f"Texts are in a script without blanks between words ({', '.join(unspaced).lower()})",
            "Nothing to do: character n-grams are among the features searched; word features say little here",
        )
    families = {"CJK" if script in _NO_BLANKS else script for script in common}
    if len(families) > 1:
        yield finding(
            "mixed_scripts",
            "note",
            f"Texts are in several scripts ({', '.join(common).lower()})",
            "Check that every category occurs in every language, or the model learns the language",
        )


def _script(text: str) -> str:
    """Return the script of most letters among the first 200 characters; empty where there is no letter."""
    letters = Counter(
        unicodedata.name(char, "?").split(maxsplit=1)[0] for char in text[:200] if char.isalpha()
    )
    return letters.most_common(1)[0][0] if letters else ""


TEXT_CHECKS = (_wordless, _constant, _leaks, _damaged, _long, _scripts)
