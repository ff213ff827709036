"""From a saved result to one page."""
