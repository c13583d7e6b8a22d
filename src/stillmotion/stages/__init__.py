"""The four stages. They never import one another; they meet in `types.py`."""
