"""stillmotion: direct a still image."""

__version__ = "0.1.0"
