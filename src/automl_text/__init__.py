"""Honest model selection for a few hundred labelled texts."""

__version__ = "0.1.0"
