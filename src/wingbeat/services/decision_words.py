"""What decisions mean, in words: why something ran or did not, and how that is mended. No rows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage.decisions import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.storage.decision_lists import StoredDecision

LONGEST_TOLD = 500


class Words(NamedTuple):
    """Why, and how to mend it; nothing to mend is an empty text."""

    why: str
    remedy: str = ""


# By the code of the reason, where there is one that says more than the outcome.
REASONS: Mapping[str, Words] = MappingProxyType(
    {
        "WORKFLOWS_DISABLED": Words(
            "Workflows are switched off on this installation.", "The operator can set FEATURE_WORKFLOWS_ENABLED=true."
        ),
        "WORKFLOW_DISABLED": Words("The workflow is disabled.", "Enable it."),
        "WORKFLOW_ARCHIVED": Words("The workflow is archived.", "Create a new workflow from its definition."),
        "WORKFLOW_NOT_PUBLISHED": Words("The workflow is not published.", "Publish it."),
        "WORKFLOW_NOT_FOUND": Words("There is no such workflow any more.", "Let the sender know that it is gone."),
        "TRIGGER_UNKNOWN": Words(
            "The published workflow has no such trigger, or it is disabled there.",
            "Add or enable the trigger, and publish.",
        ),
        "EVENT_CAME_BEFORE": Words(
            "The same event came before, and started the execution that is named here.",
            "Give each event an id of its own, if it was meant to be another one.",
        ),
        "FORM_SENT_BEFORE": Words(
            "The same page was sent before, and started the execution that is named here.",
            "Open the form anew to send it once more.",
        ),
        "FORM_DISABLED": Words("The form is switched off.", "Enable it among the forms of the workflow."),
        "FORM_INVALID": Words("What was sent does not fit the form.", "The details name the fields."),
        "FORM_HONEYPOT": Words(
            "A field was filled in that people do not see, as programs do that send advertising.",
            "Nothing is to be done; a program of your own sends JSON with the form's fields alone.",
        ),
        "FORM_RATE_LIMITED": Words(
            "The form was sent too often from this address.", "Raise the form's rate limit, if these were people."
        ),
        "CONDITION_NOT_BOOLEAN": Words(
            "The trigger's filter gave neither true nor false.", "Compare the value with something, and publish."
        ),
        "MAX_INSTANCES": Words(
            "As many executions of this schedule were under way as it may have at once.",
            "Raise max_instances, or see why they take so long.",
        ),
        "SCHEDULE_UNREADABLE": Words("The schedule cannot be read any more.", "Save it anew."),
        "WEBHOOK_RATE_LIMITED": Words(
            "The webhook was called too often.", "Raise rate_limit_max, or have the sender wait."
        ),
        "DELIVERY_ID_REUSED": Words(
            "Another delivery came before under the same id.", "Have the sender give each delivery an id of its own."
        ),
        "WEBHOOK_METHOD_REFUSED": Words("The webhook does not take this method.", "Add it to the webhook's methods."),
    }
)
OUTCOMES: Mapping[Outcome, Words] = MappingProxyType(
    {
        Outcome.FIRED: Words("It ran: the execution is named here."),
        Outcome.COALESCED: Words(
            "It was one of several that were due together, and they ran as one.",
            "Choose another policy for overflow or misfires, if each is to run.",
        ),
        Outcome.MISSED: Words(
            "Its time had passed by more than the schedule allows before anybody could run it.",
            "Choose the misfire policy run_once or run_all, or a wider window.",
        ),
        Outcome.LIMITED: Words(
            "A limit kept it back.", "Raise the limit of the workflow or the trigger, or have the sender wait."
        ),
        Outcome.DUPLICATE: Words("It came again, and had been dealt with already."),
        Outcome.SIGNATURE_WRONG: Words(
            "Its signature is missing or wrong, so nobody knows whether the sender is who it should be.",
            "Have the sender sign the raw bytes of the body with the present secret; rotate the secret if it is lost.",
        ),
        Outcome.ADDRESS_REFUSED: Words(
            "It came from an address that is not on the list.",
            "Add the address to ip_allowlist; behind a proxy, see that TRUSTED_PROXIES names it.",
        ),
        Outcome.DISABLED: Words("The trigger or its workflow is switched off.", "Enable it."),
        Outcome.NO_PERMISSION: Words(
            "Whoever sent it may not run the workflow.",
            "Grant can_execute to the sender, or let somebody else send it.",
        ),
        Outcome.INVALID: Words("What came could not be used.", "The reason and the details say what is wrong with it."),
        Outcome.OVERFLOW: Words(
            "More came than may wait, so this one was dropped.", "Raise the limits, or choose to queue what overflows."
        ),
    }
)


def explain(decision: StoredDecision) -> Words:
    """Why it ran or did not, and how to mend that."""
    words = REASONS.get(decision.reason) or OUTCOMES[Outcome(decision.outcome)]
    told = decision.detail.get("message")
    if not isinstance(told, str) or not told:
        return words
    return words._replace(why=f"{words.why} {told[:LONGEST_TOLD]}")
