"""Scene and plan -> frames."""
