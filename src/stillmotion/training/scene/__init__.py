"""Training of the scene network: depth and regions of a photo, distilled from teachers, sharpened by cut-outs.

    photos ─label▶ labels ─data▶ batches ─train▶ checkpoint ─export▶ ONNX + card

Runs from the tree on torch, numpy and OpenCV alone. Nothing of the teachers is kept but what they say about photos.
"""
