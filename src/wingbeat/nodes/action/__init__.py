"""What has an effect outside."""
