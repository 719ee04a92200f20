"""Descriptions of other systems as node types: OpenAPI documents, and tools of MCP servers. Without any I/O."""
