"""Fits how Stage C's latents look, and writes it into the configs of a repository that is there already.

`python -m wurstwerk_export.preview --repository REPOSITORY` draws pictures of a few dozen prompts with every Stage C
model through ONNX Runtime, and finds by least squares the linear map from the 16 channels of the final latents to the
colours of the pictures, averaged down to the latents' grid. Clients draw previews with it while a picture is made. The
map goes into the parameters `preview_weights` and `preview_bias` of config.pbtxt and configs/gpu.pbtxt. Needs no torch.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from wurstwerk_export import pbtxt
from wurstwerk_export.errors import ExportError

CHANNELS = 16
WEIGHTS, BIAS = "preview_weights", "preview_bias"
IMAGES = 48
DECODER_STEPS = 12
# The first 20 of these steps go from 1 to 2/3, the other ten on to 0: the schedule that clients use by default.
STAGE_C_TIMES = np.concatenate([np.linspace(1.0, 2 / 3, 20), np.linspace(2 / 3, 0.0, 11)[1:]])
SEED = 20260000

# Of all colours and brightnesses, so that each channel has something to say. Words that the smallest checkpoints know
# come in half of them.
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "black", "white")
SHAPES = ("circle", "square", "triangle", "star", "cross", "ring")
BACKGROUNDS = ("white", "black", "gray", "pink", "beige", "light blue", "light green")
SUBJECTS = (
    "a portrait of an old sailor in a yellow coat, soft light",
    "a mountain lake at sunrise, wide view",
    "a bowl of ripe fruit on a dark wooden table",
    "a street in the rain at night, neon signs",
    "a white cat asleep on a blue cushion",
    "an empty desert under a clear sky",
    "a forest in autumn, red and orange leaves",
    "a snow field with a single black tree",
    "a coral reef with many fish",
    "a green valley with a small stone house",
    "a purple flower, close up, blurred background",
    "an astronaut above the earth",
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.remove:
            for model in _stage_c_models(options.repository):
                write(model, None)
            return 0
        fit_repository(options.repository, options.images, options.threads, print)
    except ExportError as error:
        print(f"wurstwerk-export: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wurstwerk_export.preview", description=__doc__.splitlines()[0])
    parser.add_argument("--repository", type=Path, required=True, metavar="REPOSITORY", help="as wurstwerk-export wrote it")
    parser.add_argument(
        "--images", type=int, default=IMAGES, metavar="N", help="pictures to draw with each model (default %(default)s)"
    )
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of ONNX Runtime (default %(default)s)")
    parser.add_argument("--remove", action="store_true", help="take the map out of the configs instead")
    return parser


def prompts(count: int) -> list[str]:
    """The first `count` prompts: a plain shape and a subject by turns."""
    texts = []
    for index in range(count):
        if index % 4 == 3:
            texts.append(SUBJECTS[index // 4 % len(SUBJECTS)])
            continue
        background = BACKGROUNDS[index % len(BACKGROUNDS)]
        colour = next(c for c in COLOURS[index % len(COLOURS) :] + COLOURS if c not in background)
        size = ("a large", "a small", "a large")[index % 3]
        texts.append(f"{size} {colour} {SHAPES[index % len(SHAPES)]} on a {background} background")
    return texts


def fit_repository(repository: Path, images: int, threads: int, report: Any) -> None:
    """Fits every Stage C model and writes its configs; models of the same network are fitted once."""
    if images < 1:
        raise ExportError(f"--images {images}: at least one picture must be drawn")
    fitted: dict[Any, tuple[np.ndarray, np.ndarray]] = {}
    models = _stage_c_models(repository)
    studio = Studio(repository, threads)
    for model in models:
        parameters = _parameters(model)
        key = tuple(sorted((name, value) for name, value in parameters.items() if name not in (WEIGHTS, BIAS)))
        if key not in fitted:
            latents, colours = studio.draw(model, parameters, prompts(images))
            weights, bias, explained = fit(latents, colours)
            fitted[key] = weights, bias
            report(f"{model.name}: the map explains {explained:.1%} of the colours of {images} pictures")
        write(model, fitted[key])
        report(f"{model.name}: wrote {WEIGHTS} and {BIAS}")


def fit(latents: np.ndarray, colours: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Weights [3, 16] and bias [3] for latents [n, 16] and colours [n, 3] from 0 to 1; and the share explained."""
    rows = np.concatenate([latents, np.ones((len(latents), 1))], axis=1).astype(np.float64)
    solution, *_ = np.linalg.lstsq(rows, colours.astype(np.float64), rcond=1e-6)
    rest = ((rows @ solution - colours) ** 2).sum()
    spread = ((colours - colours.mean(axis=0)) ** 2).sum()
    return solution[:CHANNELS].T, solution[CHANNELS], float(1 - rest / spread) if spread > 0 else 1.0


