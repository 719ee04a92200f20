"""The pages that a signed link leads to: plain HTML without scripts, every text escaped.

Mail programs open links to look at them, so a page only asks; it is the form that decides.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, cast

from starlette.responses import Response

from wingbeat.sdk.form_fields import read_form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.core.json_value import Json
    from wingbeat.sdk.approvals import Option
    from wingbeat.sdk.form_fields import FormField
    from wingbeat.services.people.approvals import ShownApproval

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1c2430}"
    "main{max-width:40rem;margin:2rem auto;padding:1.5rem 2rem;background:#fff;border:1px solid #d8dde6;"
    "border-radius:8px}h1{font-size:1.4rem;margin-top:0;overflow-wrap:anywhere}p{white-space:pre-wrap;"
    "overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;"
    "vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #e5e8ee;overflow-wrap:anywhere}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f5f7;padding:.6rem}label{display:block;"
    "margin:.8rem 0 .2rem;font-weight:600}input,textarea,select{font:inherit;width:100%;box-sizing:border-box;"
    "padding:.4rem}input[type=checkbox]{width:auto}small{color:#5a6474}button{font:inherit;padding:.6rem 1.4rem;"
    "margin:1rem .6rem 0 0;border-radius:6px;border:1px solid #1a5fb4;background:#1a5fb4;color:#fff;cursor:pointer}"
    "button.no{background:#fff;color:#a51d2d;border-color:#a51d2d}.fault{color:#a51d2d;font-weight:600}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; sandbox allow-forms"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
LONGEST_DATA = 20_000
MOST_ROWS = 100
INPUT_TYPES = {
    "integer": "number",
    "number": "number",
    "date": "date",
    "time": "time",
    "datetime": "datetime-local",
    "email": "email",
    "url": "url",
}


def question_page(
    shown: ShownApproval, approver: str, *, fault: str = "", given: Mapping[str, Sequence[str]] | None = None
) -> Response:
    """The question, with a button for each option; with a `fault`, what was sent stands in the form again."""
    stored, sent = shown.stored, given or {}
    parts = [f"<h1>{escape(stored.title)}</h1>"]
    if stored.text:
        parts.append(f"<p>{escape(stored.text)}</p>")
    parts.append(data_block(stored.data))
    if fault:
        parts.append(f'<p class="fault" role="alert">{escape(fault)}</p>')
    parts.append('<form method="post">')
    parts.extend(field_block(field, sent.get(f"field.{field.name}", ())) for field in read_form(stored.form))
    options = shown.options()
    if any(option.comment != "none" for option in options):
        comment = escape("".join(sent.get("comment", ())))
        parts.append(f'<label for="comment">Comment</label><textarea id="comment" name="comment">{comment}</textarea>')
    parts.extend(button(option) for option in options)
    parts.append("</form>")
    parts.append(f"<p><small>You decide as {escape(approver)}. {deadline(shown)}</small></p>")
    return page(stored.title, parts, status=400 if fault else 200)


def message_page(title: str, text: str, *, status: int) -> Response:
    """A page that says something and asks nothing."""
    return page(title, [f"<h1>{escape(title)}</h1>", f"<p>{escape(text)}</p>"], status=status)


def page(title: str, parts: Sequence[str], *, status: int) -> Response:
    """A whole page."""
    body = "".join(parts)
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title[:200])}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return Response(html.encode("utf-8"), status, HEADERS, media_type="text/html; charset=utf-8")


def data_block(data: Json) -> str:
    """An object as a table of its fields, anything else as JSON; no more than can be read."""
    if data is None:
        return ""
    if isinstance(data, dict):
        rows = "".join(
            f"<tr><th>{escape(name[:200])}</th><td>{escape(as_text(value))}</td></tr>"
            for name, value in list(data.items())[:MOST_ROWS]
        )
        return f"<table>{rows}</table>"
    return f"<pre>{escape(as_text(data))}</pre>"


def as_text(value: Json) -> str:
    """A value to read."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return text if len(text) <= LONGEST_DATA else f"{text[:LONGEST_DATA]} ..."


def field_block(field: FormField, given: Sequence[str]) -> str:
    """A field of the form, with what was typed before or its default."""
    name = escape(f"field.{field.name}")
    label = escape(field.label or field.name) + (" *" if field.required else "")
    required = " required" if field.required and field.type != "boolean" else ""
    shown = given[0] if given else "" if field.default is None else as_text(cast("Json", field.default))
    chosen = set(given) or {shown} | set(field.default if isinstance(field.default, list) else ())
    attributes = f'id="{name}" name="{name}"{required}'
    if field.type == "boolean":
        checked = " checked" if shown in {"true", "True"} else ""
        control = f'<input type="checkbox" value="true" {attributes}{checked}>'
    elif field.type == "long_text":
        control = f"<textarea {attributes}>{escape(shown)}</textarea>"
    elif field.type in {"select", "multi_select"}:
        control = select(field, attributes, chosen)
    else:
        kind = INPUT_TYPES.get(field.type, "text")
        step = ' step="any"' if field.type == "number" else ""
        hint = escape(field.placeholder)
        control = f'<input type="{kind}" {attributes}{step} value="{escape(shown)}" placeholder="{hint}">'
    help_text = f"<small>{escape(field.help)}</small>" if field.help else ""
    return f'<label for="{name}">{label}</label>{control}{help_text}'


def select(field: FormField, attributes: str, chosen: set[str]) -> str:
    """A list to choose from."""
    several = " multiple" if field.type == "multi_select" else ""
    empty = "" if several or field.required else '<option value=""></option>'
    options = "".join(
        f'<option value="{escape(choice)}"{" selected" if choice in chosen else ""}>{escape(choice)}</option>'
        for choice in field.choices
    )
    return f"<select {attributes}{several}>{empty}{options}</select>"


def button(option: Option) -> str:
    """What decides; to say no, no field need be filled in."""
    kind = ' class="no" formnovalidate' if option.rejects else ""
    return f'<button name="option" value="{escape(option.name)}"{kind}>{escape(option.label or option.name)}</button>'


def deadline(shown: ShownApproval) -> str:
    """Until when there is time."""
    expires = shown.stored.expires_at
    return "" if expires is None else f"There is time until {expires:%Y-%m-%d %H:%M} UTC."
