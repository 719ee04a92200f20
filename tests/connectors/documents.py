"""OpenAPI documents for the tests: small ones, each with something that is easy to get wrong."""

from __future__ import annotations

from typing import Any

from wingbeat.core.json_value import JsonObject

SHOP: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "description": "Sells things.", "version": "1"},
    "servers": [{"url": "https://{region}.shop.example/v1", "variables": {"region": {"default": "eu"}}}],
    "security": [{"key": []}],
    "paths": {
        "/orders/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": {
                "operationId": "getOrder",
                "summary": "Read an order",
                "parameters": [
                    {"name": "id", "in": "query", "schema": {"type": "string"}, "description": "Another id."},
                    {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                    {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                    {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                    }
                },
            },
            "delete": {"operationId": "getOrder", "responses": {}, "deprecated": True, "security": []},
        },
        "/orders": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                },
                "responses": {"201": {"description": "made"}},
            }
        },
        "/forms": {
            "post": {
                "operationId": "send form",
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {"type": "object", "properties": {"To": {"type": "string"}}, "required": ["To"]}
                        }
                    }
                },
                "responses": {},
            }
        },
        "/files": {
            "post": {
                "operationId": "upload",
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "file": {"type": "string", "format": "binary"},
                                    "about": {"type": "object", "properties": {"tags": {"type": "array"}}},
                                },
                                "required": ["file"],
                            },
                        },
                        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
                    }
                },
                "responses": {},
            }
        },
    },
    "components": {
        "parameters": {
            "Id": {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            }
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["id", "lines"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "note": {"type": "string", "nullable": True},
                    "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                },
            },
            "Line": {
                "allOf": [
                    {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
                    {"oneOf": [{"required": ["qty"]}, {"required": ["weight"]}]},
                ],
                "properties": {"parts": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}},
            },
        },
    },
}  # fmt: skip


def document_with(paths: JsonObject, **others: Any) -> JsonObject:  # noqa: ANN401 - any JSON
    """A document of version 3.1 with these paths."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Test", "version": "1"},
        "servers": [{"url": "https://api.example"}],
        "paths": paths,
        **others,
    }
