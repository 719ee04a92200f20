"""What triggers need as rows, kept in step with what is published."""
