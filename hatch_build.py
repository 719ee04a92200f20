"""Builds what the package needs and the repository does not hold: the machine for Python code."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILD = Path(__file__).parent / "src" / "wingbeat" / "sandbox" / "build.py"


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before a wheel is made, editable ones included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the machine, unless it is there."""
        del version, build_data
        # By its file: the package is not installed yet.
        spec = importlib.util.spec_from_file_location("wingbeat_sandbox_build", BUILD)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(BUILD)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.build()
