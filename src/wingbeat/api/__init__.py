"""REST: how the services are asked over HTTP, and nothing of what they do."""
