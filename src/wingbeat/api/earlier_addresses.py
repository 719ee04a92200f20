"""The addresses that the systems before this one had: the same operations, under a shorter path. Pure."""

from __future__ import annotations

WORKFLOWS, EXECUTIONS = "/api/workflows", "/api/executions"


def present_path(path: str) -> str:
    """The path that a request is for, where it has the path of an earlier system; any other stays as it is.

    What is asked, and of whom, follows from the path alone, so an earlier one lets in nobody else.
    """
    if path in {WORKFLOWS, f"{WORKFLOWS}/"}:  # One of them wrote it with a slash at its end.
        return "/api/v1/workflows"
    if path.startswith(f"{WORKFLOWS}/"):
        return f"/api/v1{path.removeprefix('/api')}"
    if path.startswith(f"{EXECUTIONS}/"):
        return f"/api/v1/workflows{path.removeprefix('/api')}"
    return path
