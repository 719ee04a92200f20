"""Schedules: what can be done with them, and their times ahead."""
