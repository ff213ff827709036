"""Pure numbers: metrics, intervals, comparisons, curves. Arrays in, numbers out; no family is known here."""
