"""Runs the code of code nodes: machines in WebAssembly, in processes of their own that the kernel confines.

`code_runner` is what the platform uses. What runs in the other process (`runner`, `machines` and below) imports nothing
of the platform, so that nothing of it could be reached from there.
"""
