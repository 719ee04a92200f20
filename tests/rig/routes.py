"""Applications by the hundred: what FastAPI finds out about an endpoint is the same in each, and found out once."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.dependencies.utils import get_dependant
from fastapi.utils import create_model_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi._compat import ModelField
    from fastapi.dependencies.models import Dependant


@contextmanager
def read_once() -> Iterator[None]:
    """Within, an endpoint's signature and the shapes of its answers are read for the first application only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fastapi.routing.get_dependant", _remember_signatures(get_dependant))
        patch.setattr("fastapi.routing.create_model_field", _remember_shapes(create_model_field))
        yield


def _remember_signatures(read: Callable[..., Dependant]) -> Callable[..., Dependant]:
    known: dict[object, Dependant] = {}

    def read_signature(*, path: str, call: Callable[..., Any], **options: Any) -> Dependant:  # noqa: ANN401 - of FastAPI
        if not inspect.ismethod(call):
            return read(path=path, call=call, **options)
        key = (path, call.__func__, *sorted(options.items()))
        if key not in known:
            known[key] = read(path=path, call=call, **options)
        return replace(known[key], call=call, dependencies=[*known[key].dependencies])

    return read_signature


def _remember_shapes(make: Callable[..., ModelField]) -> Callable[..., ModelField]:
    known: dict[object, ModelField] = {}

    def make_field(**options: Any) -> ModelField:  # noqa: ANN401 - of FastAPI
        key = (options["name"], options["type_"], options.get("mode"))
        if options.keys() != {"name", "type_", "mode"}:
            return make(**options)
        if key not in known:
            known[key] = make(**options)
        return known[key]

    return make_field
