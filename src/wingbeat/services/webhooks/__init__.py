"""Webhooks: what can be done with them, and what comes in by them."""
