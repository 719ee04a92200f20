"""The templates of the package: one file each, named by its id."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from wingbeat.templates.template import read_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.templates.template import Template

# In the order in which they are shown.
CATEGORIES = (
    "First steps",
    "Project management",
    "Content and marketing",
    "People and operations",
    "Development",
    "Sales and service",
    "Finance and administration",
)


@cache
def templates() -> Mapping[str, Template]:
    """All of them by their ids: by category, and then by place and name."""
    found = [
        read_template(file.name.removesuffix(".json"), json.loads(file.read_text(encoding="utf-8")))
        for file in files("wingbeat.templates").joinpath("documents").iterdir()
        if file.name.endswith(".json")
    ]
    found.sort(key=lambda one: (CATEGORIES.index(one.category), one.place, one.name))
    return MappingProxyType({one.template_id: one for one in found})
