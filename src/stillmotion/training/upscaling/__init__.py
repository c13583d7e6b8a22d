"""Training of the upscaler: the sharper luma of a frame, learned from photographs made small and poor.

    photos ─data▶ pairs ─train▶ checkpoint ─export▶ ONNX + card

Runs from the tree on torch, numpy, OpenCV and PyAV alone.
"""
