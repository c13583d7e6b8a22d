"""Weights of an ONNX file in half precision: half the size, calculated with in full."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

_SMALL = 1024  # arrays of fewer numbers stay in full precision


def halved(path: Path) -> None:
    """Large arrays of a file to half precision, each followed by a cast back."""
    model = onnx.load(path)
    graph, casts = model.graph, []
    for array in graph.initializer:
        values = numpy_helper.to_array(array)
        if values.dtype == np.float32 and values.size >= _SMALL:
            name = array.name
            array.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, path)
