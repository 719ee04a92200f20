"""The addresses of connections and connectors."""