def write(model: Path, fitted: tuple[np.ndarray, np.ndarray] | None) -> None:
    """Puts the map into both configs of a model, in the order of the other parameters, or takes it out."""
    for path in (model / "config.pbtxt", model / "configs" / "gpu.pbtxt"):
        if path.is_file():
            text = _without(path.read_text(encoding="utf-8"))
            if fitted is not None:
                text = _with(text, {WEIGHTS: _numbers(fitted[0]), BIAS: _numbers(fitted[1])})
            pbtxt.load(text)
            path.write_text(text, encoding="utf-8")


_BLOCK = re.compile(r"^parameters \{(?: .*\}\n|\n(?:  .*\n)+\}\n)", re.MULTILINE)


def _key(block: str) -> str:
    return str(pbtxt.load(block)["parameters"][0]["key"][0])


def _without(text: str) -> str:
    cleaned = _BLOCK.sub(lambda match: "" if _key(match.group()) in (WEIGHTS, BIAS) else match.group(), text)
    if WEIGHTS in cleaned or BIAS in cleaned:
        raise ExportError(f"{WEIGHTS} or {BIAS} stand in a config in a form that the exporter does not write")
    return cleaned


def _with(text: str, parameters: dict[str, str]) -> str:
    for key, value in sorted(parameters.items()):
        added = pbtxt.dump({"parameters": [{"key": key, "value": {"string_value": value}}]})
        later = next((match for match in _BLOCK.finditer(text) if _key(match.group()) > key), None)
        at = later.start() if later else len(text)
        text = text[:at] + added + text[at:]
    return text


def _numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:.6g}" for value in values.flatten())


def _stage_c_models(repository: Path) -> list[Path]:
    models = sorted(path.parent for path in repository.glob("stage_c_*/config.pbtxt"))
    if not models:
        raise ExportError(f"{repository} has no Stage C model")
    return models


def _parameters(model: Path) -> dict[str, str]:
    config = pbtxt.load((model / "config.pbtxt").read_text(encoding="utf-8"))
    return {item["key"][0]: item["value"][0]["string_value"][0] for item in config["parameters"]}


