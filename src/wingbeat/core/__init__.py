"""The pure meaning of a workflow: no I/O, no clock, no randomness, standard library (and RE2) only."""
