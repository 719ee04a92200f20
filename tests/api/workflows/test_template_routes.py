"""The addresses of templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.api.bodies import DefinitionBody

if TYPE_CHECKING:
    import httpx

CREATE = "/api/v1/workflows/from-template"
KICKOFF = {
    "template_id": "project_kickoff",
    "name": "Alpha",
    "variables": {"project_name": "{{ 1 }}", "project_manager": "ada", "team_members": ["bo"], "kickoff_days": None},
}


async def test_there_is_a_gallery(client: httpx.AsyncClient) -> None:
    """Every template is listed with what it asks for, and has a workflow that can be drawn before it is filled in."""
    listed = (await client.get("/api/v1/templates")).json()["data"]
    assert ["First steps"] * 5 == [one["category"] for one in listed[:5]]
    for one in listed:
        shown = (await client.get(f"/api/v1/templates/{one['template_id']}")).json()["data"]
        assert one == {name: shown[name] for name in one}
        assert one["node_count"] == len(DefinitionBody.model_validate(shown["definition"]).nodes)


async def test_a_workflow_is_made_of_a_template(client: httpx.AsyncClient) -> None:
    """Under a name of its own, once for one key; what was filled in is a value and never an expression."""
    answers = [await client.post(CREATE, json=KICKOFF, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    data = answers[0].json()["data"]
    assert [201, 201] == [answer.status_code for answer in answers]
    assert data["workflow_id"] == answers[1].json()["data"]["workflow_id"]
    assert ("Alpha", "draft") == (data["name"], data["status"])
    assert {
        "project_name": "{{ 1 }}",
        "project_manager": "ada",
        "team_members": ["bo"],
        "kickoff_days": 7,
    } == data["definition"]["global_variables"]
    assert (await client.post(f"{answers[0].headers['location']}/publish")).status_code == 200


async def test_what_cannot_be_filled_in_is_named_at_once(client: httpx.AsyncClient) -> None:
    """All that is missing, unknown or of another type; and a template that there is not."""
    answer = await client.post(
        CREATE, json={**KICKOFF, "variables": {"team_members": "bo", "kickoff_days": True, "other": 1}}
    )
    body = answer.json()
    assert (400, "TEMPLATE_VARIABLES_INVALID") == (answer.status_code, body["error_code"])
    assert [
        "other: there is no such variable",
        "project_name: it is required",
        "project_manager: it is required",
        "team_members: it is no list of up to 200 names",
        "kickoff_days: it is no whole number",
    ] == body["details"]["problems"]
    missing = await client.post(CREATE, json={**KICKOFF, "template_id": "none"})
    assert (404, "TEMPLATE_NOT_FOUND") == (missing.status_code, missing.json()["error_code"])
