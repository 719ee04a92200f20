"""What the refusals of databases mean to a step, whatever database they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.errors import StepError

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json

LONGEST_TEXT = 500


def refused(text: str, state: str | None, **details: Json) -> StepError:
    """What the database said, by its SQLSTATE (the first two characters are the class: SQL standard, part 2, 24.1)."""
    code, remedy, retryable = _meaning(state or "")
    known: dict[str, Json] = {name: value for name, value in details.items() if value}
    shown = text.encode("utf-8", "replace").decode().replace("\0", " ")[:LONGEST_TEXT].rstrip(".")
    return StepError(
        f"The database refused it: {shown}.",
        code=code,
        remedy=remedy,
        details={"sqlstate": state, **known},
        retryable=retryable,
    )


def _meaning(state: str) -> tuple[str, str, bool]:
    """Code, remedy, and whether another try may help."""
    for prefix, meaning in MEANINGS.items():
        if state.startswith(prefix):
            return meaning
    return "SQL_FAILED", "Look at what the database says.", False


MEANINGS = {
    "23": (
        "SQL_CONSTRAINT",
        "A rule of the table forbids the values; 'upsert' replaces rows that exist.",
        False,
    ),
    "40": ("SQL_CONFLICT", "Somebody else changed the same rows; another try may pass.", True),
    "55P03": ("SQL_CONFLICT", "Somebody else holds a lock on the rows; another try may pass.", True),
    "57014": ("SQL_TIMEOUT", "Make the statement faster, or allow more time.", True),
    "25006": ("SQL_READ_ONLY", "A query changes nothing; use 'execute' for statements that do.", False),
    "28": ("SQL_AUTHENTICATION_FAILED", "Check the connection's user, password and database.", False),
    "3D": ("SQL_AUTHENTICATION_FAILED", "Check the connection's database.", False),
    "42501": ("SQL_FORBIDDEN", "The connection's user may not do that; use another, or have it allowed.", False),
    "42": ("SQL_INVALID", "Correct the statement; names are those of the database.", False),
    "22": ("SQL_VALUE_INVALID", "A value does not fit where it goes; convert it.", False),
    "53": ("SQL_OVERLOADED", "The database has no room for more at the moment; another try may pass.", True),
    "57": ("EGRESS_CONNECTION_FAILED", "The database is shutting down or starting; another try may pass.", True),
    "58030": ("SQL_FILE_UNREADABLE", "Check that the file is there; 'execute' makes a new one.", False),
    "08": ("EGRESS_CONNECTION_FAILED", "The connection broke; another try may pass.", True),
}


def timed_out(seconds: float | None = None, *, uncertain: bool = False) -> StepError:
    """What to say when the time is up."""
    within = "in time" if seconds is None else f"within {seconds:g} seconds"
    known = " The changes may have been made all the same." if uncertain else ""
    return StepError(
        f"The database was not done {within}.{known}",
        code="SQL_TIMEOUT",
        remedy="Make the statement faster, or allow more time.",
        retryable=True,
        uncertain=uncertain,
    )


def lost(error: BaseException) -> StepError:
    """What to say when the connection breaks."""
    return StepError(
        f"The connection to the database broke: {str(error)[:LONGEST_TEXT] or type(error).__name__}.",
        code="EGRESS_CONNECTION_FAILED",
        remedy="See whether the database is up; another try may pass.",
        retryable=True,
    )
