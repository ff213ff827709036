"""The tables of promises: means over samples, and what is printed of them."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

import numpy as np

from honesty_samples import MULTIPLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Values = dict[str, float]


def summarise(samples: Sequence[Values]) -> Values:
    """Return means over the samples.

    Beside each mean stand ``_error``, its standard error, ``_spread``, ``_abs``, the mean absolute value, and
    ``_around``, the mean absolute distance from the median: how far off the best constant would be.
    """
    found: Values = {"n": float(len(samples))}
    for name in sorted({name for sample in samples for name in sample}):
        values = np.array([sample[name] for sample in samples if name in sample])
        found[name] = float(values.mean())
        found[f"{name}_spread"] = float(values.std())
        found[f"{name}_error"] = float(values.std() / np.sqrt(len(values)))
        found[f"{name}_abs"] = float(np.abs(values).mean())
        found[f"{name}_around"] = float(np.abs(values - np.median(values)).mean())
    return found


_HEAD = {
    "n": "{n:.0f}",
    "truth": "{truth:.3f}",
    "measured": "{measured_off:+.3f}",
    "bias": "{expected_off:+.3f} ± {bias_error:.3f}",
    "spread": "{expected_off_spread:.3f}",
    "covers": "{covered:.3f}",
    "width": "{width:.3f}",
    "score": "{interval_score:.3f}",
    "Takahashi": "{takahashi_covered:.2f} {takahashi_interval_score:.3f}",
    "corrected t": "{t_covered:.2f} {t_interval_score:.3f}",
    "bootstrap": "{bootstrap_covered:.2f} {bootstrap_interval_score:.3f}",
    "z": "{z_covered:.2f} {z_interval_score:.3f}",
}
_FORECASTS = {
    f"{what} {multiple}x": f"{{{what}{multiple}_error:.3f}} {{{what}{multiple}_covered:.2f}}"
    for multiple in MULTIPLES
    for what in ("level", "gain")
} | {f"luck {multiple}x": f"{{gain{multiple}_true_around:.3f}}" for multiple in MULTIPLES}
_REST = {
    "category": "{class_covered:.3f}",
    "accuracy": "{accuracy_off:+.3f} {accuracy_covered:.3f}",
    "share": "{share_covered:.3f}",
    "error": "{error_covered:.3f}",
    "advised": "{advised:.2f}",
    "kept": "{word_kept:.3f}",
    "safe": "{called_safe_wrongly:.2f}",
    "fall": "{fall:.2f}",
    "noticed": "{noticed:.2f}",
    "alarm": "{alarm:.2f}",
}
TABLES = {
    "Expected macro-F1 of the final model, its 95 % interval, and published intervals (covers, score)": _HEAD,
    (
        "Forecasts: mean absolute error without the judging rows' own, and cover of the 90 % band; luck: how far off\n"
        "the best constant gain would be, known afterwards, since models on as many rows differ by luck"
    ): _FORECASTS,
    (
        "Everything else: cover of the 95 % intervals, and whether words were kept; fall: what 200 new texts\n"
        "would notice in 4 of 5 cases, how often they did, and how often there was an alarm without one"
    ): _REST,
}


def show(rows: Mapping[str, Values]) -> None:
    """Print the tables, one line for each population and size, and the worst of each column."""
    for title, columns in TABLES.items():
        _print_table(title, {name: row | _derived(row) for name, row in rows.items()}, columns)
    pooled = np.average(
        [row["covered"] for row in rows.values()], weights=[row["n"] for row in rows.values()]
    )
    worst = max(rows, key=lambda name: abs(rows[name]["expected_off"]))
    least = min(rows, key=lambda name: rows[name]["covered"])
    print(f"\nAll together the interval covers {pooled:.3f}; least on {least}: {rows[least]['covered']:.3f}.")
    print(f"The bias is largest on {worst}: {rows[worst]['expected_off']:+.3f}.")


def _derived(row: Values) -> Values:
    """Return the error of the bias, and what is left of forecast errors without the luck of the rows that judge."""
    found = {"bias_error": 1.96 * row["expected_off_error"]}
    for key in (f"{what}{multiple}" for what in ("level", "gain") for multiple in MULTIPLES):
        if f"{key}_off" in row:
            total = row[f"{key}_off"] ** 2 + row[f"{key}_off_spread"] ** 2
            found[f"{key}_error"] = (
                row[f"{key}_off_abs"] * max(1 - row[f"{key}_judges"] / max(total, 1e-12), 0.0) ** 0.5
            )
    return found


def _print_table(title: str, rows: Mapping[str, Values], columns: Mapping[str, str]) -> None:
    columns = {
        head: form for head, form in columns.items() if not all(_lacks(form, row) for row in rows.values())
    }
    cells = [["", *columns]]
    for name, row in rows.items():
        cells.append([name, *("-" if _lacks(form, row) else form.format(**row) for form in columns.values())])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(f"\n{title}\n")
    for line in cells:
        if line is cells[0] or set(line[1:]) != {"-"}:
            print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def _lacks(form: str, row: Values) -> bool:
    return any(name and name not in row for _, name, _, _ in Formatter().parse(form))
