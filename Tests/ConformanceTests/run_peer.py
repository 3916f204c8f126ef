"""Runs an ONNX model in ONNX Runtime: run_peer.py MODEL INPUTS.npz OUTPUTS.npz. Arrays are named as the model's inputs and outputs."""
import sys

import numpy as np
import onnxruntime

model, inputs, outputs = sys.argv[1:]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
with np.load(inputs) as data:
    results = session.run(None, {name: data[name] for name in data.files})
np.savez(outputs, **{output.name: result for output, result in zip(session.get_outputs(), results)})
