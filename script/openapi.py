"""Prints the OpenAPI document of the REST API, without a database: routes describe themselves."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from typing import Any

from wingbeat.api.app import ApiOptions, Services, create_app


def main() -> None:
    """No route is called, so none of them needs what it would call."""
    nothing: dict[str, Any] = {field.name: None for field in fields(Services)}
    app = create_app(Services(**nothing), ApiOptions(version="0"))
    json.dump(app.openapi(), sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
