"""A model card: what a stranger should know before using an exported model, with Hugging Face's metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from automl_text.report.markdown import escaped
from automl_text.results import text_name_of
from automl_text.wording import listed

if TYPE_CHECKING:
    from automl_text.results.model import Manifest

_CARD = """\
---
library_name: {library}
pipeline_tag: text-classification
tags:
- automl-text
- text-classification
{index}---

# {title} for {labels_count} categories

A text classifier ({family}) found by automl-text, fitted on all {n_rows} rows of `{data}`.

## What it is for

It takes {takes} and returns one of these labels for each, with probabilities:

{labels}

It always answers: a text that belongs to none of them, or is in another language, gets the nearest label. Rows
below a confidence of your choice can be left to a person (`automl-text predict --min-confidence`).

## How good it is

{quality}

## How to use it

{usage}

It was made with Python {python} and needs:

```
{requirements}
```
{encoders}
## How it was made

Parameters, chosen by inner splits of the training rows: `{parameters}`. The training file had the sha256
`{data_sha256}`.
"""


_WITHOUT_ENCODER = """ Where that is missing it warns and still answers, but takes words that its training
texts lack as unknown: on three samples of 500 short requests that cost .04 to .08 of macro-F1."""

_PICKLE = """\
```python
import joblib

model = joblib.load("{file}")
{call}
```

A pickle is a program: load it only if its sha256 is `{sha256}` and you trust who told you so."""

_SAFE = """\
```
automl-text predict {file} texts.csv --sha256 {sha256}
```

Loading this file runs no code of its own."""


def model_card(manifest: Manifest) -> str:
    """Return the card as Markdown; equal manifests give equal cards."""
    library = "keras" if "tensorflow" in manifest.versions else "sklearn"
    return _CARD.format(
        library=library,
        takes=_takes(manifest),
        index=_model_index(manifest),
        title=escaped(manifest.title),
        family=escaped(manifest.family),
        labels_count=len(manifest.labels),
        n_rows=f"{manifest.trained_on.n_rows:,}",
        data=_in_code(manifest.trained_on.file_name),
        labels="\n".join(f"- {escaped(label)}" for label in manifest.labels),
        quality=_quality(manifest),
        usage=_usage(manifest),
        python=manifest.python,
        requirements="\n".join(manifest.requirements),
        encoders=_encoders(manifest),
        parameters=_in_code(json.dumps(manifest.parameters, ensure_ascii=False)),
        data_sha256=manifest.trained_on.sha256,
    )


def _takes(manifest: Manifest) -> str:
    if not manifest.features:
        return "a list of texts"
    name = text_name_of(manifest.text_columns, manifest.features)
    beside = [f"`{_in_code(each.name)}` ({each.kind})" for each in manifest.features]
    return (
        f"a DataFrame of rows, the texts in `{_in_code(name)}` and beside them {listed(beside, len(beside))},"
    )


def _model_index(manifest: Manifest) -> str:
    """Return the metadata that the Hugging Face hub shows as the model's results."""
    score = manifest.promise.expected_macro_f1
    if score is None:
        return ""
    entry = {
        "name": manifest.family,
        "results": [
            {
                "task": {"type": "text-classification"},
                "dataset": {"name": manifest.trained_on.file_name, "type": "tabular"},
                "metrics": [{"type": "f1", "name": "macro F1, expected", "value": round(score, 4)}],
            }
        ],
    }
    return f"model-index: {json.dumps([entry], ensure_ascii=True)}\n"  # JSON is YAML


def _quality(manifest: Manifest) -> str:
    promise = manifest.promise
    if promise.expected_macro_f1 is None:
        return f"Not measured. {escaped(promise.interval_reason)}".strip()
    between = ""
    if promise.interval is not None:
        between = f" (95 % interval {promise.interval[0]:.2f} to {promise.interval[1]:.2f})"
    return (
        f"Expected macro-F1 on new texts like those of training: **{promise.expected_macro_f1:.2f}**{between}. "
        "It was measured on rows that neither the models nor the choice of their parameters had seen."
    )


def _usage(manifest: Manifest) -> str:
    """Return how to load the file: a pickle by joblib alone, the other forms by our command."""
    is_safe = manifest.file_name.endswith((".skops", ".npz"))
    file = _in_code(manifest.file_name).replace('"', "")
    return (_SAFE if is_safe else _PICKLE).format(file=file, sha256=manifest.sha256, call=_call(manifest))


def _call(manifest: Manifest) -> str:
    """Return a line that asks the model about one text, or about one row where it reads columns beside the text."""
    if not manifest.features:
        return 'model.predict(["a text"])'
    names = [
        text_name_of(manifest.text_columns, manifest.features),
        *(each.name for each in manifest.features),
    ]
    cells = ["a text", *(1.0 if each.kind == "number" else "a value" for each in manifest.features)]
    row = ", ".join(f"{_in_code(repr(name))}: [{cell!r}]" for name, cell in zip(names, cells, strict=True))
    joined = "  # its texts joined by a newline" if len(manifest.text_columns) > 1 else ""
    return f"model.predict(pandas.DataFrame({{{row}}})){joined}"


def _encoders(manifest: Manifest) -> str:
    """Return which sentence encoders the model reads texts with; nothing where it uses none."""
    named = [
        f"{name} (Universal Sentence Encoder multilingual 3, Apache-2.0, a package)"
        if name == "bundled"
        else f"{_in_code(name)} (sha256 {_in_code(digest)}; its licence is its maker's)"
        for digest, name in manifest.encoders.items()
    ]
    without = _WITHOUT_ENCODER if manifest.parameters.get("embedding") == "pretrained" else ""
    return f"\nIt reads texts with the sentence encoder {' and '.join(named)}.{without}\n" if named else ""


def _in_code(text: str) -> str:
    """Return ``text`` so that it cannot leave a code span or a code block."""
    return "".join(c if c.isprintable() else " " for c in text).replace("`", "'")
