"""Applications by the hundred: their routes are the same in each, and read and put together once."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import request_response

from wingbeat.api.routing import Operation, StrictRoute, describe_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send


@contextmanager
def read_once() -> Iterator[None]:
    """Within, what FastAPI finds out about a route is found out for the first application that has it only."""
    known: dict[object, StrictRoute] = {}

    class KnownRoute(_QuickRoute):
        """Knows the routes from before."""

        routes = known

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wingbeat.api.app.StrictRoute", KnownRoute)
        patch.setattr("wingbeat.api.routing.describe_answers", _remember_answers())
        yield


class _QuickRoute(StrictRoute):
    """A route that takes over what is known of one like it: same address, same function, declared in the same way.

    What answers its requests, the real `StrictRoute` with this application's endpoint, is put together at the first.
    """

    routes: dict[object, StrictRoute]

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401 - of FastAPI
        provider = options.pop("dependency_overrides_provider")
        key = (path, tuple(options["methods"] or ()), _function(endpoint))
        known = self.routes.get(key)
        if known is None or known.__dict__["declared"] != options:
            super().__init__(path, endpoint, dependency_overrides_provider=provider, **options)
            self.declared = options
            self.routes[key] = self
            return
        self.__dict__ |= known.__dict__
        self.endpoint, self.dependency_overrides_provider = endpoint, provider
        self.app = self.guarded = self._made_when_asked()

    def _made_when_asked(self) -> ASGIApp:
        made: list[ASGIApp] = []

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if not made:
                self.dependant = replace(self.dependant, call=self.endpoint)
                made.append(request_response(self.get_route_handler()))
            await made[0](scope, receive, send)

        return answer


def _function(endpoint: Callable[..., Any]) -> object:
    """What is the same for the endpoints of all applications."""
    if inspect.ismethod(endpoint):
        return endpoint.__func__
    return (endpoint.__code__, endpoint.__name__) if inspect.isfunction(endpoint) else endpoint


def _remember_answers() -> Callable[[Operation], dict[int | str, dict[str, Any]]]:
    known: dict[object, dict[int | str, dict[str, Any]]] = {}

    def describe(operation: Operation) -> dict[int | str, dict[str, Any]]:
        one = operation
        key = (one.method, one.permission, one.errors, one.headers, one.media_type, *one.answers.items())
        if key not in known:
            known[key] = describe_answers(operation)
        return known[key]

    return describe
