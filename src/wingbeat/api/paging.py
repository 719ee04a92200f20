"""Pages of lists, as answers tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.storage.paging import Paging


def page_meta(paging: Paging, total: int | None, next_cursor: UUID | int | None) -> dict[str, object]:
    """Where the page is: with totals by page number, and only the next cursor after a cursor."""
    meta: dict[str, object] = {"per_page": paging.per_page, "next_cursor": next_cursor}
    if total is not None:
        meta |= {"page": paging.page, "total": total, "total_pages": -(-total // paging.per_page)}
    return meta
