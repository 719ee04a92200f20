"""The pages of forms and approvals: plain HTML without scripts, all text escaped, for any screen, light and dark."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, NamedTuple, cast

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.core.json_value import Json
    from wingbeat.nodes.trigger.form import Form
    from wingbeat.sdk.form_fields import FormField

STYLE = (
    # The web app's colours: `ui/src/app/theme.ts`.
    ":root{color-scheme:light dark;--back:#f5f7fa;--card:#fff;--text:#1a2130;--quiet:#586377;--line:#77839a;"
    "--edge:#dfe4ec;--field:#fff;--mark:#2a5cdb;--main:#2a5cdb;--on-main:#fff;--over:#2151c4;--fault:#9f1d2c;"
    "--fault-back:#fdecee}"
    "@media(prefers-color-scheme:dark){:root{--back:#141a26;--card:#1a2130;--text:#d5dbe6;--quiet:#a0abbf;"
    "--line:#6f7b91;--edge:#2c3648;--field:#141a26;--mark:#678df8;--main:#3465e6;--on-main:#fff;--over:#2a5cdb;"
    "--fault:#ffb3bb;--fault-back:#3b1820}}"
    "*{box-sizing:border-box}body{font:17px/1.5 Inter,system-ui,-apple-system,'Segoe UI',sans-serif;margin:0;"
    "padding:1rem;background:var(--back);color:var(--text)}"
    "main{max-width:38rem;margin:1rem auto;padding:clamp(1.2rem,5vw,2.4rem);background:var(--card);"
    "border:1px solid var(--edge);border-radius:10px}"
    "h1{font-size:1.55rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}"
    "p{margin:.4rem 0;white-space:pre-wrap;overflow-wrap:anywhere}.field{margin:1.35rem 0 0;padding:0;border:0;"
    "min-width:0}"
    "label,legend{display:block;padding:0;margin:0 0 .35rem;font-weight:600;overflow-wrap:anywhere}"
    ".optional{font-weight:400;color:var(--quiet)}"
    "input,textarea,select{font:inherit;width:100%;min-height:2.9rem;padding:.55rem .75rem;color:inherit;"
    "background:var(--field);border:1px solid var(--line);border-radius:8px}"
    "textarea{display:block;min-height:8rem;resize:vertical}select[multiple]{min-height:9rem}"
    "input[type=checkbox]{width:1.35rem;height:1.35rem;min-height:0;flex:none;margin:.1rem 0 0;"
    "accent-color:var(--mark)}.check{display:flex;gap:.7rem;align-items:flex-start;font-weight:400;"
    "padding:.35rem 0;margin:0}"
    ".help{color:var(--quiet);font-size:.93rem}.wrong{color:var(--fault);font-weight:600;font-size:.95rem}"
    "[aria-invalid=true]{border-color:var(--fault);border-width:2px}"
    ".faults{margin:1.2rem 0 0;padding:.8rem 1rem;border-radius:8px;color:var(--fault);background:var(--fault-back)}"
    ".faults p{font-weight:600}.faults ul{margin:.3rem 0 0;padding-left:1.2rem}.faults a{color:inherit}"
    "button{font:inherit;font-weight:600;width:100%;min-height:3rem;margin:1.8rem 0 0;padding:.6rem 1.2rem;"
    "color:var(--on-main);background:var(--main);border:1px solid var(--main);border-radius:8px;cursor:pointer}"
    "button:hover{background:var(--over);border-color:var(--over)}"
    "input:focus-visible,textarea:focus-visible,select:focus-visible,button:focus-visible,a:focus-visible"
    "{outline:3px solid var(--mark);outline-offset:2px}"
    "table{border-collapse:collapse;width:100%;margin:1.2rem 0 0}th,td{text-align:left;vertical-align:top;"
    "padding:.45rem .8rem .45rem 0;border-bottom:1px solid var(--edge);overflow-wrap:anywhere;white-space:pre-wrap}"
    "th{width:35%;font-weight:400;color:var(--quiet)}pre{font-size:.9rem;white-space:pre-wrap;overflow-wrap:anywhere;"
    "margin:1.2rem 0 0;padding:.8rem 1rem;border-radius:8px;background:var(--back)}"
    ".choices{display:flex;flex-wrap:wrap;gap:.8rem;margin:1.8rem 0 1.2rem}.choices button{margin:0}"
    ".no{color:var(--fault);background:transparent;border-color:var(--fault)}"
    ".no:hover{background:var(--fault-back);border-color:var(--fault)}"
    ".apart{position:absolute;left:-100rem;width:1px;height:1px;overflow:hidden}"
    "@media(min-width:40rem){body{padding:2rem}button{width:auto;min-width:10rem}}"
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
FIELD = "field."
TOKEN = "page"  # noqa: S105 - the name of a field
# Nobody sees it; programs that fill in whatever there is fill it in.
TRAP = "website"
MOST_BOXES = 12
NOT_YET = "Some of this cannot be sent yet."
INPUT_TYPES = {
    "integer": "number",
    "number": "number",
    "date": "date",
    "time": "time",
    "datetime": "datetime-local",
    "email": "email",
    "url": "url",
}
TEXTS = frozenset({"text", "long_text", "email", "url"})
NUMBERS = frozenset({"integer", "number"})


class Wrong(NamedTuple):
    """What is wrong with what was sent: by field, and as a whole."""

    faults: Mapping[str, str]
    notice: str = ""


RIGHT = Wrong({})


def form_page(
    form: Form, token: str, given: Mapping[str, Sequence[str]] | None = None, wrong: Wrong = RIGHT
) -> Response:
    """The form; with something wrong, what was sent stands in it again, and a list leads to the fields at fault.

    Browsers give no field the focus of a page that they keep in a sandbox, so none asks for it.
    """
    title = form.title or "Form"
    parts = [f"<h1>{escape(title)}</h1>"]
    if form.description:
        parts.append(f"<p>{escape(form.description)}</p>")
    parts.append(fault_block(form, wrong))
    files = any(field.type == "file" for field in form.fields)
    encoding = ' enctype="multipart/form-data"' if files else ""
    parts.append(f'<form method="post" novalidate{encoding}>')
    parts.extend(
        field_block(field, None if given is None else given.get(field.name, ()), wrong.faults.get(field.name, ""))
        for field in form.fields
    )
    parts.append(
        f'<div class="apart" aria-hidden="true"><label for="{TRAP}">Leave this empty</label>'
        f'<input id="{TRAP}" name="{TRAP}" tabindex="-1" autocomplete="off"></div>'
        f'<input type="hidden" name="{TOKEN}" value="{escape(token)}">'
        f"<button>{escape(form.submit)}</button></form>"
    )
    return page(title, parts, status=200) if wrong == RIGHT else page(f"Error: {title}", parts, status=400)


def message_page(title: str, text: str, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A page that says something and asks nothing."""
    return page(title, [f"<h1>{escape(title)}</h1>", f"<p>{escape(text)}</p>"], status=status, headers=headers)


