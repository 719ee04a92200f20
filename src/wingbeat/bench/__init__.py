"""What `wingbeat bench` measures: one module per benchmark, on installations of their own. Nothing here asserts a time."""
