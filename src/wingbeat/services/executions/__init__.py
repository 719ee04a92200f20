"""Executions: how they start, go on, wait, fork and are steered."""