class Studio:
    """The other models of a repository, for drawing. One network of Stage C is in memory at a time."""

    def __init__(self, repository: Path, threads: int):
        self._repository, self._threads = repository, threads
        self._tokenizer = Tokenizer.from_file(str(repository / "text_encoder_prior" / "tokenizer.json"))
        self._prior_text = self._session(repository / "text_encoder_prior")
        self._decoder_text = self._session(repository / "text_encoder_decoder")
        self._stage_b, self._stage_a = self._session(repository / "stage_b"), self._session(repository / "stage_a")
        self._scale = float(_parameters(repository / "stage_b")["latent_dim_scale"])

    def draw(self, model: Path, parameters: dict[str, str], texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Final latents [n, 16] and the average colours [n, 3] of their places, over the pictures of all texts."""
        stage_c = self._session(model)
        side = float(parameters["resolution_multiple"])
        height, width = (math.ceil(int(parameters[f"default_{name}"]) / side) for name in ("height", "width"))
        latents, colours = [], []
        for index, text in enumerate(texts):
            # Noise need not be torch's here, but must be the same every time.
            noise = np.random.Generator(np.random.Philox(SEED + index))
            semantic = self._semantic(stage_c, parameters, text, (height, width), noise)
            picture = self._picture(semantic, parameters, text, noise)
            latents.append(semantic[0].reshape(CHANNELS, -1).T)
            colours.append(averaged(picture, height, width).reshape(-1, 3))
        return np.concatenate(latents), np.concatenate(colours)

    def _semantic(
        self,
        session: onnxruntime.InferenceSession,
        parameters: dict[str, str],
        text: str,
        shape: tuple[int, int],
        noise: np.random.Generator,
    ) -> np.ndarray:
        scale = float(parameters["default_guidance_scale"])
        guided = scale > 1
        states = self._states(self._prior_text, [text, parameters["recommended_negative_prompt"]][: 1 + guided])

        def predict(x: np.ndarray, r: float) -> np.ndarray:
            rows = 1 + guided
            times = np.full(rows, r, np.float32)
            (eps,) = session.run(None, {"x": np.repeat(x, rows, axis=0), "r": times, "c": states})
            return eps[1:] + np.float32(scale) * (eps[:1] - eps[1:]) if guided else eps

        return _sample(predict, (1, CHANNELS, *shape), STAGE_C_TIMES, noise)

    def _picture(
        self, semantic: np.ndarray, parameters: dict[str, str], text: str, noise: np.random.Generator
    ) -> np.ndarray:
        effnet = semantic * np.float32(parameters["latent_mean"]) - np.float32(parameters["latent_std"])
        states = self._states(self._decoder_text, [text])
        shape = (1, 4, *(int(side * self._scale) for side in semantic.shape[2:]))

        def predict(x: np.ndarray, r: float) -> np.ndarray:
            feed = {"x": x, "r": np.full(1, r, np.float32), "effnet": effnet, "clip": states}
            return self._stage_b.run(None, feed)[0]

        latents = _sample(predict, shape, np.linspace(1.0, 0.0, DECODER_STEPS + 1), noise)
        return self._stage_a.run(None, {"latents": latents})[0][0]

    def _states(self, session: onnxruntime.InferenceSession, texts: list[str]) -> np.ndarray:
        encoded = [self._tokenizer.encode(text) for text in texts]
        ids = np.array([one.ids for one in encoded], np.int64)
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        return session.run(None, {"input_ids": ids, "attention_mask": mask})[0]

    def _session(self, model: Path) -> onnxruntime.InferenceSession:
        graph = model / "1" / "model.onnx"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        try:
            file = graph / "model.onnx" if graph.is_dir() else graph
            return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions have no common base of their own
            raise ExportError(f"{graph} cannot be loaded by ONNX Runtime: {error}") from error


def averaged(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Mean colours [height, width, 3] from 0 to 1 of a picture [H, W, 3] of bytes. Pixels on a border count in parts."""
    rows, columns = _shares(picture.shape[0], height), _shares(picture.shape[1], width)
    return np.einsum("hy,yxc,wx->hwc", rows, picture.astype(np.float64) / 255, columns)


def _shares(pixels: int, places: int) -> np.ndarray:
    """How much each of the pixels of a side counts for each of the places."""
    edges = np.arange(places + 1) * pixels / places
    index = np.arange(pixels)
    covered = np.minimum(edges[1:, None], index + 1) - np.maximum(edges[:-1, None], index)
    return np.maximum(covered, 0) * places / pixels


def _alpha_cumprod(time: float) -> float:
    value = math.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    return min(max(value, 1e-4), 0.9999)


def _sample(predict: Any, shape: tuple[int, ...], times: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    """The steps of DDPMWuerstchenScheduler from pure noise along the times."""
    x = noise.standard_normal(shape, np.float32)
    for now, after in zip(times[:-1], times[1:], strict=True):
        product, later = _alpha_cumprod(now), _alpha_cumprod(after)
        alpha = product / later
        eps = predict(x, float(now))
        x = (x - (1 - alpha) / math.sqrt(1 - product) * eps) / math.sqrt(alpha)
        if after > 0:
            x = x + math.sqrt((1 - alpha) * (1 - later) / (1 - product)) * noise.standard_normal(shape, np.float32)
        x = x.astype(np.float32)
        if not np.isfinite(x).all():
            raise ExportError("the latents are not finite")
    return x


if __name__ == "__main__":
    sys.exit(main())
