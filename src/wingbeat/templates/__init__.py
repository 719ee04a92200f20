"""Workflows to begin with: JSON files of the package, and how one becomes a workflow of somebody's own."""
