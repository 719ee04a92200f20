"""Events and commands: what they start and wake."""
