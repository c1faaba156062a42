"""The GPU worker's entrypoint with fakes of nvidia-smi, trtexec and tritonserver that record how they are called.

Needs python3, sh and coreutils, no GPU: `python3 -m unittest discover -s worker/gpu/tests`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

WORKER = Path(__file__).resolve().parent.parent
ENTRYPOINT = WORKER / "entrypoint.sh"
PLATFORM = "nvidia-h100-80gb-hbm3-sm9.0-trt110100-b106"
MODELS = ("stage_a", "stage_b")

# One program under three names. It appends its name, arguments and CUDA_* settings to a file, then plays its part.
FAKE = f"""#!{sys.executable}
import json, os, sys, time
name, args = os.path.basename(sys.argv[0]), sys.argv[1:]
with open(os.environ["RECORD"], "a") as record:
    cuda = {{k: v for k, v in os.environ.items() if k.startswith("CUDA_")}}
    record.write(json.dumps({{"name": name, "args": args, "cuda": cuda, "pid": os.getpid()}}) + "\\n")
if name == "nvidia-smi":
    print(os.environ.get("FAKE_GPU", "NVIDIA H100 80GB HBM3, 9.0"))
    sys.exit(int(os.environ.get("FAKE_GPU_STATUS", "0")))
if name == "trtexec":
    version = os.environ.get("FAKE_TENSORRT", "v110100] [b106")
    print(f"&&&& RUNNING TensorRT.trtexec [TensorRT {{version}}] # trtexec")
    if args == ["--help"]:
        sys.exit(0)
    options = dict(arg.partition("=")[::2] for arg in args)
    if os.environ.get("FAKE_FAILURE"):
        print("[E] " + os.environ["FAKE_FAILURE"])
        sys.exit(1)
    if os.environ.get("FAKE_BUILDING"):
        open(os.environ["FAKE_BUILDING"], "w").close()
        time.sleep(60)
    with open(options["--onnx"], "rb") as graph, open(options["--saveEngine"], "wb") as plan:
        plan.write(b"plan of " + graph.read())
