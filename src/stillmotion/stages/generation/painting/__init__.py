"""Pictures continued into their holes: what lay behind, beyond the frame, or under what is taken away."""
