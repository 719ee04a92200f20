"""A text that must not be seen: it shows as `***` wherever something is printed, logged or written as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

HIDDEN = "***"
LONGEST = 65_536


class Secret:
    """Holds a text and shows `***`. Only `reveal` gives the text, so that each place which asks is easily found."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, _specification: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("A secret is not to be pickled.")

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:  # noqa: ANN401 - pydantic's
        """A text that comes in becomes a secret; going out it is `***`."""
        text = core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(min_length=1, max_length=LONGEST)
        )
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.no_info_before_validator_function(_take_text, text),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda _secret: HIDDEN),
        )


def _take_text(value: object) -> object:
    return value.reveal() if isinstance(value, Secret) else value
