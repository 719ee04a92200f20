"""The addresses that are all it takes to end a wait or to decide a question, and how they are found in texts."""

from __future__ import annotations

import re

WAIT_PATH = "/api/v1/waits"
DECISION_PATH = "/api/v1/approvals/links"
# However the slashes are written: in an address, in the query of another one, in JSON within a text.
_SLASH = r"(?:/|\\/|%2[Ff]|&#x2[Ff];|&#47;)"
_PATHS = "|".join(_SLASH.join(map(re.escape, path.split("/"))) for path in (WAIT_PATH, DECISION_PATH))
# In what Python and PostgreSQL both understand: the first group stays, and what follows it makes such an address work.
PATTERN = f"({_PATHS}){_SLASH}[A-Za-z0-9_-]+"
HIDDEN = "(hidden)"
REPLACEMENT = rf"\1/{HIDDEN}"


def without_addresses(column: str) -> str:
    """The text of a column without what makes such addresses work, for SQL."""
    return f"regexp_replace({column}, '{PATTERN}', '{REPLACEMENT}', 'g')"
