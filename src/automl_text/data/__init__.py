"""From a file to a `Dataset` cut into folds: reading, findings, groups, partitions."""
