"""Formats of files as values and back: pure, bounded, and shared by node types. No node type is here."""
