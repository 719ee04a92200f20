"""Everything that connects to the outside, and the only place that may: addresses are checked, secrets end here."""
