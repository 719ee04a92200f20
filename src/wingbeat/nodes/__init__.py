"""The built-in node types, one file each. A node type imports `wingbeat.sdk` and nothing else of Wingbeat."""
