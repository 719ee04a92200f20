"""In whose name somebody acts: as themselves, whatever a body says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.access import Attempt, Denied, Permission
from wingbeat.core.people import names_of

if TYPE_CHECKING:
    from wingbeat.core.access import Principal


def own_name(principal: Principal, said: str, object_type: str, object_id: object) -> str:
    """The name under which it is kept who did something: the caller's own, or what one who may do everything says.

    Raises:
        Forbidden: `PERMISSION_DENIED`, the body names somebody else.
    """
    if principal.unrestricted:
        return said
    if not said:
        return principal.name
    if said not in names_of(principal):
        raise not_oneself(object_type, object_id)
    return said


def not_oneself(object_type: str, object_id: object) -> Denied:
    """What somebody hears who would act as somebody else; the other's name is not repeated."""
    return Denied(
        "The request names somebody else than its caller; nothing was changed.",
        remedy="Leave the name out, or give one of your own: your user id, your user name, role:NAME or community:ID.",
        attempt=Attempt(Permission.EXECUTE, object_type, str(object_id)),
    )
