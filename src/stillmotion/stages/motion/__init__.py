"""Scene and wish -> plan."""
