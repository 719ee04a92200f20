"""Connections to other systems, and their APIs as node types."""
