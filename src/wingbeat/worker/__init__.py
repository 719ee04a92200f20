"""The imperative shell that runs executions: claim, run, journal, leases, recovery. A graph means what the core says."""
