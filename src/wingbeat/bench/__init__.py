"""What `wingbeat bench` measures, one module for each benchmark. Nothing here asserts a time."""
