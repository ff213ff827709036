"""Which trials are tried, which fits they need, and what is chosen from their scores."""
