"""The one kind of data that flows through a workflow: JSON values. How they are stored is not decided here."""

from __future__ import annotations

from typing import TypeAlias, Union

Json: TypeAlias = Union[None, bool, int, float, str, "list[Json]", "dict[str, Json]"]  # noqa: RUF036 - null first, as people count
JsonObject: TypeAlias = "dict[str, Json]"
