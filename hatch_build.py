"""Builds what the package needs and the repository does not hold: the machine for Python code, and the web app."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
BUILDS = {
    "wingbeat_sandbox_build": HERE / "src" / "wingbeat" / "sandbox" / "build.py",
    "wingbeat_ui_build": HERE / "ui" / "build.py",
}


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before a wheel is made, editable ones included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is not there, or was made of something else."""
        del version, build_data
        for name, path in BUILDS.items():
            # By its file: the package is not installed yet.
            spec = importlib.util.spec_from_file_location(name, path)
            if spec is None or spec.loader is None:
                raise FileNotFoundError(path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            module.build()
