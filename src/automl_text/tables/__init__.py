"""Everything that reads or writes a table of rows: one reader by chunks, one writer beside it."""
