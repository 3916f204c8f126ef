"""One rival with one int8 network in a process of its own.

    rival.py ENGINE MODEL GOLDEN THREADS

Says `ready ERROR` on standard output once the network has run on the first golden sample: ERROR is the largest difference from the
golden answer, as a share of that answer's range. Then answers each line `N` on standard input with the times of N inferences in
nanoseconds. The engines are imported here and nowhere else, so that none disturbs another.
"""

import os
import sys
import time

import numpy


class LiteRT:
    """TensorFlow Lite's interpreter with XNNPACK, its default delegate."""

    def __init__(self, model, threads):
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(model_path=model, num_threads=threads)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]

    def answer(self, x):
        scale, zero = self.input["quantization"]
        if len(self.input["shape"]) == 4:
            x = x.transpose(0, 2, 3, 1)
        stored = numpy.clip(numpy.round(x / scale) + zero, -128, 127).astype(numpy.int8)
        self.interpreter.set_tensor(self.input["index"], stored)
        self.interpreter.invoke()
        # Without the wrapper's checks, which cost more than the smallest network. It counts references, so not before its own call.
        self.invoke = self.interpreter._interpreter.Invoke
        scale, zero = self.output["quantization"]
        return (self.interpreter.get_tensor(self.output["index"]).astype(numpy.float32) - zero) * scale


class ONNXRuntime:
    """The CPU provider on a network with quantize and dequantize nodes."""

    def __init__(self, model, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_free_dimension_override_by_name("N", 1)
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.runtime = onnxruntime
        self.input = self.session.get_inputs()[0].name
        self.output = self.session.get_outputs()[0].name

    def answer(self, x):
        answer = self.session.run([self.output], {self.input: x})[0]
        binding = self.session.io_binding()
        binding.bind_ortvalue_input(self.input, self.runtime.OrtValue.ortvalue_from_numpy(x))
        binding.bind_ortvalue_output(self.output, self.runtime.OrtValue.ortvalue_from_numpy(numpy.empty_like(answer)))
        session, bound = self.session._sess, binding._iobinding
        # Keeps the binding alive as long as the call.
        self.invoke = lambda: (session.run_with_iobinding(bound, None), binding)
        return answer


class OpenVINO:
    """The CPU plug-in, on a network with quantize and dequantize nodes."""

    def __init__(self, model, threads):
        import openvino

        core = openvino.Core()
        network = core.read_model(model)
        shape = network.input(0).partial_shape
        network.reshape([1] + [shape[axis].get_length() for axis in range(1, len(shape))])
        self.compiled = core.compile_model(
            network,
            "CPU",
            {
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": 1,
                "PERFORMANCE_HINT": "LATENCY",
                # The default on recent processors is bfloat16.
                "INFERENCE_PRECISION_HINT": "f32",
            },
        )

    def answer(self, x):
        from openvino._pyopenvino import InferRequest

        request = self.compiled.create_infer_request()
        answer = request.infer({0: x})[0].copy()
        # The binding's own call, with the input bound above: the wrapper's checks cost more than the smallest network.
        self.invoke = lambda: InferRequest.infer(request, {}, True, True)
        return answer


ENGINES = {"litert": LiteRT, "onnxruntime": ONNXRuntime, "openvino": OpenVINO}


def main():
    name, model, golden, threads = sys.argv[1:]
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = threads
    # Engines print banners: standard output is for the protocol alone.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    data = numpy.load(golden)
    engine = ENGINES[name](model, int(threads))
    expected = data["y"][:1]
    answer = engine.answer(data["x"][:1].astype(numpy.float32))
    error = float(numpy.abs(answer - expected).max() / max(numpy.abs(expected).max(), 1e-9))
    for _ in range(50):
        engine.invoke()
    print("ready", error, file=answers, flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            start = time.perf_counter_ns()
            engine.invoke()
            times.append(time.perf_counter_ns() - start)
        print(*times, file=answers, flush=True)


main()
