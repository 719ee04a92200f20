"""What decides which way to go on."""