"""


def known_options() -> dict[str, bool]:
    """The options of trtexec by name, and whether each takes a value."""
    lines = (WORKER / "trtexec_options.txt").read_text().splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    return {name.rstrip("="): name.endswith("=") for name in names}


class Entrypoint(unittest.TestCase):
    def setUp(self) -> None:
        self.home = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        self.record = self.home / "record"
        self.repository, self.plans = self.home / "models", self.home / "plans"
        tools = self.home / "bin"
        tools.mkdir()
        for name in ("nvidia-smi", "trtexec", "tritonserver"):
            (tools / name).write_text(FAKE)
            (tools / name).chmod(0o755)
        self.environment = {
            "PATH": f"{tools}:{os.environ['PATH']}", "RECORD": str(self.record), "TMPDIR": str(self.home),
            "WURSTWERK_REPOSITORY": str(self.repository), "WURSTWERK_PLANS": str(self.plans),
        }  # fmt: skip
        for model in MODELS:
            self.write_model(model)

    def write_model(self, model: str, profiles: int = 2, graph: bytes = b"") -> None:
        folder = self.repository / model
        (folder / "gpu").mkdir(parents=True, exist_ok=True)
        (folder / "configs").mkdir(exist_ok=True)
        graph = graph or f"graph of {model}".encode()
        (folder / "gpu/model.onnx").write_bytes(graph)
        (folder / "gpu/SHA256SUMS").write_text(f"{hashlib.sha256(graph).hexdigest()}  model.onnx\n")
        lines = ["# a comment"]
        for index in range(profiles):
            lines += [f"--profile={index}", "--minShapes=x:1x4x128x128,r:1", "--optShapes=x:1x4x256x256,r:1",
                      "--maxShapes=x:8x4x384x384,r:8"]  # fmt: skip
        (folder / "gpu/profiles.txt").write_text("\n".join(lines) + "\n")
        (folder / "configs/gpu.pbtxt").write_text(f'name: "{model}"\nplatform: "tensorrt_plan"\n')
        (folder / "config.pbtxt").write_text(f'name: "{model}"\nbackend: "onnxruntime"\n')

    def run_worker(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(ENTRYPOINT), *arguments], env=self.environment | settings, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip

    def succeed(self, *arguments: str, **settings: str) -> str:
        finished = self.run_worker(*arguments, **settings)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        return finished.stderr

    def refuse(self, *arguments: str, **settings: str) -> str:
        finished = self.run_worker(*arguments, **settings)
        self.assertEqual(finished.returncode, 1, finished.stderr)
        self.assertEqual(self.calls("tritonserver"), [])
        return finished.stderr

    def calls(self, name: str) -> list[dict]:
        if not self.record.exists():
            return []
        entries = map(json.loads, self.record.read_text().splitlines())
        return [entry for entry in entries if entry["name"] == name and entry["args"] != ["--help"]]

    def built(self) -> list[str]:
        return [Path(self.option(call, "--onnx")).parent.parent.name for call in self.calls("trtexec")]

    @staticmethod
    def option(call: dict, name: str) -> str:
        return next(arg.partition("=")[2] for arg in call["args"] if arg.partition("=")[0] == name)

    def test_the_first_start_builds_every_plan_and_serves_them(self) -> None:
        said = self.succeed()
        self.assertEqual(self.built(), list(MODELS))
        (server,) = self.calls("tritonserver")
        serving = Path(self.option(server, "--model-repository"))
        for model in MODELS:
            self.assertEqual((serving / model / "1/model.plan").read_bytes(), f"plan of graph of {model}".encode())
            self.assertEqual(sorted(p.name for p in (serving / model).iterdir()), ["1", "configs"])
            self.assertIn("tensorrt_plan", (serving / model / "configs/gpu.pbtxt").read_text())
        self.assertIn("[1/2] stage_a: building a plan for NVIDIA H100 80GB HBM3", said)
        self.assertRegex(said, r"\[2/2\] stage_b: built in \d+ s")

    def test_the_second_start_builds_nothing(self) -> None:
        self.succeed()
        said = self.succeed()
        self.assertEqual(self.built(), list(MODELS))
        self.assertIn("[2/2] stage_b: plan is there", said)
        self.assertEqual(len(self.calls("tritonserver")), 2)

    def test_plans_are_kept_by_gpu_capability_and_tensorrt(self) -> None:
        self.succeed("build")
        self.assertTrue(list((self.plans / PLATFORM).glob("stage_b-*.plan")))
        self.succeed("build", FAKE_GPU="NVIDIA L4, 8.9")
        self.succeed("build", FAKE_TENSORRT="v110200] [b2")
        self.succeed("build")
        self.assertEqual(self.built(), list(MODELS) * 3)
        self.assertEqual(
            sorted(path.name for path in self.plans.iterdir()),
            [PLATFORM, "nvidia-h100-80gb-hbm3-sm9.0-trt110200-b2", "nvidia-l4-sm8.9-trt110100-b106"],
        )

    def test_another_graph_other_profiles_or_other_options_build_anew_and_drop_the_old_plan(self) -> None:
        self.succeed("build")
        self.write_model("stage_b", graph=b"new weights")
        self.succeed("build")
        self.write_model("stage_b", graph=b"new weights", profiles=1)
        self.succeed("build")
        self.succeed("build", WURSTWERK_OPTIMIZATION_LEVEL="5")
        self.assertEqual(self.built(), [*MODELS, "stage_b", "stage_b", *MODELS])
        (plan,) = (self.plans / PLATFORM).glob("stage_b-*.plan")
        self.assertEqual(plan.read_bytes(), b"plan of new weights")

    def test_every_option_is_one_that_trtexec_knows(self) -> None:
        self.succeed(WURSTWERK_WORKSPACE_MIB="4096")
        known = known_options()
        for call in self.calls("trtexec"):
            for argument in call["args"]:
                name, separator, value = argument.partition("=")
                self.assertIn(name, known)
                self.assertEqual(bool(separator), known[name], f"{name} with or without a value")
                if name.endswith("Shapes"):
                    self.assertRegex(value, r"^(\w+:\d+(x\d+)*)(,\w+:\d+(x\d+)*)*$")
            self.assertEqual(self.option(call, "--memPoolSize"), "workspace:4096")
            self.assertIn("--noTF32", call["args"])

    def test_options_that_tensorrt_11_dropped_are_not_in_the_table(self) -> None:
        for gone in (
            "--fp16",
            "--bf16",
            "--int8",
            "--best",
            "--workspace",
            "--explicitBatch",
            "--precisionConstraints",
        ):
            self.assertNotIn(gone, known_options())

    def test_the_shapes_of_a_profile_follow_it_directly(self) -> None:
        """trtexec takes only the three options right behind --profile as its own."""
        self.succeed()
        for call in self.calls("trtexec"):
            arguments = [argument.partition("=")[0] for argument in call["args"]]
            places = [index for index, argument in enumerate(arguments) if argument == "--profile"]
            self.assertEqual(len(places), 2)
            for place in places:
                self.assertEqual(arguments[place + 1 : place + 4], ["--minShapes", "--optShapes", "--maxShapes"])

    def test_a_graph_with_weights_beside_it_is_a_folder(self) -> None:
        folder = self.repository / "stage_b/gpu"
        graph = (folder / "model.onnx").read_bytes()
        (folder / "model.onnx").unlink()
        (folder / "model.onnx").mkdir()
        (folder / "model.onnx/model.onnx").write_bytes(graph)
        (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(graph).hexdigest()}  model.onnx/model.onnx\n")
        self.succeed()
        self.assertTrue(self.option(self.calls("trtexec")[1], "--onnx").endswith("/gpu/model.onnx/model.onnx"))

    def test_the_server_is_closed_but_for_inference_and_questions(self) -> None:
        self.succeed()
        (server,) = self.calls("tritonserver")
        self.assertIn("--model-config-name=gpu", server["args"])
        self.assertIn("--model-control-mode=none", server["args"])
        grpc = self.option(server, "--grpc-restricted-protocol")
        self.assertRegex(grpc, r"^model-repository,shared-memory,trace,logging:wurstwerk-admin=[0-9a-f]{32}$")
        http = self.option(server, "--http-restricted-api").partition(":")[0].split(",")
        self.assertEqual(
            set(http),
            {"metadata", "inference", "model-config", "statistics", "model-repository", "shared-memory", "trace",
             "logging"},
        )  # fmt: skip
        self.assertFalse([argument for argument in server["args"] if "shm" in argument or "poll" in argument])

    def test_the_token_is_another_at_every_start_unless_given(self) -> None:
        self.succeed()
        self.succeed()
        self.succeed(WURSTWERK_ADMIN_TOKEN="mine")
        tokens = [self.option(c, "--grpc-restricted-protocol").partition("=")[2] for c in self.calls("tritonserver")]
        self.assertEqual(len(set(tokens)), 3)
        self.assertEqual(tokens[2], "mine")

    def test_more_flags_go_to_the_server(self) -> None:
        self.succeed("serve", "--log-verbose=1", "--grpc-port=9001")
        (server,) = self.calls("tritonserver")
        self.assertEqual(server["args"][-2:], ["--log-verbose=1", "--grpc-port=9001"])

    def test_trtexec_and_tritonserver_see_the_chosen_gpu_alone(self) -> None:
        self.succeed(WURSTWERK_GPU="3")
        self.assertIn("--id=3", self.calls("nvidia-smi")[0]["args"])
        for call in self.calls("trtexec") + self.calls("tritonserver"):
            self.assertEqual(call["cuda"], {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": "3"})

    def test_build_ends_without_serving(self) -> None:
        self.succeed("build")
        self.assertEqual(self.calls("tritonserver"), [])

    def test_a_failed_build_is_told_with_its_last_lines_and_leaves_no_plan(self) -> None:
        said = self.refuse(FAKE_FAILURE="Could not find any implementation for node")
        self.assertIn("Could not find any implementation for node", said)
        self.assertIn("stage_a: trtexec ended with status 1", said)
        self.assertEqual([p.name for p in (self.plans / PLATFORM).iterdir() if "plan" in p.name], [])

    def test_a_graph_that_changed_since_its_export_is_refused(self) -> None:
        (self.repository / "stage_b/gpu/model.onnx").write_bytes(b"half a copy")
        self.assertIn("stage_b: the graph is not the one that was exported", self.refuse())

    def test_a_repository_without_graphs_for_tensorrt_says_how_to_get_them(self) -> None:
        shutil.rmtree(self.repository / "stage_a/gpu")
        self.assertIn("export the repository with graphs for TensorRT", self.refuse())

    def test_lines_that_are_no_profiles_do_not_reach_trtexec(self) -> None:
        (self.repository / "stage_a/gpu/profiles.txt").write_text("--profile=0\n--loadEngine=/etc/passwd\n")
        self.assertIn("no shape or profile", self.refuse())
        self.assertEqual(self.calls("trtexec"), [])

    def test_what_is_missing_is_named(self) -> None:
        cases = {
            "no NVIDIA GPU 0 here": {"FAKE_GPU_STATUS": "9", "FAKE_GPU": "No devices were found"},
            "names no compute capability": {"FAKE_GPU": "something else"},
            "TensorRT 101600-b72 is too old": {"FAKE_TENSORRT": "v101600] [b72"},
            "does not say which TensorRT": {"FAKE_TENSORRT": "x"},
            "there is no model repository at /nowhere": {"WURSTWERK_REPOSITORY": "/nowhere"},
            "no model with configs/gpu.pbtxt": {"WURSTWERK_REPOSITORY": str(self.home / "bin")},
            "must be the index of a GPU": {"WURSTWERK_GPU": "all"},
            "must be 0 to 5": {"WURSTWERK_OPTIMIZATION_LEVEL": "9"},
            "must be a number": {"WURSTWERK_WORKSPACE_MIB": "4G"},
        }
        for message, settings in cases.items():
            with self.subTest(message):
                self.assertIn(message, self.refuse(**settings))

    def test_an_unknown_command_shows_the_usage(self) -> None:
        finished = self.run_worker("sevre")
        self.assertEqual(finished.returncode, 2)
        self.assertIn("entrypoint.sh build", finished.stderr)

    def test_stopping_the_container_stops_the_build(self) -> None:
        marker = self.home / "building"
        environment = self.environment | {"FAKE_BUILDING": str(marker)}
        worker = subprocess.Popen(["sh", str(ENTRYPOINT)], env=environment, stderr=subprocess.PIPE, text=True)
        limit = time.monotonic() + 30
        while not marker.exists() and worker.poll() is None and time.monotonic() < limit:
            time.sleep(0.02)
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=30)
        self.assertEqual(worker.returncode, 143, said)
        (call,) = self.calls("trtexec")
        with self.assertRaises(ProcessLookupError):
            os.kill(call["pid"], 0)
        self.assertEqual(list((self.plans / PLATFORM).glob("*.plan")), [])

    def test_two_workers_on_one_volume_build_once(self) -> None:
        workers = [
            subprocess.Popen(["sh", str(ENTRYPOINT), "build"], env=self.environment, stderr=subprocess.DEVNULL)
            for _ in range(2)
        ]
        self.assertEqual([worker.wait(timeout=60) for worker in workers], [0, 0])
        self.assertEqual(self.built(), list(MODELS))

    def test_progress_is_shown_while_a_build_runs(self) -> None:
        marker = self.home / "building"
        environment = self.environment | {"FAKE_BUILDING": str(marker), "WURSTWERK_HEARTBEAT_SECONDS": "0"}
        worker = subprocess.Popen(["sh", str(ENTRYPOINT)], env=environment, stderr=subprocess.PIPE, text=True)
        self.addCleanup(worker.kill)
        lines = []
        for line in worker.stderr:
            lines.append(line)
            if "stage_a: building for" in line:
                break
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=30)
        self.assertTrue(re.search(r"\[1/2\] stage_a: building for \d+ s", lines[-1]), lines)


class Image(unittest.TestCase):
    def test_the_image_is_pinned_and_runs_without_root(self) -> None:
        lines = (WORKER / "Dockerfile").read_text().splitlines()
        bases = [line for line in lines if line.startswith("FROM ")]
        self.assertEqual(len(bases), 1)
        release = re.fullmatch(r"FROM nvcr\.io/nvidia/tritonserver:(\d\d)\.(\d\d)-py3", bases[0])
        self.assertIsNotNone(release)
        self.assertGreaterEqual((int(release[1]), int(release[2])), (26, 7))
        self.assertIn("USER 1000:1000", lines)


if __name__ == "__main__":
    unittest.main()
