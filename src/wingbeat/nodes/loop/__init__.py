"""What goes round."""
