"""What begins an execution."""
