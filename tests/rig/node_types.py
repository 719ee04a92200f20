"""The node types that there are, looked for once: that takes a look into every installed package."""

from __future__ import annotations

from wingbeat.discovery import discover_node_types

NODE_TYPES = discover_node_types().types
