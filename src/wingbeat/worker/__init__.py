"""The imperative shell: what claims executions, runs their nodes, and writes down what happened."""
