"""Writes operators.json: what ONNX Runtime computes for small cases of each operator. Run: python make_fixtures.py (numpy, onnx, onnxruntime).

Tensors are stored as edgepack holds them: images channels-last, convolution weights [O, Kh, Kw, C / groups].
"""
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

random = np.random.default_rng(7)
cases = []


def values(*shape, spread=1.0):
    return np.round(random.normal(0, spread, shape), 3).astype(np.float32)


def reference(operator, inputs, constants, opset=19, **attributes):
    names = [f"x{i}" for i in range(len(inputs))] + [f"c{i}" for i in range(len(constants))]
    node = helper.make_node(operator, names, ["y"], **attributes)
    graph = helper.make_graph(
        [node], operator,
        [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, x.shape) for n, x in zip(names, inputs)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [numpy_helper.from_array(c, n) for n, c in zip(names[len(inputs):], constants)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, inputs)))[0]


def tensor(array):
    return {"shape": list(array.shape), "values": [float(f"{v:.8g}") for v in array.ravel()]}


def last(array):
    return np.moveaxis(array, 1, -1)


def add(name, operator, inputs, constants, result, **fields):
    cases.append({"name": name, "operator": operator, "inputs": [tensor(x) for x in inputs],
                  "constants": [tensor(c) for c in constants], "result": tensor(result), **fields})


def window(kernel, stride=(1, 1), dilation=(1, 1), pads=(0, 0, 0, 0), ceil=False):
    return {"kernel": kernel, "stride": stride, "dilation": dilation, "pads": pads, "roundsUp": ceil}


