"""The templates of the package: each makes a workflow without problems that comes to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wingbeat.core.checks import validate
from wingbeat.core.document import parse_workflow
from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS
from wingbeat.discovery import discover_node_types
from wingbeat.templates.library import CATEGORIES, templates
from wingbeat.templates.template import VARIABLE, fill_in
from wingbeat.worker.rehearsal import EngineRehearser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.core.json_value import Json
    from wingbeat.templates.template import Template

TYPES = discover_node_types().types
BUSINESS = {
    "project_kickoff", "sprint_planning", "content_creation", "marketing_campaign", "employee_onboarding",
    "time_off_approval", "expense_approval", "bug_triage", "code_review", "sales_pipeline", "lead_qualification",
    "client_onboarding", "customer_support", "invoice_processing", "recurring_maintenance",
}  # fmt: skip
SOMETHING: dict[str, Json] = {
    "people": ["ada@example.com", "bo@example.com"],
    "person": "ada@example.com",
    "list": ["https://example.com/"],
    "connection": "0198c0de-0000-7000-8000-000000000001",
    "timezone": "Europe/Zurich",
    "text": "https://example.com/ada",
}


def values(template: Template, *, all_of_them: bool) -> dict[str, Json]:
    """Values for what a template requires, or for everything; its defaults stay."""
    wanted = (one for one in template.variables if one.default is None and (one.required or all_of_them))
    return {one.name: SOMETHING[one.type] for one in wanted}


def placeholders(value: Json) -> Iterator[str]:
    """The names of the variables that a workflow has places for."""
    if isinstance(value, dict):
        if VARIABLE in value:
            yield str(value[VARIABLE])
        for name, one in value.items():
            yield from [str(one)] if name in {"$when", "$unless"} else placeholders(one)
    elif isinstance(value, list):
        for one in value:
            yield from placeholders(one)


def test_the_library_has_what_it_promises() -> None:
    """Fifteen for businesses and five to learn from, by category; each described, and each variable used."""
    found = templates()
    assert BUSINESS == {one.template_id for one in found.values() if one.category != CATEGORIES[0]}
    assert 5 == sum(one.category == CATEGORIES[0] for one in found.values())
    for template in found.values():
        assert template.description, template.template_id
        assert {one.name for one in template.variables} == set(placeholders(template.workflow)), template.template_id


@pytest.mark.parametrize("all_of_them", [False, True], ids=["what is required", "everything"])
@pytest.mark.parametrize("template_id", templates())
async def test_a_template_makes_a_workflow_that_comes_to_its_end(template_id: str, all_of_them: bool) -> None:
    """Without errors and warnings, and rehearsed with its sample."""
    template = templates()[template_id]
    document = fill_in(template, "Mine", values(template, all_of_them=all_of_them))

    assert "Mine" == document["name"]
    assert [] == validate(parse_workflow(document), TYPES, DEFAULT_CAPS, DEFAULT_LIMITS)
    report = await EngineRehearser(TYPES, DEFAULT_LIMITS, DEFAULT_CAPS).run(document, template.sample, {})
    assert (None, "completed") == (report.error, report.status)
    assert "flow.end" == report.trace[-1].type
