"""`automl-text families`."""

from __future__ import annotations

from textwrap import wrap

from automl_text.cli.say import out, print_table
from automl_text.wording import printable

_WIDTH = 80


def families() -> None:
    """List the families that a search can try, simplest first, and what keeps one from running here."""
    from automl_text.families.registry import available, family_names, load_family

    known = sorted(
        (load_family(name) for name in family_names()), key=lambda each: (each.is_reference, each.simplicity)
    )
    obstacles = {family.name: available(family) for family in known}
    rows = [
        (
            family.name,
            family.title,
            "reference" if family.is_reference else "",
            "not ready" if obstacles[family.name] else "ready",
        )
        for family in known
    ]
    print_table(("family", "what it is", "role", "here"), rows)
    for name, obstacle in obstacles.items():
        if obstacle:
            out()
            for line in wrap(printable(f"{name}: {obstacle}"), _WIDTH):
                out(line)
