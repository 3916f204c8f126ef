"""Writes networks.json: small ONNX models of common forms, with what ONNX Runtime computes. Run: python make_networks.py (numpy, onnx, onnxruntime).

Each model is stored as base64, two samples with their outputs as shape and values. With a folder as argument it also writes each model as
NAME.onnx with NAME.npz (64 samples x and the outputs y), to be packed by hand.
"""
import base64
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
cases = []


class Network:
    """Nodes in order; each method appends one and returns the name of its result."""

    def __init__(self, name, shape, opset=17):
        self.name, self.shape, self.opset = name, list(shape), opset
        self.nodes, self.constants = [], []
        self.random = np.random.default_rng(len(cases) + 11)

    def values(self, *shape, spread=0.5):
        return np.round(self.random.normal(0, spread, shape), 3).astype(np.float32)

    def constant(self, array, kind=np.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, kind), name))
        return name

    def integers(self, *values):
        return self.constant(values, np.int64)

    def node(self, operator, *inputs, **attributes):
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def conv(self, x, channels, outputs, *kernel, group=1, bias=True, **attributes):
        weights = self.constant(self.values(outputs, channels // group, *kernel))
        operands = [x, weights] + ([self.constant(self.values(outputs))] if bias else [])
        return self.node("Conv", *operands, group=group, **attributes)

    def dense(self, x, size, outputs):
        return self.node("Gemm", x, self.constant(self.values(outputs, size)), self.constant(self.values(outputs)), transB=1)

    def normalization(self, x, channels):
        parameters = [self.values(channels), self.values(channels), self.values(channels), np.abs(self.values(channels)) + np.float32(0.2)]
        return self.node("BatchNormalization", x, *[self.constant(p) for p in parameters])

    def unsqueeze(self, x, *axes):
        return self.node("Unsqueeze", x, self.integers(*axes)) if self.opset >= 13 else self.node("Unsqueeze", x, axes=axes)

    def squeeze(self, x, *axes):
        return self.node("Squeeze", x, self.integers(*axes)) if self.opset >= 13 else self.node("Squeeze", x, axes=axes)

    def mean(self, x, *axes, keepdims=1):
        if self.opset >= 18:
            return self.node("ReduceMean", x, self.integers(*axes), keepdims=keepdims)
        return self.node("ReduceMean", x, axes=axes, keepdims=keepdims)

    def clip(self, x, low, high):
        if self.opset >= 11:
            return self.node("Clip", x, self.constant(np.float32(low)), self.constant(np.float32(high)))
        return self.node("Clip", x, min=float(low), max=float(high))

    def save(self, *outputs):
        """The last outputs are renamed to y."""
        graph = helper.make_graph(
            self.nodes, "network", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N"] + self.shape)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, None) for output in outputs], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8 if self.opset < 21 else 10)
        model.producer_name = ""
        content = model.SerializeToString()
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        x = np.round(self.random.normal(0, 1, [64] + self.shape), 3).astype(np.float32)
        # One sample at a time: constant shapes in the model may hold batch 1.
        y = np.concatenate([session.run(None, {"x": sample[None]})[0].reshape(1, -1) for sample in x])
        cases.append({
            "name": self.name, "model": base64.b64encode(content).decode(), "input": [2] + self.shape,
            "inputs": [float(f"{v:.6g}") for v in x[:2].ravel()], "outputs": [float(f"{v:.8g}") for v in y[:2].ravel()]})
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            stem = self.name.replace(" ", "-").replace(",", "")
            (folder / f"{stem}.onnx").write_bytes(content)
            np.savez(folder / f"{stem}.npz", x=x, y=y)


def head(net, x, channels, outputs=4):
    """Global average, flattened, dense."""
    return net.dense(net.node("Flatten", net.node("GlobalAveragePool", x), axis=1), channels, outputs)


def small_cnn(name, opset):
    net = Network(name, [2, 8, 8], opset)
    x = net.clip(net.normalization(net.conv("x", 2, 6, 3, 3, pads=[1, 1, 1, 1], bias=False), 6), 0, 6)
    x = net.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net.node("Relu", net.conv(x, 6, 6, 3, 3, group=6, pads=[1, 1, 1, 1]))
    x = net.squeeze(net.squeeze(net.mean(x, 2, 3), 3), 2)
    net.save(net.node("Softmax", net.dense(x, 6, 4), axis=1))


for opset in (7, 9, 11, 13, 17, 21):
    small_cnn(f"small cnn of opset {opset}", opset)

net = Network("leaky convolutions", [3, 8, 8])
x = net.node("LeakyRelu", net.conv("x", 3, 5, 3, 3), alpha=0.1)
net.save(head(net, net.node("LeakyRelu", net.conv(x, 5, 6, 3, 3), alpha=0.2), 6))

net = Network("sigmoid and tanh perceptron", [12])
x = net.node("Sigmoid", net.dense("x", 12, 10))
net.save(net.dense(net.node("Tanh", net.dense(x, 10, 8)), 8, 3))

net = Network("bias before the product", [12])
x = net.node("Add", net.constant(net.values(8)), net.node("MatMul", "x", net.constant(net.values(12, 8))))
net.save(net.node("Add", net.constant(net.values(3)), net.node("MatMul", net.node("Relu", x), net.constant(net.values(8, 3)))))

net = Network("scaled dense layers", [12])
x = net.node("Gemm", "x", net.constant(net.values(12, 8)), net.constant(net.values(1, 8)), alpha=0.5, beta=2.0)
net.save(net.node("Gemm", net.node("Relu", x), net.constant(net.values(8, 3)), net.constant(net.values(1)), alpha=2.0, beta=0.25))

for mode in ("SAME_UPPER", "SAME_LOWER", "VALID"):
    net = Network(f"automatic pads {mode}", [3, 9, 8])
    x = net.node("Relu", net.conv("x", 3, 5, 3, 3, auto_pad=mode, strides=[2, 2]))
    net.save(head(net, net.node("AveragePool", x, kernel_shape=[2, 2], auto_pad=mode), 5))

net = Network("grouped and dilated", [4, 10, 10])
x = net.node("Relu", net.conv("x", 4, 8, 3, 3, group=2, pads=[1, 1, 1, 1]))
net.save(head(net, net.node("Relu", net.conv(x, 8, 6, 3, 3, dilations=[2, 2], pads=[2, 2, 2, 2])), 6))

net = Network("one dimension", [3, 32])
x = net.node("MaxPool", net.node("Relu", net.normalization(net.conv("x", 3, 6, 5, strides=[2], pads=[2, 2]), 6)), kernel_shape=[2], strides=[2])
x = net.node("Relu", net.conv(x, 6, 8, 3, pads=[2, 2], dilations=[2]))
net.save(head(net, x, 8))

net = Network("normalization before activation before convolution", [3, 8, 8])
x = net.conv("x", 3, 6, 3, 3, pads=[1, 1, 1, 1])
y = net.conv(net.node("Relu", net.normalization(x, 6)), 6, 6, 3, 3, pads=[1, 1, 1, 1])
x = net.node("Add", x, y)
net.save(head(net, net.node("Relu", net.normalization(x, 6)), 6))

net = Network("normalization behind a sum", [3, 8, 8])
x = net.node("Relu", net.conv("x", 3, 6, 3, 3, pads=[1, 1, 1, 1]))
x = net.node("Relu", net.normalization(net.node("Add", net.conv(x, 6, 6, 3, 3, pads=[1, 1, 1, 1]), x), 6))
net.save(head(net, x, 6))

net = Network("joined branches", [3, 8, 8])
x = net.node("Relu", net.conv("x", 3, 4, 1, 1))
parts = [net.conv(x, 4, 3, 1, 1), net.conv(x, 4, 5, 3, 3, pads=[1, 1, 1, 1]), net.node("MaxPool", x, kernel_shape=[3, 3], pads=[1, 1, 1, 1])]
x = net.node("Relu", net.node("Concat", *parts, axis=1))
net.save(head(net, x, 12))

net = Network("global maximum", [3, 8, 8])
x = net.node("GlobalMaxPool", net.node("Relu", net.conv("x", 3, 6, 3, 3)))
net.save(net.dense(net.node("Flatten", x), 6, 4))

for opset in (13, 18):
    net = Network(f"mean over space of opset {opset}", [3, 8, 8], opset)
    x = net.mean(net.node("Relu", net.conv("x", 3, 6, 3, 3)), -1, -2, keepdims=0)
    net.save(net.dense(x, 6, 4))

for counts in (0, 1):
    net = Network(f"average pool with pads, counted {counts}", [3, 8, 8])
    x = net.node("AveragePool", net.conv("x", 3, 6, 3, 3), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=counts)
    net.save(net.dense(net.node("Flatten", x, axis=1), 54, 4))

net = Network("pool rounded up", [3, 9, 9])
x = net.node("MaxPool", net.conv("x", 3, 5, 3, 3, pads=[1, 1, 1, 1]), kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
net.save(net.dense(net.node("Reshape", x, net.integers(0, -1)), 125, 4))

net = Network("reshape with an open size", [3, 6, 6])
x = net.node("Relu", net.conv("x", 3, 4, 3, 3))
net.save(net.dense(net.node("Reshape", x, net.integers(1, -1)), 64, 4))

net = Network("computed flattening", [3, 6, 6])
x = net.node("Relu", net.conv("x", 3, 4, 3, 3))
batch = net.node("Gather", net.node("Shape", x), net.constant(np.int64(0), np.int64), axis=0)
shape = net.node("Concat", net.unsqueeze(batch, 0), net.integers(-1), axis=0)
net.save(net.dense(net.node("Reshape", x, shape), 64, 4))

for opset in (11, 13):
    net = Network(f"a line made an image of opset {opset}", [32], opset)
    x = net.unsqueeze("x", 1, 2)
    x = net.node("Relu", net.conv(x, 1, 4, 1, 5, strides=[1, 2]))
    x = net.squeeze(x, 2)
    net.save(head(net, net.conv(x, 4, 5, 3), 5))

net = Network("dropout between layers", [12])
x = net.node("Dropout", net.node("Relu", net.dense("x", 12, 9)))
net.save(net.dense(net.node("Identity", x), 9, 3))

for opset in (9, 13):
    net = Network(f"pads before a convolution of opset {opset}", [3, 8, 8], opset)
    pads = [0, 0, 0, 1, 0, 0, 2, 1]
    x = net.node("Pad", "x", net.integers(*pads)) if opset >= 11 else net.node("Pad", "x", pads=pads)
    net.save(head(net, net.node("Relu", net.conv(x, 3, 5, 3, 3, strides=[2, 2])), 5))

net = Network("normalized input", [3, 8, 8])
x = net.node("Sub", "x", net.constant(net.values(1, 3, 1, 1)))
x = net.node("Div", x, net.constant(np.float32([0.5, 0.25, 0.75]).reshape(1, 3, 1, 1)))
net.save(head(net, net.node("Relu", net.conv(x, 3, 5, 3, 3, pads=[1, 1, 1, 1])), 5))

net = Network("scaled input", [3, 8, 8])
x = net.node("Sub", net.node("Mul", "x", net.constant(np.float32(0.5))), net.constant(np.float32(0.25)))
net.save(head(net, net.node("Relu", net.conv(x, 3, 5, 3, 3)), 5))

net = Network("constant minus input", [12])
net.save(net.dense(net.node("Relu", net.node("Sub", net.constant(net.values(12)), "x")), 12, 3))

net = Network("softmax over channels", [3, 6, 6])
net.save(net.node("Softmax", net.conv("x", 3, 4, 3, 3), axis=1))

net = Network("hard activations", [3, 8, 8])
x = net.node("HardSwish", net.conv("x", 3, 6, 3, 3))
x = net.node("HardSigmoid", net.conv(x, 6, 6, 3, 3), alpha=0.3, beta=0.4)
net.save(head(net, x, 6))

net = Network("hard swish from its parts", [3, 8, 8])
x = net.conv("x", 3, 6, 3, 3)
gate = net.node("HardSigmoid", x, alpha=1 / 6, beta=0.5)
net.save(head(net, net.node("Mul", x, gate), 6))

net = Network("silu from its parts", [3, 8, 8])
x = net.conv("x", 3, 6, 3, 3)
net.save(head(net, net.node("Mul", x, net.node("Sigmoid", x)), 6))

net = Network("input used twice", [3, 8, 8])
x = net.node("Relu", net.conv("x", 3, 3, 3, 3, pads=[1, 1, 1, 1]))
net.save(head(net, net.node("Concat", net.node("Add", x, "x"), "x", axis=1), 6))

net = Network("clip with one bound", [12])
x = net.node("Clip", net.dense("x", 12, 9), "", net.constant(np.float32(0.5)))
net.save(net.dense(net.node("Clip", x, net.constant(np.float32(-0.75))), 9, 3))

net = Network("channels last from the exporter", [8, 8, 3])
x = net.node("Transpose", "x", perm=[0, 3, 1, 2])
x = net.node("Relu", net.conv(x, 3, 5, 3, 3, auto_pad="SAME_UPPER", strides=[2, 2]))
x = net.node("Transpose", x, perm=[0, 2, 3, 1])
net.save(net.dense(net.node("Reshape", x, net.integers(-1, 80)), 80, 4))

net = Network("bias added behind a convolution", [3, 8, 8])
x = net.node("Add", net.conv("x", 3, 6, 3, 3, bias=False), net.constant(net.values(1, 6, 1, 1)))
net.save(head(net, net.node("Relu", x), 6))

net = Network("slopes per channel", [3, 8, 8])
x = net.node("PRelu", net.conv("x", 3, 6, 3, 3), net.constant(np.full((6, 1, 1), 0.25)))
net.save(head(net, x, 6))

net = Network("normalized vector", [12])
net.save(net.dense(net.node("Relu", net.normalization(net.dense("x", 12, 8), 8)), 8, 3))

net = Network("last axis averaged", [6, 16])
net.save(net.dense(net.mean(net.conv("x", 6, 5, 3), 2, keepdims=0), 5, 3))

path = pathlib.Path(__file__).with_name("networks.json")
path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
print(f"{len(cases)} networks, {path.stat().st_size} bytes")
