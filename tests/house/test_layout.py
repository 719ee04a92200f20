"""What import-linter cannot say about the layout: which packages from outside may be imported where."""

from __future__ import annotations

import sys

import grimp
import pytest


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Every import between Wingbeat's modules, and from them to the outside."""
    return grimp.build_graph("wingbeat", include_external_packages=True)


def _imported_by(imports: grimp.ImportGraph, package: str) -> set[str]:
    modules = {package, *imports.find_descendants(package)}
    return {found for module in modules for found in imports.find_modules_directly_imported_by(module)}


def _third_parties(names: set[str]) -> set[str]:
    return {name for name in names if not name.startswith("wingbeat")} - sys.stdlib_module_names


def test_core_imports_only_the_standard_library_and_re2(imports: grimp.ImportGraph) -> None:
    """The core imports no package from outside but RE2, whatever its name."""
    assert _third_parties(_imported_by(imports, "wingbeat.core")) - {"re2"} == set()


def test_node_types_import_only_the_sdk_and_the_core(imports: grimp.ImportGraph) -> None:
    """A node type sees of Wingbeat what a third party's sees: the sdk, and through it the core."""
    ours = {name for name in _imported_by(imports, "wingbeat.nodes") if name.startswith("wingbeat.")}

    assert {name for name in ours if name.split(".")[1] not in {"sdk", "core", "nodes"}} == set()


# Whoever is missing here cannot reach beyond this machine but through `wingbeat.egress`.
OUTWARD = {
    "aiosmtplib": {"wingbeat.egress"},
    "anthropic": {"wingbeat.egress"},
    "asyncmy": {"wingbeat.egress"},
    "authlib": {"wingbeat.egress"},
    "botocore": {"wingbeat.egress"},
    "httpcore": {"wingbeat.egress"},
    "httpx": {"wingbeat.egress"},
    "httpx2": {"wingbeat.egress"},
    "mcp": {"wingbeat.egress"},
    "openai": {"wingbeat.egress"},
    "pydantic_ai": {"wingbeat.egress"},
    "smtplib": set(),
    "ftplib": set(),
}


@pytest.mark.parametrize(("package", "allowed"), OUTWARD.items(), ids=OUTWARD)
def test_only_the_way_out_imports_what_connects(imports: grimp.ImportGraph, package: str, allowed: set[str]) -> None:
    """Addresses are checked in one place, so what could go round it is imported nowhere else."""
    importers = imports.find_modules_that_directly_import(package) if package in imports.modules else set()

    assert {".".join(name.split(".")[:2]) for name in importers} <= allowed
