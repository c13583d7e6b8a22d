"""Photo -> Scene."""
