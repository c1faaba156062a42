"""Asks a stack of its own what no example would: cases that schemathesis makes from the OpenAPI document, none of which
may be answered with a 5xx or in a way that the document does not tell; then OpenAI's own client asks for images.

    api_probe.py [--cases 300] [--seed 1] [--url http://127.0.0.1:8080]
"""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[3]
NO_CLAIMS = (
    # DELETE cancels a job; what became of it is still told.
    "use_after_free",
    # The document is the same for every installation: which sizes, checkpoints and drafts there are it cannot know.
    "positive_data_acceptance",
)
"""Checks of schemathesis for what the API does not promise."""


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cases", type=int, default=300, help="how many cases there are at least")
    options.add_argument("--seed", type=int, default=1, help="where the cases come from")
    options.add_argument("--url", help="a stack that runs already; else one is started in a temporary folder")
    asked = options.parse_args()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wurstwerk-probe")))
        url = asked.url or stack.enter_context(_stack(folder))
        found = _schemathesis(url, folder, asked.cases, asked.seed)
        found += subprocess.run([sys.executable, HERE / "openai_client.py", url]).returncode != 0
    sys.exit(1 if found else 0)


@contextlib.contextmanager
def _stack(folder):
    names = ["kafka", "s3", "triton", "triton-health", "triton-metrics", "http"]
    ports = [f"--{name}-port={port}" for name, port in zip(names, _free_ports(len(names)))]
    with open(folder / "up.err", "w") as errors:
        up = subprocess.Popen(
            [ROOT / "wurstwerk", "up", "--json", "--data", folder / "data", *ports],
            stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        ready = up.stdout.readline()
        if not ready:
            sys.exit(f"the stack did not start: {(folder / 'up.err').read_text()}")
        yield json.loads(ready)["http"]
    finally:
        up.send_signal(signal.SIGTERM)
        try:
            up.wait(60)
        except subprocess.TimeoutExpired:
            up.kill()
            up.wait()


def _free_ports(number):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _schemathesis(url, folder, cases, seed):
    """Returns 1 when something was found, else 0."""
    counts = folder / "counts.json"
    # Operations with parameters or a body take as many cases as are asked; those without have few.
    most = max(4, cases // 8)
    phases = "examples,coverage,fuzzing,stateful" if cases >= 1000 else "examples,fuzzing,stateful"
    run = subprocess.run(
        [
            pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml",
            "run", url + "/openapi.yaml", "--url", url, "--seed", str(seed), "--max-examples", str(most),
            "--phases", phases, "--continue-on-failure", "--exclude-checks", ",".join(NO_CLAIMS),
        ],
        cwd=folder,
        env=os.environ | {
            "PYTHONPATH": str(HERE),
            "SCHEMATHESIS_HOOKS": "probe_hooks",
            "WURSTWERK_PROBE_URL": url,
            "WURSTWERK_PROBE_COUNTS": str(counts),
        })
    rows = json.loads(counts.read_text()) if counts.exists() else []
    total = sum(number for _, _, number in rows)
    for label, status, number in rows:
        print(f"{number:6d}  {status}  {label}")
    print(f"{total:6d}  cases; at least {cases} were asked for")
    return 1 if run.returncode or total < cases else 0


if __name__ == "__main__":
    main()
