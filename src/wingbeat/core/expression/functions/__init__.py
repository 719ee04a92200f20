"""What expressions can do with values: one file for each family, each a table with help and examples."""
