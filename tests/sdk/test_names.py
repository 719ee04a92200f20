"""Names that people give: which ones can be ports and variables."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from wingbeat.sdk import PortName, VariableName

PORT: TypeAdapter[str] = TypeAdapter(PortName)
VARIABLE: TypeAdapter[str] = TypeAdapter(VariableName)


@pytest.mark.parametrize("name", ["true", "very large", "a-1", "3rd", "v1.2"])
def test_readable_port_names_pass(name: str) -> None:
    """A port may have the name that people would give it."""
    assert name == PORT.validate_python(name)


@pytest.mark.parametrize("name", ["", " a", "error", "a\nb", "<b>", "x" * 65])
def test_other_port_names_are_refused(name: str) -> None:
    """The error port is not to be taken, and names stay printable and short."""
    with pytest.raises(ValidationError):
        PORT.validate_python(name)


@pytest.mark.parametrize("name", ["", "1a", "a b", "a.b", "class", "not", "x" * 65, "true", "null", "\ufb01"])
def test_variables_that_no_expression_could_read_are_refused(name: str) -> None:
    """A variable's name must be one that an expression can say, and mean only the variable."""
    with pytest.raises(ValidationError):
        VARIABLE.validate_python(name)
