"""Hooks of schemathesis: keep what it draws small and few, say right what the document does not tell, and count.

The document says which rules it does not know: a checkpoint's name and sides, whether time steps decrease, whether a
seed fits 64 bits, whether an integer is written without a fraction, what a cursor is. A case that is meant to be right is made right in these; nothing else of a case is touched.
"""

import atexit
import collections
import json
import os
import time
import urllib.request

import schemathesis

BASE = os.environ["WURSTWERK_PROBE_URL"]
COUNTS = os.environ["WURSTWERK_PROBE_COUNTS"]
OPEN_JOBS = 8
FEW_STEPS = 2
FEW_IMAGES = 2
SUBMITTING = {"submitImages", "createImage"}


def _get(path):
    with urllib.request.urlopen(BASE + path, timeout=30) as answer:
        return json.load(answer)


CHECKPOINT = next(each for each in _get("/v1/checkpoints")["checkpoints"] if each["default"])
SIDE = CHECKPOINT["min_side"]
counts = collections.Counter()


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.definition.raw.get("operationId")
    right = _meant_right(case)
    if right and operation == "listImages" and case.query:
        case.query.pop("cursor", None)
    if isinstance(case.body, dict):
        if right:
            _whole(case.body)
        _small(case.body)
        # A bare prompt stays bare: it is the commonest request.
        if operation == "submitImages" and len(case.body) > 1:
            for stage in ("prior", "decoder"):
                steps = "num_inference_steps" if stage == "decoder" else "prior_num_inference_steps"
                if f"{stage}_timesteps" not in case.body:
                    case.body.setdefault(steps, FEW_STEPS)
        if right:
            _right(case.body)
    if operation in SUBMITTING:
        _await_room()


@schemathesis.hook
def after_call(context, case, response):
    counts[case.operation.label, response.status_code] += 1


@atexit.register
def _write_counts():
    rows = [[label, status, number] for (label, status), number in sorted(counts.items())]
    with open(COUNTS, "w", encoding="utf-8") as file:
        json.dump(rows, file)


def _meant_right(case):
    return case.meta is not None and case.meta.generation.mode == schemathesis.GenerationMode.POSITIVE


def _integer(value, least, most):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _small(body):
    """A value that is right stays right, only smaller; a wrong one stays as it is."""
    for name in ("prior_num_inference_steps", "num_inference_steps"):
        if _integer(body.get(name), 1, 200):
            body[name] = min(body[name], FEW_STEPS)
    for name in ("num_images_per_prompt", "n"):
        if _integer(body.get(name), 1, 8):
            body[name] = min(body[name], FEW_IMAGES)
    for name in ("width", "height"):
        if _integer(body.get(name), 1, 65536):
            body[name] = SIDE


def _whole(body):
    for name, value in body.items():
        if isinstance(value, float) and value.is_integer() and not name.endswith("guidance_scale"):
            body[name] = int(value)


def _right(body):
    for name in ("prior_timesteps", "decoder_timesteps"):
        if isinstance(body.get(name), list):
            above = sorted({float(each) for each in body[name]} - {0.0}, reverse=True)
            body[name] = above[:FEW_STEPS] + [0.0]
    if "prior" in body:
        body["prior"] = CHECKPOINT["name"]
    if isinstance(body.get("seed"), str):
        body["seed"] = str(int(body["seed"]) % 2**64)
    if body.get("size") not in (None, "auto") and "size" in body:
        body["size"] = f"{SIDE}x{SIDE}"


def _await_room():
    end = time.monotonic() + 120
    while _get("/v1/lanes")["open_jobs"] >= OPEN_JOBS:
        if time.monotonic() > end:
            raise TimeoutError(f"{OPEN_JOBS} jobs stayed open for two minutes")
        time.sleep(0.05)
