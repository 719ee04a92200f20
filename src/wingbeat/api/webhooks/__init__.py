"""The addresses of webhooks."""
