"""From a `RunResult` to what the templates set: finished strings and positions, no arithmetic left to do."""
