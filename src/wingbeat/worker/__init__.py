"""The imperative shell that runs executions: claim, run, journal, leases, recovery. What a graph means is in core."""
