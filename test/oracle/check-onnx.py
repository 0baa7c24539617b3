#!/usr/bin/python3
"""Checks models by ONNX's own checker, shapes included, and prints what is in them as JSON lines.

    python3 test/oracle/check-onnx.py FILE...

Needs ONNX (Debian: python3-onnx).
"""
import json
import sys

import onnx
from onnx import shape_inference


def shape(value):
    tensor = value.type.tensor_type
    return [value.name, onnx.TensorProto.DataType.Name(tensor.elem_type), [d.dim_param or d.dim_value for d in tensor.shape.dim]]


for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    print(json.dumps({
        "producer": [model.producer_name, model.producer_version],
        "irVersion": model.ir_version,
        "opset": [[each.domain, each.version] for each in model.opset_import],
        "metadata": {each.key: each.value for each in model.metadata_props},
        "inputs": [shape(each) for each in model.graph.input],
        "outputs": [shape(each) for each in model.graph.output],
        "nodes": [[each.name, each.op_type] for each in model.graph.node],
        "weights": {each.name: list(each.dims) for each in model.graph.initializer},
        "inferred": len(inferred.graph.value_info),
    }))
