"""The addresses of executions and of what hangs on them."""
