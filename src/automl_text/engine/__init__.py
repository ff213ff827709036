"""Runs units of work, whatever they are: locally, killable, journalled, or on a cluster."""
