"""The addresses at which events and commands are published."""
