"""The pages on which people sign in, choose a password, and sign out."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from wingbeat.api.page import fault_block, hidden, page
from wingbeat.services.identity.passwords import LONGEST, SHORTEST

if TYPE_CHECKING:
    from starlette.responses import Response

    from wingbeat.storage.users import StoredUser

FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
OIDC_BEGIN = "/sign-in/oidc"
ADVICE = f"{SHORTEST} characters or more. Several words that do not belong together are good."


def sign_in_page(  # noqa: PLR0913 - what a form shows again
    form_token: str, return_to: str, *, provider: str | None = None, fault: str = "", name: str = "", status: int = 200
) -> Response:
    """The form; `provider` is how the identity provider is called, where there is one."""
    described = ' aria-describedby="fault" aria-invalid="true"' if fault else ""
    focus = ("", " autofocus") if fault and name else (" autofocus", "")
    parts = [
        "<h1>Sign in</h1>",
        fault_block(fault),
        '<form method="post" action="/sign-in">',
        hidden(FORM_TOKEN, form_token),
        hidden("next", return_to),
        '<label for="username">Name</label>',
        field(
            "username",
            f'autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="100" required'
            f' value="{escape(name)}"{described}{focus[0]}',
        ),
        '<label for="password">Password</label>',
        field(
            "password",
            f'type="password" autocomplete="current-password" maxlength="{LONGEST}" required{described}{focus[1]}',
        ),
        "<button>Sign in</button></form>",
    ]
    if provider is not None:
        address = f"{OIDC_BEGIN}?{urlencode({'next': return_to})}"
        parts.append('<p class="or">or</p>')
        parts.append(f'<a class="button second" href="{escape(address)}">Sign in with {escape(provider)}</a>')
    return page("Sign in", parts, status=status)


def link_page(form_token: str, user: StoredUser, *, fault: str = "", status: int = 200) -> Response:
    """What a sign-in link shows: whom it lets in, and a password to choose, which who has none must."""
    needed = user.password_hash is None
    parts = [
        f"<h1>Welcome{', ' + escape(user.display_name) if user.display_name else ''}</h1>",
        f'<p class="quiet">This link lets you in as <strong>{escape(user.username)}</strong>, once.</p>',
        fault_block(fault),
        '<form method="post">',
        hidden(FORM_TOKEN, form_token),
        # For programs that keep passwords.
        f'<input type="hidden" name="username" autocomplete="username" value="{escape(user.username)}">',
        new_password_fields(required=needed, fault=fault),
        *([] if needed else ['<p class="quiet">Leave both empty to keep the password that you have.</p>']),
        f"<button>{'Set the password and sign in' if needed else 'Sign in'}</button></form>",
    ]
    return page("Welcome", parts, status=status)


def account_page(form_token: str, user: StoredUser, *, fault: str = "", said: str = "", status: int = 200) -> Response:
    """Who is signed in; how to change the password, and how to leave."""
    shown = user.display_name or user.username
    known = user.username + (", administrator of this installation" if user.is_admin else "")
    parts = [
        f"<h1>{escape(shown)}</h1>",
        f'<p class="quiet">You are signed in as {escape(known)}.</p>',
        f'<p class="good" role="status">{escape(said)}</p>' if said else "",
        '<form method="post" action="/sign-out">',
        hidden(FORM_TOKEN, form_token),
        '<button class="second">Sign out</button></form>',
    ]
    if user.password_hash is not None:
        parts += [
            "<h2>Change your password</h2>",
            '<p class="quiet">You are signed out everywhere else then.</p>',
            fault_block(fault),
            '<form method="post" action="/account/password">',
            hidden(FORM_TOKEN, form_token),
            '<label for="old">Present password</label>',
            field("old", f'type="password" autocomplete="current-password" maxlength="{LONGEST}" required'),
            new_password_fields(required=True, fault=fault),
            "<button>Change the password</button></form>",
        ]
    return page("Your account", parts, status=status)


def field(name: str, attributes: str) -> str:
    """Where something is typed in."""
    return f'<input id="{name}" name="{name}" {attributes}>'


def new_password_fields(*, required: bool, fault: str) -> str:
    """A new password, twice."""
    needed = " required" if required else ""
    described = "advice fault" if fault else "advice"
    common = f'type="password" autocomplete="new-password" minlength="{SHORTEST}" maxlength="{LONGEST}"{needed}'
    return (
        '<label for="new">New password</label>'
        + field("new", f'{common} aria-describedby="{described}"')
        + f'<p class="quiet" id="advice">{escape(ADVICE)}</p>'
        f'<label for="again">The same again</label><input id="again" name="again" {common}>'
    )
