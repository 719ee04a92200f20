"""Workflows to begin with, as JSON files; `wingbeat serve --sample` publishes them."""
