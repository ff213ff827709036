"""One file per family of models, found by name and imported when first needed."""
