"""Takes the place of Triton's onnxruntime backend, which the Python package of the server does not have.

Triton's Python backend runs this file for every model whose configuration says `backend: "onnxruntime"` or
`platform: "onnxruntime_onnx"`. Only the graph is run here: protocol, checks, reshaping, queue and batching are the
server's own. Like the Java worker, and unlike NVIDIA's backend, it converts between the type in the configuration and
the type in the graph.
"""

import json
import pathlib
import re

import numpy
import onnxruntime
import triton_python_backend_utils as triton

GRAPH_TYPES = {
    "tensor(bool)": numpy.bool_,
    "tensor(uint8)": numpy.uint8,
    "tensor(uint16)": numpy.uint16,
    "tensor(uint32)": numpy.uint32,
    "tensor(uint64)": numpy.uint64,
    "tensor(int8)": numpy.int8,
    "tensor(int16)": numpy.int16,
    "tensor(int32)": numpy.int32,
    "tensor(int64)": numpy.int64,
    "tensor(float16)": numpy.float16,
    "tensor(float)": numpy.float32,
    "tensor(double)": numpy.float64,
}


class TritonPythonModel:
    @staticmethod
    def auto_complete_config(config):
        return config

    def initialize(self, args):
        config = json.loads(args["model_config"])
        self.batches = config["max_batch_size"] > 0
        self.session = onnxruntime.InferenceSession(
            str(graph_file(args, config)), session_options(config), providers=["CPUExecutionProvider"]
        )
        self.feeds = {node.name: GRAPH_TYPES[node.type] for node in self.session.get_inputs()}
        self.wire_types = {output["name"]: output["data_type"] for output in config["output"]}
        declared = {tensor["name"] for tensor in config["input"]}
        if declared != set(self.feeds):
            raise triton.TritonModelException(
                f"config.pbtxt declares the inputs {sorted(declared)}, the graph has {sorted(self.feeds)}"
            )

    def execute(self, requests):
        """Requests of one shape run together, as the server batched them; each gets the rows that are its own."""
        answers = [None] * len(requests)
        runs = {}
        for place, request in enumerate(requests):
            try:
                rows = {
                    name: numpy.ascontiguousarray(
                        triton.get_input_tensor_by_name(request, name).as_numpy(), dtype=kind
                    )
                    for name, kind in self.feeds.items()
                }
            except Exception as failure:
                answers[place] = refusal(failure)
                continue
            shapes = tuple(array.shape[1:] for array in rows.values()) if self.batches else place
            runs.setdefault(shapes, []).append((place, rows))
        for run in runs.values():
            try:
                self.run(requests, run, answers)
            except Exception as failure:
                for place, _ in run:
                    answers[place] = refusal(failure)
        return answers

    def run(self, requests, run, answers):
        feed = run[0][1]
        if len(run) > 1:
            feed = {name: numpy.concatenate([rows[name] for _, rows in run]) for name in self.feeds}
        names = list(self.wire_types)
        # There is no BF16 in numpy: such a model loads, and its requests fail here.
        kinds = {name: triton.triton_string_to_numpy(kind) for name, kind in self.wire_types.items()}
        results = dict(zip(names, self.session.run(names, feed)))
        first = 0
        for place, rows in run:
            last = first + len(next(iter(rows.values()))) if self.batches else None
            wanted = requests[place].requested_output_names()
            answers[place] = triton.InferenceResponse(
                [
                    triton.Tensor(name, results[name][first:last].astype(kinds[name], copy=False))
                    for name in names
                    if name in wanted
                ]
            )
            first = last

    def finalize(self):
        self.session = None


def graph_file(args, config):
    """`1/model.onnx`, or the file of that name in the folder that a graph with external data has."""
    name = config.get("default_model_filename") or "model.onnx"
    path = pathlib.Path(args["model_repository"], args["model_version"], name)
    return path / "model.onnx" if path.is_dir() else path


def session_options(config):
    parameters = {key: value["string_value"] for key, value in config.get("parameters", {}).items()}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(parameters.get("intra_op_thread_count", 1))
    options.inter_op_num_threads = int(parameters.get("inter_op_thread_count", 1))
    options.log_severity_level = 3
    return options


def refusal(failure):
    """In the words of Triton's own backend: number and message of the error, without what the Python interface adds."""
    parts = re.match(r"\[ONNXRuntimeError\] : (\d+) : \w+ : (.*)", str(failure), re.DOTALL)
    words = f"onnx runtime error {parts[1]}: {parts[2]}" if parts else str(failure)
    return triton.InferenceResponse(error=triton.TritonError(words, triton.TritonError.INTERNAL))
