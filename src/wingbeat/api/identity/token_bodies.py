"""The bodies of requests about tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from wingbeat.api.bodies import INTEGER_MAX, NOT_BLANK, TAKE_WHOLE, Strict
from wingbeat.services.identity.tokens import LONGEST_DAYS, LONGEST_NAME, USUAL_DAYS

ScopeName = Literal["view", "edit", "delete", "execute", "service"]
CommunityId = Annotated[int, Field(ge=1, le=INTEGER_MAX), TAKE_WHOLE]


class NewTokenBody(Strict):
    """A token for oneself."""

    name: Annotated[
        str, Field(min_length=1, max_length=LONGEST_NAME, pattern=NOT_BLANK, examples=["nightly import"])
    ] = Field(description="What it is for, so that one knows it again.")
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=5)] = Field(
        description="What it may be used for; no more than its maker may do."
    )
    expires_in_days: Annotated[int, Field(ge=1, le=LONGEST_DAYS), TAKE_WHOLE] = USUAL_DAYS
    communities: Annotated[list[CommunityId], Field(max_length=100)] | None = Field(
        None, description="Those of one's communities that it reaches; all if it is null."
    )


TOKEN_BODIES: tuple[type[BaseModel], ...] = (NewTokenBody,)
