"""What an identity provider's claims make of somebody here: its name, its roles, what it belongs to.

Only what the operator named is believed: a claim makes nobody an administrator unless a setting says which role does.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.access import NO_COMMUNITY, CommunityRole
from wingbeat.services.identity.users import RESERVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.core.json_value import Json
    from wingbeat.settings import Settings

MOST = 500
LONGEST = 100
LONGEST_NAME = 80
LARGEST_ID = 2**31 - 1
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._@+-]+")


@dataclass(frozen=True)
class ClaimRules:
    """What the operator has claims mean; where a claim is not named, nothing is taken from it."""

    allowed_domains: frozenset[str] = frozenset()
    roles_claim: str = ""
    communities_claim: str = ""
    admin_role: str = ""


@dataclass(frozen=True)
class ProvidedPerson:
    """Somebody, as a provider tells. `roles`, `communities` and `is_admin` are None where it is not to be asked."""

    issuer: str
    subject: str
    username: str
    display_name: str
    email: str
    roles: frozenset[str] | None = None
    communities: Mapping[int, str] | None = None
    is_admin: bool | None = None


def rules_of(settings: Settings) -> ClaimRules:
    """The operator's rules."""
    domains = frozenset(domain.lower().removeprefix("@") for domain in settings.oidc_allowed_domains)
    return ClaimRules(domains, settings.oidc_roles_claim, settings.oidc_communities_claim, settings.oidc_admin_role)


def read_person(claims: Mapping[str, Json], rules: ClaimRules) -> ProvidedPerson:
    """Who the claims, which were verified, are about."""
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    email = text_of(claims, "email")
    roles = read_roles(find_claim(claims, rules.roles_claim)) if rules.roles_claim else None
    return ProvidedPerson(
        issuer,
        subject,
        suggest_name(text_of(claims, "preferred_username") or email.partition("@")[0], issuer, subject),
        text_of(claims, "name")[:200],
        email[:320],
        roles,
        read_communities(find_claim(claims, rules.communities_claim)) if rules.communities_claim else None,
        (rules.admin_role in roles) if rules.admin_role and roles is not None else None,
    )


def is_welcome(claims: Mapping[str, Json], rules: ClaimRules) -> bool:
    """Whether the e-mail address, as far as the provider has verified it, is in a domain that is let in."""
    if not rules.allowed_domains:
        return True
    domain = text_of(claims, "email").rpartition("@")[2].lower()
    return claims.get("email_verified") is True and domain in rules.allowed_domains


def text_of(claims: Mapping[str, Json], name: str) -> str:
    """A claim that is one line of text; anything else is none."""
    value = claims.get(name)
    return value.strip() if isinstance(value, str) and value.isprintable() else ""


def find_claim(claims: Mapping[str, Json], path: str) -> Json:
    """The claim of that name, or at that path: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    found: Json = dict(claims)
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def read_roles(value: Json) -> frozenset[str]:
    """Names of roles, from a list of them or one text with spaces between."""
    names = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(
        name for name in names[:MOST] if isinstance(name, str) and 0 < len(name) <= LONGEST and name.isprintable()
    )


def read_communities(value: Json) -> dict[int, str]:
    """Roles in communities: `{"7": "editor"}`, or a list such as `[7, "8:viewer"]`; a number alone is a member."""
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [split_community(one) for one in value[:MOST]]
    else:
        pairs = []
    found = {}
    for name, role in pairs[:MOST]:
        if name.isascii() and name.isdecimal() and NO_COMMUNITY < int(name[:20]) <= LARGEST_ID and role in ROLES:
            found[int(name)] = str(role)
    return found


def split_community(value: Json) -> tuple[str, Json]:
    """An entry of a list."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value), CommunityRole.MEMBER.value
    name, _, role = value.partition(":") if isinstance(value, str) else ("", "", "")
    return name, role or CommunityRole.MEMBER.value


ROLES = frozenset(role.value for role in CommunityRole)


def suggest_name(wanted: str, issuer: str, subject: str) -> str:
    """A name that somebody may have here, like the one that it has there."""
    name = NOT_IN_NAMES.sub("-", wanted)[:LONGEST_NAME].lstrip("._@+-")
    if name and name.lower() not in RESERVED:
        return name
    return "user-" + hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()[:12]
