"""Arrays in, numbers out: metrics, intervals, comparisons, curves, the recommendation."""
