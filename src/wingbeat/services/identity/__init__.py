"""Who people are: accounts, passwords, sign-in, credentials and sessions."""
