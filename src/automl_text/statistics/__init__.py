"""Pure numbers: metrics, intervals, comparisons, curves. Arrays in, numbers out; nothing here knows a family."""
