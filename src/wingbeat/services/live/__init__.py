"""What is watched while it runs: who follows what, and what they are told."""
