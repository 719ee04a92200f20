"""Who may do what: the loader that every use case asks, and grants."""
