"""Motion written for other products, read into ours: camera text, slider values, motion brushes. One file per form."""
