"""From a file to a `Dataset` cut into parts: reading, findings, groups, partitions."""
