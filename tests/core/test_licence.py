"""What a licence allows, whatever is known of it."""

from __future__ import annotations

import pytest

from wingbeat.core.licence import Feature, Known, Standing, features_of, judge
from wingbeat.discovery import discover_node_types

ALL = frozenset(Feature)
BASIC = frozenset({"workflows"})
HOUR = 3600.0


@pytest.mark.parametrize(
    ("known", "standing", "features"),
    [
        (Known(), Standing.GRACE, ALL),
        (Known(away_for=71 * HOUR), Standing.GRACE, ALL),
        (Known(away_for=73 * HOUR), Standing.GRACE_OVER, frozenset()),
        (Known(answered=True, features=BASIC), Standing.CURRENT, BASIC),
        (Known(answered=True, features=BASIC, expires_in=1.0), Standing.CURRENT, BASIC),
        (Known(answered=True, features=BASIC, expires_in=-1.0), Standing.EXPIRED, frozenset()),
        (Known(answered=True, features=BASIC, expires_in=-1.0, away_for=HOUR), Standing.EXPIRED, frozenset()),
        (Known(answered=True, features=BASIC, away_for=71 * HOUR), Standing.GRACE, BASIC),
        (Known(answered=True, features=BASIC, away_for=73 * HOUR), Standing.GRACE_OVER, frozenset()),
        (Known(answered=True), Standing.REFUSED, frozenset()),
        (Known(answered=True, away_for=HOUR), Standing.REFUSED, frozenset()),
    ],
)
def test_a_licence_stands_as_the_server_last_said(known: Known, standing: Standing, features: frozenset[str]) -> None:
    """A refusal and an end are not softened by silence; silence is borne for the grace time, and no longer."""
    verdict = judge(known, 72 * HOUR)
    assert (standing, features) == (verdict.standing, verdict.features)


def test_only_what_is_advanced_needs_more_than_the_basics() -> None:
    """Every built-in type is one or the other; connectors and other packages are advanced."""
    types = [name for name, kind in discover_node_types().types.items() if kind.run.__module__.startswith("wingbeat.")]
    advanced = {name for name in types if Feature.ADVANCED_WORKFLOWS in features_of([name])}
    assert {
        "action.ai",
        "action.approval",
        "action.browser_source",
        "action.database",
        "action.file",
        "action.subworkflow",
        "action.task",
        "code.javascript",
        "code.python",
    } == advanced
    assert [Feature.WORKFLOWS, Feature.ADVANCED_WORKFLOWS] == features_of(["petstore.list_pets"])
    assert [Feature.WORKFLOWS, Feature.WORKFLOW_SCHEDULES] == features_of(["trigger.schedule", "data.transform"])
