"""The addresses of tasks, approvals and notifications."""
