"""The one kind of data that flows through a workflow: JSON values. What they are, and nothing about how they are stored."""

from __future__ import annotations

from typing import TypeAlias, Union

Json: TypeAlias = Union[None, bool, int, float, str, "list[Json]", "dict[str, Json]"]
JsonObject: TypeAlias = "dict[str, Json]"
