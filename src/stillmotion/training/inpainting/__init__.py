"""Training of the in-painter: a feed-forward network that continues a photo into its holes.

    photos ─crops, holes▶ pieces ─run▶ network ─export▶ weights/inpainter.onnx

Torch is needed here and nowhere else.
"""
