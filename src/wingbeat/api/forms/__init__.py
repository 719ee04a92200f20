"""The addresses of forms, and their pages."""
