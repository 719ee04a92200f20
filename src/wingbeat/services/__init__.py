"""Use cases, one module per noun: what REST, gRPC, the command line and the worker ask for, not how they are asked."""