def page(title: str, parts: Sequence[str], *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A whole page; `parts` are HTML, `title` is text."""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title[:200])}</title>'
        f"<style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>"
    )
    media_type = "text/html; charset=utf-8"
    return Response(html.encode("utf-8", "replace"), status, {**HEADERS, **(headers or {})}, media_type=media_type)


def fault_block(form: Form, wrong: Wrong) -> str:
    """What is wrong, read out at once, with a way to each field."""
    if wrong == RIGHT:
        return ""
    faults = wrong.faults
    labels = {field.name: label_of(field) for field in form.fields}
    items = "".join(
        f'<li><a href="#{escape(FIELD + name)}">{escape(labels[name])}</a>: {escape(fault)}</li>'
        for name, fault in faults.items()
        if name in labels
    )
    items += "".join(
        f"<li>{escape(name)}: {escape(fault)}</li>" for name, fault in faults.items() if name not in labels
    )
    said = wrong.notice or NOT_YET
    return f'<div class="faults" role="alert"><p>{escape(said)}</p>{f"<ul>{items}</ul>" if items else ""}</div>'


def label_of(field: FormField) -> str:
    """What people read beside it."""
    return field.label or field.name


def field_block(field: FormField, given: Sequence[str] | None, fault: str = "") -> str:
    """A field with its label, its help and what is wrong with it; `given` is None where nothing was sent yet."""
    name = escape(FIELD + field.name)
    described = [f"{name}-help"] * bool(field.help) + [f"{name}-fault"] * bool(fault)
    attributes = f'name="{name}"'
    attributes += " required" if field.required and field.default is None else ""
    attributes += f' aria-describedby="{" ".join(described)}"' if described else ""
    attributes += ' aria-invalid="true"' if fault else ""
    below = f'<p class="help" id="{name}-help">{escape(field.help)}</p>' if field.help else ""
    below += f'<p class="wrong" id="{name}-fault">{escape(sentence(fault))}</p>' if fault else ""
    label = escape(label_of(field))
    label += "" if field.required or field.type == "boolean" else ' <span class="optional">(optional)</span>'
    if field.type == "boolean":
        checked = " checked" if is_on(field, given) else ""
        control = f'<input type="checkbox" value="true" id="{name}" {attributes}{checked}>'
        return f'<div class="field"><label class="check">{control}<span>{label}</span></label>{below}</div>'
    if field.type == "multi_select" and len(field.choices) <= MOST_BOXES:
        return boxes(field, label, below, given, described)
    control = control_of(field, f'id="{name}" {attributes}', given)
    return f'<div class="field"><label for="{name}">{label}</label>{control}{below}</div>'


def control_of(field: FormField, attributes: str, given: Sequence[str] | None) -> str:
    """What a field is filled in with."""
    texts = shown_of(field, given)
    shown = texts[0] if texts else ""
    hint = f' placeholder="{escape(field.placeholder)}"' if field.placeholder else ""
    match field.type:
        case "long_text":
            return f"<textarea {attributes}{bounds(field)}{hint}>\n{escape(shown)}</textarea>"
        case "select" | "multi_select":
            return select(field, attributes, frozenset(texts))
        case "file":
            return f'<input type="file" {attributes}>'
        case _:
            kind = INPUT_TYPES.get(field.type, "text")
            step = ' step="any" inputmode="decimal"' if field.type == "number" else ""
            fill = ' autocomplete="email"' if field.type == "email" else ""
            return f'<input type="{kind}" {attributes}{step}{fill}{bounds(field)}{hint} value="{escape(shown)}">'


def bounds(field: FormField) -> str:
    """The least and the most, where a browser knows the same."""
    pairs = {"min": field.minimum, "max": field.maximum} if field.type in NUMBERS else {}
    if field.type in TEXTS:
        pairs = {"minlength": field.minimum, "maxlength": field.maximum}
    return "".join(f' {name}="{value:.15g}"' for name, value in pairs.items() if value is not None and value >= 0)


def select(field: FormField, attributes: str, chosen: frozenset[str]) -> str:
    """A list to choose from."""
    several = " multiple" if field.type == "multi_select" else ""
    empty = "" if several else '<option value=""></option>'
    options = "".join(
        f'<option value="{escape(choice)}"{" selected" if choice in chosen else ""}>{escape(choice)}</option>'
        for choice in field.choices
    )
    return f"<select {attributes}{several}>{empty}{options}</select>"


def boxes(field: FormField, label: str, below: str, given: Sequence[str] | None, described: Sequence[str]) -> str:
    """A few choices of which several may be made, as boxes to tick."""
    chosen = frozenset(shown_of(field, given))
    name = escape(FIELD + field.name)
    about = f' aria-describedby="{" ".join(described)}"' if described else ""
    ticks = "".join(
        f'<label class="check"><input type="checkbox" name="{name}" value="{escape(choice)}"'
        f"{' checked' if choice in chosen else ''}><span>{escape(choice)}</span></label>"
        for choice in field.choices
    )
    return f'<fieldset class="field" id="{name}"{about}><legend>{label}</legend>{ticks}{below}</fieldset>'


def shown_of(field: FormField, given: Sequence[str] | None) -> list[str]:
    """What stands in a field: what was sent, or else its default."""
    if given is not None:
        return list(given)
    default = cast("Json", field.default)
    if default is None:
        return []
    return [as_text(one) for one in default] if isinstance(default, list) else [as_text(default)]


def is_on(field: FormField, given: Sequence[str] | None) -> bool:
    """Whether a box is ticked."""
    return bool(given) if given is not None else field.default is True


def as_text(value: Json) -> str:
    """A default as somebody would type it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def sentence(fault: str) -> str:
    """What is wrong, as a sentence of its own: faults follow the name of a field."""
    return f"This {fault}." if fault else ""
