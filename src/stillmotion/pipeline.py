"""READ FIRST: `animate()` is four calls. The only module that knows all four stages."""

from __future__ import annotations
