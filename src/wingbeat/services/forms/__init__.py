"""Forms that start workflows."""
