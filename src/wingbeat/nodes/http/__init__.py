"""What node types that speak HTTP share: bodies to send, answers to read, pages to turn. No node type is here."""
