"""Pages of a list, by number or after the last item of the page before (keyset), as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from uuid import UUID

T = TypeVar("T")

# The condition of lists that are for those alone who may see everything.
EVERYTHING = "true"


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by; equal values are told apart by the id."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page: number `page` (from 1), or what follows the item with the id `cursor`."""

    sort: str
    page: int = 1
    per_page: int = 20
    cursor: UUID | int | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The items of a page, and whether there are more after it."""

    items: list[T]
    more: bool

    @classmethod
    def of(cls, fetched: list[T], per_page: int) -> Page[T]:
        """From what a statement with page_clause gave: one more than belongs on the page, if there is one."""
        return cls(fetched[:per_page], len(fetched) > per_page)


def page_clause(  # noqa: PLR0913 - the list, its order, and where in it
    table: str, identifier: str, order: Order, paging: Paging, *, first_argument: int, visible: str
) -> tuple[str, list[object]]:
    """The end of a statement from `AND` on, and its arguments from `$first_argument` on.

    One row more than belongs on the page is asked for, which tells whether there is a next one. A cursor that is in the
    table no more gives an empty page, and so does one that is not among the `visible`: the
    condition of what the caller may see, whatever it filters by. Lists of the installation's own have `EVERYTHING`.
    """
    direction = "DESC" if order.descending else "ASC"
    by_id = order.column == identifier
    sorting = f"{identifier} {direction}" if by_id else f"{order.column} {direction}, {identifier} {direction}"
    limit, place = f"${first_argument}", f"${first_argument + 1}"
    if paging.cursor is None:
        offset = (paging.page - 1) * paging.per_page
        return f"ORDER BY {sorting} LIMIT {limit} OFFSET {place}", [paging.per_page + 1, offset]
    comparison = "<" if order.descending else ">"
    columns = identifier if by_id else f"{order.column}, {identifier}"
    place = f"(SELECT {columns} FROM {table} WHERE {identifier} = {place} AND {visible})"  # noqa: S608 - of the caller
    after = f"{identifier} {comparison} {place}" if by_id else f"({columns}) {comparison} {place}"
    return f"AND {after} ORDER BY {sorting} LIMIT {limit}", [paging.per_page + 1, paging.cursor]
