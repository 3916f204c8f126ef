#!/usr/bin/env python3
"""Trains the network of the demo and writes digits.onnx, train.npz and test.npz beside this file.

Data: the 1,797 handwritten digits (8x8, 17 grey levels) that the PyPI package scikit-learn carries, from E. Alpaydin and
C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998, CC BY 4.0.
Needs: numpy, onnx, scikit-learn. Takes about a minute. Everything is seeded; figures differ in the last digits between machines.

The network is small but built from what larger ones are made of: convolutions with batch normalization, a depthwise and a pointwise
convolution, a residual sum, global average pooling and a dense layer.
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(7)
EPOCHS, BATCH, TOP_RATE = 60, 64, 4e-3


class Layer:
    """A layer keeps what its backward pass needs; `parameters` maps names to arrays, `gradients` mirrors it."""

    def __init__(self):
        self.parameters, self.gradients = {}, {}


class Convolution(Layer):
    """[N, C, H, W] -> [N, O, H', W'], square kernel, padding k // 2, without bias (a batch normalization follows)."""

    def __init__(self, channels, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.kernel, self.stride, self.groups = kernel, stride, groups
        fan_in = channels // groups * kernel * kernel
        shape = (outputs, channels // groups, kernel, kernel)
        self.parameters["weight"] = RANDOM.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)

    def windows(self, x):
        pad = self.kernel // 2
        padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        view = np.lib.stride_tricks.sliding_window_view(padded, (self.kernel, self.kernel), axis=(2, 3))
        return view[:, :, :: self.stride, :: self.stride]

    def forward(self, x, training):
        self.shape, weight = x.shape, self.parameters["weight"]
        self.columns = self.windows(x)
        if self.groups == 1:
            return np.einsum("nchwij,ocij->nohw", self.columns, weight, optimize=True)
        return np.einsum("nchwij,cij->nchw", self.columns, weight[:, 0], optimize=True)

    def backward(self, gradient):
        weight = self.parameters["weight"]
        if self.groups == 1:
            self.gradients["weight"] = np.einsum("nchwij,nohw->ocij", self.columns, gradient, optimize=True)
            spread = np.einsum("nohw,ocij->nchwij", gradient, weight, optimize=True)
        else:
            self.gradients["weight"] = np.einsum("nchwij,nchw->cij", self.columns, gradient, optimize=True)[:, None]
            spread = np.einsum("nchw,cij->nchwij", gradient, weight[:, 0], optimize=True)
        pad = self.kernel // 2
        n, c, h, w = self.shape
        padded = np.zeros((n, c, h + 2 * pad, w + 2 * pad), np.float32)
        rows, columns = gradient.shape[2], gradient.shape[3]
        for i in range(self.kernel):
            for j in range(self.kernel):
                stop_i, stop_j = i + self.stride * rows, j + self.stride * columns
                padded[:, :, i : stop_i : self.stride, j : stop_j : self.stride] += spread[..., i, j]
        return padded[:, :, pad : pad + h, pad : pad + w]


class BatchNormalization(Layer):
    EPSILON, MOMENTUM = 1e-5, 0.9

    def __init__(self, channels):
        super().__init__()
        self.parameters["scale"] = np.ones(channels, np.float32)
        self.parameters["bias"] = np.zeros(channels, np.float32)
        self.mean, self.variance = np.zeros(channels, np.float32), np.ones(channels, np.float32)

    def forward(self, x, training):
        if training:
            mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
            self.mean = self.MOMENTUM * self.mean + (1 - self.MOMENTUM) * mean
            self.variance = self.MOMENTUM * self.variance + (1 - self.MOMENTUM) * variance
        else:
            mean, variance = self.mean, self.variance
        self.deviation = np.sqrt(variance + self.EPSILON)[:, None, None]
        self.normal = (x - mean[:, None, None]) / self.deviation
        return self.parameters["scale"][:, None, None] * self.normal + self.parameters["bias"][:, None, None]

    def backward(self, gradient):
        self.gradients["scale"] = (gradient * self.normal).sum((0, 2, 3))
        self.gradients["bias"] = gradient.sum((0, 2, 3))
        count = gradient.size / gradient.shape[1]
        centred = gradient - (self.gradients["bias"][:, None, None] + self.normal * self.gradients["scale"][:, None, None]) / count
        return self.parameters["scale"][:, None, None] * centred / self.deviation


class Relu(Layer):
    def forward(self, x, training):
        self.positive = x > 0
        return x * self.positive

    def backward(self, gradient):
        return gradient * self.positive


class Sequence(Layer):
    def __init__(self, *layers):
        super().__init__()
        self.layers = layers

    def forward(self, x, training):
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def backward(self, gradient):
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        return gradient


class Residual(Sequence):
    """x + f(x)"""

    def forward(self, x, training):
        return x + super().forward(x, training)

    def backward(self, gradient):
        return gradient + super().backward(gradient)


class Head(Layer):
    """Global average pooling and a dense layer: [N, C, H, W] -> [N, O]."""

    def __init__(self, channels, outputs):
        super().__init__()
        self.parameters["weight"] = RANDOM.normal(0, np.sqrt(1 / channels), (outputs, channels)).astype(np.float32)
        self.parameters["bias"] = np.zeros(outputs, np.float32)

    def forward(self, x, training):
        self.shape, self.pooled = x.shape, x.mean((2, 3))
        return self.pooled @ self.parameters["weight"].T + self.parameters["bias"]

    def backward(self, gradient):
        self.gradients = {"weight": gradient.T @ self.pooled, "bias": gradient.sum(0)}
        pooled = gradient @ self.parameters["weight"] / (self.shape[2] * self.shape[3])
        return np.broadcast_to(pooled[:, :, None, None], self.shape)


def network():
    return Sequence(
        Convolution(1, 16, 3), BatchNormalization(16), Relu(),
        Convolution(16, 32, 3, stride=2), BatchNormalization(32), Relu(),
        Convolution(32, 32, 3, groups=32), BatchNormalization(32), Relu(),
        Convolution(32, 64, 1), BatchNormalization(64), Relu(),
        Residual(Convolution(64, 64, 3), BatchNormalization(64)), Relu(),
        Head(64, 10),
    )  # fmt: skip


def leaves(layer):
    for child in getattr(layer, "layers", ()):
        yield from leaves(child)
    if layer.parameters:
        yield layer


def shifted(images):
    """Each image moved by up to one pixel in each direction."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    moved = np.empty_like(images)
    for index, (i, j) in enumerate(RANDOM.integers(0, 3, (len(images), 2))):
        moved[index] = padded[index, :, i : i + 8, j : j + 8]
    return moved


def train(model, images, labels):
    moments = [{name: [np.zeros_like(v), np.zeros_like(v)] for name, v in leaf.parameters.items()} for leaf in leaves(model)]
    steps, step = EPOCHS * (len(images) // BATCH), 0
    for epoch in range(EPOCHS):
        order = RANDOM.permutation(len(images))
        total = 0.0
        for start in range(0, len(images) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            logits = model.forward(shifted(images[chosen]), True)
            shares = np.exp(logits - logits.max(1, keepdims=True))
            shares /= shares.sum(1, keepdims=True)
            total -= np.log(shares[np.arange(BATCH), labels[chosen]] + 1e-12).mean()
            shares[np.arange(BATCH), labels[chosen]] -= 1
            model.backward((shares / BATCH).astype(np.float32))
            step += 1
            rate = TOP_RATE * min(step / (0.1 * steps), (1 + np.cos(np.pi * step / steps)) / 2)
            for leaf, moment in zip(leaves(model), moments):  # Adam, weight decay 1e-4
                for name, value in leaf.parameters.items():
                    gradient = leaf.gradients[name].astype(np.float32) + 1e-4 * value
                    first, second = moment[name]
                    first += 0.1 * (gradient - first)
                    second += 0.001 * (gradient * gradient - second)
                    value -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {total / (len(images) // BATCH):.4f}", flush=True)


def export(model, path):
    nodes, tensors = [], []

    def constant(name, array):
        tensors.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name))
        return name

    def emit(operator, inputs, name, **attributes):
        nodes.append(helper.make_node(operator, inputs, [name + "_out"], name=name, **attributes))
        return name + "_out"

    def visit(layer, x):
        name = f"{type(layer).__name__.lower()}{len(nodes)}"
        if isinstance(layer, Residual):
            branch = x
            for child in layer.layers:
                branch = visit(child, branch)
            return emit("Add", [x, branch], f"add{len(nodes)}")
        if isinstance(layer, Sequence):
            for child in layer.layers:
                x = visit(child, x)
            return x
        if isinstance(layer, Convolution):
            pad = layer.kernel // 2
            weight = constant(name + "_weight", layer.parameters["weight"])
            return emit(
                "Conv", [x, weight], name, kernel_shape=[layer.kernel] * 2, strides=[layer.stride] * 2, pads=[pad] * 4, group=layer.groups
            )
        if isinstance(layer, BatchNormalization):
            arrays = {"scale": layer.parameters["scale"], "bias": layer.parameters["bias"], "mean": layer.mean, "variance": layer.variance}
            inputs = [x] + [constant(f"{name}_{key}", array) for key, array in arrays.items()]
            return emit("BatchNormalization", inputs, name, epsilon=BatchNormalization.EPSILON)
        if isinstance(layer, Relu):
            return emit("Relu", [x], name)
        pooled = emit("Flatten", [emit("GlobalAveragePool", [x], "pool")], "flatten")
        weight, bias = constant("dense_weight", layer.parameters["weight"]), constant("dense_bias", layer.parameters["bias"])
        return emit("Gemm", [pooled, weight, bias], "dense", transB=1)

    last = visit(model, "image")
    nodes[-1].output[0] = "digit"
    assert last == "dense_out"
    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("digit", TensorProto.FLOAT, ["N", 10])], tensors,
    )  # fmt: skip
    onnx_model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(onnx_model)
    onnx.save(onnx_model, path)


def main():
    digits = load_digits()
    images = digits.images.astype(np.uint8)[:, None]  # 0 ... 16, stored as they are; the model takes stored / 16
    labels = digits.target.astype(np.uint8)
    order = RANDOM.permutation(len(images))
    held, kept = order[:360], order[360:]
    model = network()
    train(model, images[kept] / np.float32(16), labels[kept])
    answers = model.forward(images[held] / np.float32(16), False).argmax(1)
    print(f"accuracy on {len(held)} held-out images: {(answers == labels[held]).mean():.4f}")
    print(f"parameters: {sum(v.size for leaf in leaves(model) for v in leaf.parameters.values())}")
    np.savez_compressed(HERE / "train.npz", x=images[kept], y=labels[kept])
    np.savez_compressed(HERE / "test.npz", x=images[held], y=labels[held])
    export(model, HERE / "digits.onnx")


if __name__ == "__main__":
    main()
