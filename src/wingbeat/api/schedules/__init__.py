"""The addresses of schedules."""
