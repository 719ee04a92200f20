"""What makes one value out of another."""
