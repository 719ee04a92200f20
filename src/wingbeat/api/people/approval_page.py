"""The pages that a signed link leads to: plain HTML without scripts, every text escaped.

Mail programs open links to look at them, so a page only asks; it is the form that decides.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from wingbeat.api.forms.page import field_block, message_page, page
from wingbeat.sdk.form_fields import read_form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.approvals import Option
    from wingbeat.services.people.approvals import ShownApproval

__all__ = ["message_page", "question_page"]
LONGEST_DATA = 20_000
MOST_ROWS = 100


def question_page(
    shown: ShownApproval, approver: str, *, fault: str = "", given: Mapping[str, Sequence[str]] | None = None
) -> Response:
    """The question, with a button for each option; with a `fault`, what was sent stands in the form again."""
    stored = shown.stored
    parts = [f"<h1>{escape(stored.title)}</h1>"]
    if stored.text:
        parts.append(f"<p>{escape(stored.text)}</p>")
    parts.append(data_block(stored.data))
    if fault:
        parts.append(f'<div class="faults" role="alert"><p>{escape(fault)}</p></div>')
    parts.append('<form method="post">')
    parts.extend(
        field_block(field, None if given is None else given.get(f"field.{field.name}", ()))
        for field in read_form(stored.form)
    )
    options = shown.options()
    if any(option.comment != "none" for option in options):
        comment = escape("".join((given or {}).get("comment", ())))
        parts.append(
            '<div class="field"><label for="comment">Comment</label>'
            f'<textarea id="comment" name="comment">\n{comment}</textarea></div>'
        )
    parts.append(f'<div class="choices">{"".join(button(option) for option in options)}</div></form>')
    parts.append(f'<p class="help">You decide as {escape(approver)}. {deadline(shown)}</p>')
    return page(stored.title, parts, status=400 if fault else 200)


def data_block(data: Json) -> str:
    """An object as a table of its fields, anything else as JSON; no more than can be read."""
    if data is None:
        return ""
    if isinstance(data, dict) and "$file" not in data:
        rows = "".join(
            f"<tr><th>{escape(name[:200])}</th><td>{escape(as_text(value))}</td></tr>"
            for name, value in list(data.items())[:MOST_ROWS]
        )
        return f"<table>{rows}</table>"
    return f"<pre>{escape(as_text(data))}</pre>"


def as_text(value: Json) -> str:
    """A value to read."""
    shown = without_references(value)
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, indent=1)
    return text if len(text) <= LONGEST_DATA else f"{text[:LONGEST_DATA]} ..."


def without_references(value: Json) -> Json:
    """The value with names of files instead of their references: whoever has one of these can have the file read."""
    if isinstance(value, list):
        return [without_references(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$file" in value:
        return str(value.get("name") or "a file")
    return {name: without_references(one) for name, one in value.items()}


def button(option: Option) -> str:
    """What decides; to say no, no field need be filled in."""
    kind = ' class="no" formnovalidate' if option.rejects else ""
    return f'<button name="option" value="{escape(option.name)}"{kind}>{escape(option.label or option.name)}</button>'


def deadline(shown: ShownApproval) -> str:
    """Until when there is time."""
    expires = shown.stored.expires_at
    return "" if expires is None else f"There is time until {expires:%Y-%m-%d %H:%M} UTC."
