"""Wingbeat: durable workflow automation."""
