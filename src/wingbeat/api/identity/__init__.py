"""The addresses of accounts, sign-in and tokens."""