def convolution(name, channels, outputs, kernel, stride=(1, 1), dilation=(1, 1), pads=(0, 0, 0, 0), groups=1, size=(9, 7), bias=True):
    x, w = values(2, channels, *size), values(outputs, channels // groups, *kernel)
    b = [values(outputs)] if bias else []
    y = reference("Conv", [x], [w] + b, kernel_shape=kernel, strides=stride, dilations=dilation, pads=pads, group=groups)
    add(name, "convolution", [last(x)], [last(w)] + b, last(y), window=window(kernel, stride, dilation, pads), groups=groups)


def pooling(name, operator, kernel, stride, pads=(0, 0, 0, 0), ceil=False, counts=None, dilation=(1, 1), size=(9, 8)):
    x = values(2, 5, *size)
    attributes = dict(kernel_shape=kernel, strides=stride, pads=pads, ceil_mode=int(ceil), dilations=dilation)
    if counts is not None:
        attributes["count_include_pad"] = int(counts)
    y = reference(operator, [x], [], **attributes)
    add(name, "averagePooling" if counts is not None else "maximumPooling", [last(x)], [], last(y),
        window=window(kernel, stride, dilation, pads, ceil), countsPadding=bool(counts))


convolution("asymmetric pads", 3, 5, (3, 3), pads=(0, 1, 2, 0))
convolution("stride 2 by 1 without bias", 4, 6, (3, 2), stride=(2, 1), pads=(1, 0, 1, 1), bias=False)
convolution("dilated", 2, 3, (3, 3), dilation=(2, 3), pads=(2, 3, 2, 3))
convolution("two groups", 6, 4, (3, 3), pads=(1, 1, 1, 1), groups=2)
convolution("pointwise", 8, 7, (1, 1))
convolution("pointwise with stride 2", 8, 3, (1, 1), stride=(2, 2))
convolution("depthwise", 11, 11, (3, 3), stride=(2, 2), pads=(0, 0, 1, 1), groups=11)
convolution("depthwise with multiplier 2", 3, 6, (3, 3), pads=(1, 1, 1, 1), groups=3)
convolution("dilated depthwise", 8, 8, (1, 3), dilation=(1, 2), pads=(0, 4, 0, 0), groups=8)
convolution("window as large as the input", 3, 4, (9, 7))
convolution("height 1", 4, 4, (1, 5), stride=(1, 2), pads=(0, 2, 0, 2), size=(1, 16))
pooling("maximum", "MaxPool", (2, 2), (2, 2))
pooling("maximum with pads", "MaxPool", (3, 3), (2, 2), pads=(1, 1, 1, 1))
pooling("maximum rounded up", "MaxPool", (3, 2), (2, 3), ceil=True)
pooling("dilated maximum", "MaxPool", (2, 2), (1, 1), dilation=(3, 2))
pooling("average", "AveragePool", (3, 2), (1, 2), counts=False)
pooling("average without its pads", "AveragePool", (3, 3), (2, 2), pads=(1, 1, 1, 1), counts=False)
pooling("average with its pads", "AveragePool", (3, 3), (2, 2), pads=(1, 0, 1, 2), counts=True)
pooling("average with pads rounded up", "AveragePool", (3, 3), (2, 3), pads=(1, 1, 0, 1), counts=True, ceil=True)
pooling("average without pads rounded up", "AveragePool", (4, 3), (3, 3), pads=(1, 1, 1, 1), counts=False, ceil=True)
pooling("global average", "AveragePool", (9, 8), (1, 1), counts=False)

x, w, b = values(3, 10), values(6, 10), values(6)
add("dense", "gemm", [x], [w, b], reference("Gemm", [x], [w, b], transB=1))
x, w = values(2, 4, 10), values(5, 10)
add("dense over the last axis", "gemm", [x], [w], reference("MatMul", [x], [np.ascontiguousarray(w.T)]))
x, p = values(2, 5, 3, 4), [values(5), values(5), values(5), np.abs(values(5)) + np.float32(0.1)]
add("batch normalization", "batchNormalization", [last(x)], p, last(reference("BatchNormalization", [x], p, opset=15, epsilon=1e-3)), epsilon=1e-3)
x = values(2, 3, 7, spread=20)
add("softmax of large numbers", "softmax", [x], [], reference("Softmax", [x], [], axis=-1))
x = values(2, 40, spread=3)
add("sigmoid", "sigmoid", [x], [], reference("Sigmoid", [x], []))
add("hyperbolic tangent", "hyperbolicTangent", [x], [], reference("Tanh", [x], []))
add("leaky relu", "leakyRelu", [x], [], reference("LeakyRelu", [x], [], alpha=0.1), slope=0.1)
add("hard sigmoid", "hardSigmoid", [x], [], reference("HardSigmoid", [x], [], alpha=0.3, beta=0.4), slope=0.3, offset=0.4)
add("hard swish", "hardSwish", [x], [], reference("HardSwish", [x], []))
add("clip", "clip", [x], [], reference("Clip", [x], [np.float32(-1), np.float32(2)]), minimum=-1, maximum=2)
a, b = values(2, 3, 4, 5), values(2, 3, 4, 5)
add("sum", "add", [a, b], [], reference("Add", [a, b], []))
add("difference", "subtract", [a, b], [], reference("Sub", [a, b], []))
add("product with a vector", "multiply", [a], [c := values(5)], reference("Mul", [a], [c]))
add("product with one number an inner axis", "multiply", [a], [c := values(3, 1, 1)], reference("Mul", [a], [c]))
add("product with one number a channel and sample", "multiply", [a, c := values(2, 1, 1, 5)], [], reference("Mul", [a, c], []))
b = values(2, 3, 2, 5)
add("concatenation", "concatenation", [a, b], [], reference("Concat", [a, b], [], axis=2), axis=2)
x = values(2, 2, 3, 4)
add("padding", "padding", [x], [], reference("Pad", [x], [np.array([0, 1, 0, 2, 0, 0, 3, 1], np.int64), np.float32(0.5)]),
    before=[0, 1, 0, 2], after=[0, 0, 3, 1], value=0.5)
add("transposition", "transpose", [x], [], reference("Transpose", [x], [], perm=[0, 3, 1, 2]), permutation=[0, 3, 1, 2])

path = pathlib.Path(__file__).with_name("operators.json")
path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
print(f"{len(cases)} cases, {path.stat().st_size} bytes")
