"""Training of the interpolator: a small network that mends the motion found by flow, and says which frame to believe.

    clips, photos ─data▶ stored samples ─train▶ checkpoint ─export▶ ONNX + card

Runs from the tree on torch, numpy and OpenCV alone. The classical motion of `stages/finishing` is its input.
"""
