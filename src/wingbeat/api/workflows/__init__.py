"""The addresses of workflows and of who may use them."""
