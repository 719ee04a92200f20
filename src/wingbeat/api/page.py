"""The pages that people see before they are in: plain HTML without scripts, every text escaped, light or dark."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLE = (
    # The web app's colours: `ui/src/app/theme.ts`.
    ":root{color-scheme:light dark;--back:#f5f7fa;--card:#fff;--text:#1a2130;--quiet:#586377;--line:#dfe4ec;"
    "--edge:#77839a;--field:#fff;--mark:#2a5cdb;"
    "--main:#2a5cdb;--on-main:#fff;--main-over:#2151c4;--fault:#9f1d2c;--fault-back:#fdecee;--good:#067051;"
    "--good-back:#e6f5ec}"
    "@media(prefers-color-scheme:dark){:root{--back:#141a26;--card:#1a2130;--text:#d5dbe6;--quiet:#a0abbf;"
    "--line:#2c3648;--edge:#6f7b91;--field:#141a26;--mark:#678df8;--main:#3465e6;--on-main:#fff;--main-over:#2a5cdb;"
    "--fault:#ffb3bb;--fault-back:#3b1820;--good:#9be2b8;--good-back:#12301f}}"
    "*{box-sizing:border-box}body{font:16px/1.5 Inter,system-ui,-apple-system,'Segoe UI',sans-serif;margin:0;"
    "min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--back);color:var(--text)}"
    "main{width:100%;max-width:25rem;padding:2rem;background:var(--card);border:1px solid var(--line);"
    "border-radius:10px;box-shadow:0 1px 2px #0001,0 8px 24px #0001}"
    ".brand{display:flex;align-items:center;gap:.6rem;margin:0 0 1.4rem;font-weight:650;letter-spacing:-.01em}"
    ".brand svg{width:1.9rem;height:1.9rem;color:var(--mark)}"
    "h1{font-size:1.45rem;line-height:1.25;margin:0 0 .4rem;overflow-wrap:anywhere}"
    "h2{font-size:1.05rem;margin:1.8rem 0 .2rem;padding-top:1.4rem;border-top:1px solid var(--line)}"
    "p{margin:.4rem 0;overflow-wrap:anywhere}.quiet{color:var(--quiet);font-size:.925rem}"
    "label{display:block;margin:1rem 0 .3rem;font-weight:600;font-size:.95rem}"
    "input{font:inherit;width:100%;padding:.6rem .75rem;color:inherit;background:var(--field);"
    "border:1px solid var(--edge);border-radius:8px}"
    "button,.button{display:block;width:100%;margin:1.4rem 0 0;padding:.65rem 1rem;font:inherit;font-weight:600;"
    "text-align:center;text-decoration:none;color:var(--on-main);background:var(--main);border:1px solid var(--main);"
    "border-radius:8px;cursor:pointer}"
    "button:hover,.button:hover{background:var(--main-over);border-color:var(--main-over)}"
    ".second{color:var(--text);background:transparent;border-color:var(--edge)}"
    ".second:hover{background:var(--back);border-color:var(--quiet)}"
    "input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--mark);outline-offset:2px}"
    ".or{display:flex;align-items:center;gap:.8rem;margin:1.4rem 0 -.2rem;color:var(--quiet);font-size:.9rem}"
    ".or::before,.or::after{content:'';flex:1;border-top:1px solid var(--line)}"
    ".fault,.good{margin:1rem 0 0;padding:.6rem .8rem;border-radius:8px;font-size:.95rem}"
    ".fault{color:var(--fault);background:var(--fault-back)}.good{color:var(--good);background:var(--good-back)}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: browsers would send forms without saying that they come from here.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
# Two wings, drawn with what takes its colour from the text around it.
BRAND = (
    '<p class="brand"><svg viewBox="0 0 32 32" aria-hidden="true" fill="currentColor">'
    '<path d="M16 20C13 12 8 7 1 6c2 8 7 14 15 17z"/><path d="M16 20c3-8 8-13 15-14-2 8-7 14-15 17z" opacity=".62"/>'
    '<path d="M16 20l-2.4 6h4.8z" opacity=".85"/></svg>Wingbeat</p>'
)


def page(title: str, parts: Sequence[str], *, status: int = 200) -> Response:
    """A whole page; `parts` are HTML, `title` is text."""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title[:200])} · Wingbeat</title>'
        f"<style>{STYLE}</style></head><body><main>{BRAND}{''.join(parts)}</main></body></html>"
    )
    return Response(html.encode(), status, HEADERS, media_type="text/html; charset=utf-8")


def message_page(title: str, text: str, *, status: int, link: tuple[str, str] | None = None) -> Response:
    """A page that says something; `link` is an address of ours and its label."""
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(text)}</p>"]
    if link is not None:
        parts.append(f'<a class="button" href="{escape(link[0])}">{escape(link[1])}</a>')
    return page(title, parts, status=status)


def fault_block(text: str) -> str:
    """What went wrong, read out at once; nothing if nothing did."""
    return f'<p class="fault" role="alert" id="fault">{escape(text)}</p>' if text else ""


def hidden(name: str, value: str) -> str:
    """What a form sends along."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
