"""`automl-text families`."""

from __future__ import annotations

from automl_text.cli.table import Column, print_table


def families() -> None:
    """List the families that a search can try, and what keeps one from running here."""
    from automl_text.families.registry import available, family_names, load_family

    known = [load_family(name) for name in family_names()]
    rows = [
        (
            family.name,
            family.title,
            "reference" if family.is_reference else "",
            available(family) or "ready",
        )
        for family in sorted(known, key=lambda each: (each.is_reference, each.simplicity))
    ]
    print_table((Column("family"), Column("what it is"), Column("role"), Column("here")), rows)
