"""What splits, joins, delays and ends a flow."""
