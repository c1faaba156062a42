"""The networks as graphs: what each takes and gives, and how it becomes ONNX."""

from __future__ import annotations

import contextlib
import math
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnx
import torch
from diffusers.models.attention_processor import Attention
from diffusers.pipelines.wuerstchen import PaellaVQModel, WuerstchenDiffNeXt, WuerstchenPrior
from torch import nn
from transformers import CLIPTextModel

from wurstwerk_export import bicubic, embedding, onnxfile

OPSET = 17
# bfloat16 convolutions are ONNX from opset 22 on. The exporter knows 20, and what these graphs use of 20 is the
# same in 22 but for the types that are allowed.
BFLOAT16_OPSETS = (20, 22)
TOKENS = 77


@dataclass(frozen=True)
class TensorSpec:
    """A tensor of the contract, per item. A str dimension is dynamic, with that name in the graph."""

    name: str
    dtype: str
    dims: tuple[int | str, ...]
    half_on_gpu: bool = False

    @property
    def dynamic_axes(self) -> dict[int, str]:
        return {0: "batch"} | {i: d for i, d in enumerate(self.dims, start=1) if isinstance(d, str)}

    def in_half(self, dtype: str) -> TensorSpec:
        return replace(self, dtype=dtype) if self.half_on_gpu else self


Interpolate = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Graph:
    """One network: `module` is the reference, called with `inputs` in order; it gives one tensor.

    `interpolate` is what stands in the graph for Stage B's interpolation: image, height and width to image.
    """

    module: nn.Module
    inputs: tuple[TensorSpec, ...]
    output: TensorSpec
    dtype: torch.dtype = torch.float32
    interpolate: Interpolate = bicubic.interpolate

    @property
    def tensors(self) -> tuple[TensorSpec, ...]:
        return (*self.inputs, self.output)

    @property
    def weight_bytes(self) -> int:
        return sum(weight.numel() * weight.element_size() for weight in self.module.parameters())


class TextEncoder(nn.Module):
    """Token ids and mask to the last hidden state."""

    def __init__(self, encoder: CLIPTextModel):
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.encoder(input_ids, attention_mask=attention_mask).last_hidden_state


class StageC(nn.Module):
    """Noisy semantic latents to the predicted noise."""

    def __init__(self, prior: WuerstchenPrior):
        super().__init__()
        self.prior = prior

    def forward(self, x: torch.Tensor, r: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
        return self.prior(x, r, c)


class StageB(nn.Module):
    """Noisy VQ latents, with the semantic embeddings of Stage C, to the predicted noise."""

    def __init__(self, decoder: WuerstchenDiffNeXt):
        super().__init__()
        self.decoder = decoder

    def forward(self, x: torch.Tensor, r: torch.Tensor, effnet: torch.Tensor, clip: torch.Tensor) -> torch.Tensor:
        return self.decoder(x, r=r, effnet=effnet, clip=clip)


class StageA(nn.Module):
    """VQ latents to bytes, NHWC: scaling, clamping and rounding half to even as diffusers does for PIL images."""

    def __init__(self, vqgan: PaellaVQModel):
        super().__init__()
        self.vqgan = vqgan

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        image = self.vqgan.decode(self.vqgan.config.scale_factor * latents).sample.clamp(0, 1)
        return (image.permute(0, 2, 3, 1) * 255).round().to(torch.uint8)


def text_encoder(encoder: CLIPTextModel) -> Graph:
    return Graph(
        TextEncoder(encoder),
        (TensorSpec("input_ids", "INT64", (TOKENS,)), TensorSpec("attention_mask", "INT64", (TOKENS,))),
        TensorSpec("last_hidden_state", "FP32", (TOKENS, encoder.config.hidden_size), half_on_gpu=True),
    )


def stage_c(prior: WuerstchenPrior) -> Graph:
    latents = (prior.config.c_in, "h", "w")
    return Graph(
        StageC(prior),
        (
            TensorSpec("x", "FP32", latents, half_on_gpu=True),
            TensorSpec("r", "FP32", ()),
            TensorSpec("c", "FP32", (TOKENS, prior.config.c_cond), half_on_gpu=True),
        ),
        TensorSpec("eps", "FP32", latents, half_on_gpu=True),
    )


def stage_b(decoder: WuerstchenDiffNeXt) -> Graph:
    latents = (decoder.config.c_in, "H", "W")
    return Graph(
        StageB(decoder),
        (
            TensorSpec("x", "FP32", latents, half_on_gpu=True),
            TensorSpec("r", "FP32", ()),
            TensorSpec("effnet", "FP32", (decoder.config.effnet_embd, "h", "w")),
            TensorSpec("clip", "FP32", (TOKENS, decoder.config.clip_embd), half_on_gpu=True),
        ),
        TensorSpec("eps", "FP32", (decoder.config.c_out, "H", "W"), half_on_gpu=True),
    )


def stage_a(vqgan: PaellaVQModel) -> Graph:
    return Graph(
        StageA(vqgan),
        (TensorSpec("latents", "FP32", (vqgan.config.latent_channels, "H", "W"), half_on_gpu=True),),
        TensorSpec("image", "UINT8", ("image_height", "image_width", vqgan.config.out_channels)),
    )


def pixels_per_latent(vqgan: Mapping[str, Any]) -> int:
    """How many pixels of the picture lie along one side of a Stage A latent, by Stage A's configuration."""
    return vqgan["up_down_scale_factor"] * 2 ** (vqgan["levels"] - 1)


def write_onnx(
    graph: Graph, example: tuple[torch.Tensor, ...], path: Path, external_above: int = onnxfile.EXTERNAL_ABOVE
) -> None:
    """Traces the graph with an example and writes it with dynamic batch and sizes.

    Where the weights have more than `external_above` bytes, `path` becomes a folder (see onnxfile.save).
    """
    # The exporter restores the mode it finds on the wrapper, so the wrapper itself must be in eval mode:
    # otherwise dropout comes back to life in the inner network.
    module = graph.module.eval()
    traced, declared = BFLOAT16_OPSETS if graph.dtype == torch.bfloat16 else (OPSET, OPSET)
    with tempfile.TemporaryDirectory(prefix=".trace-", dir=path.parent) as folder:
        raw = Path(folder) / "model.onnx"
        with torch.no_grad(), _exportable(graph), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module, example, str(raw), dynamo=False, opset_version=traced, do_constant_folding=True,
                input_names=[spec.name for spec in graph.inputs], output_names=[graph.output.name],
                dynamic_axes={spec.name: spec.dynamic_axes for spec in graph.tensors},
            )  # fmt: skip
        model = onnxfile.load_structure(raw)
        _name_dimensions(model, graph)
        model.doc_string = ""
        model.opset_import[0].version = declared
        onnxfile.save(model, raw.parent, path, external=graph.weight_bytes > external_above)
    onnx.checker.check_model(str(onnxfile.graph_file(path)), full_check=True)


def _name_dimensions(model: onnx.ModelProto, graph: Graph) -> None:
    """The exporter invents names for output dimensions; give them those of the contract."""
    dims = model.graph.output[0].type.tensor_type.shape.dim
    for position, wanted in enumerate(("batch", *graph.output.dims)):
        if isinstance(wanted, str):
            dims[position].dim_param = wanted
        else:
            dims[position].dim_value = wanted


@contextlib.contextmanager
def _exportable(graph: Graph) -> Iterator[None]:
    """Replaces, while tracing, what ONNX cannot say or says badly. The module is as before afterwards."""
    with contextlib.ExitStack() as stack:
        for part in list(graph.module.modules()):
            if isinstance(part, Attention):
                stack.enter_context(_replaced(part, "processor", _PlainAttention()))
            elif isinstance(part, (WuerstchenPrior, WuerstchenDiffNeXt)):
                stack.enter_context(_replaced(part, "gen_r_embedding", _r_embedding(part.c_r, graph.dtype)))
            elif isinstance(part, CLIPTextModel):
                stack.enter_context(_replaced(part.config, "_attn_implementation", "eager"))
                stack.enter_context(embedding.folding(part.text_model.embeddings, "token_embedding"))
        stack.enter_context(_replaced(nn.functional, "interpolate", _resizer(graph.interpolate)))
        yield


@contextlib.contextmanager
def _replaced(owner: object, name: str, value: object) -> Iterator[None]:
    own = name in vars(owner)
    previous = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if own or not callable(previous):
            setattr(owner, name, previous)
        else:
            delattr(owner, name)


def _r_embedding(c_r: int, dtype: torch.dtype) -> Callable[[torch.Tensor], torch.Tensor]:
    """The timestep embedding with its frequencies as a constant: some runtimes' exp differs in the last bits,
    and the embedding multiplies that by up to 10,000. For the same reason it is computed in float32 always."""
    half = c_r // 2
    frequencies = torch.arange(half).float().mul(-math.log(10000) / (half - 1)).exp()

    def gen_r_embedding(r: torch.Tensor) -> torch.Tensor:
        angle = (r * 10000)[:, None] * frequencies[None, :]
        embedding = torch.cat([angle.sin(), angle.cos()], dim=1)
        embedding = nn.functional.pad(embedding, (0, 1)) if c_r % 2 == 1 else embedding
        # A conversion to its own type would stand in the graph.
        return embedding if dtype == torch.float32 else embedding.to(dtype)

    return gen_r_embedding


def _resizer(resize: Interpolate) -> Callable[..., torch.Tensor]:
    def interpolate(image: torch.Tensor, size=None, mode="nearest", antialias=False, align_corners=None):
        if mode != "bicubic" or not antialias or not align_corners:
            raise NotImplementedError(f"no export of interpolate(mode={mode!r}, antialias={antialias})")
        height, width = (torch.as_tensor(side) for side in size)
        return resize(image, height, width)

    return interpolate


class _PlainAttention:
    """Attention of a [B, C, H, W] map over a [B, S, C] sequence, without the detours of diffusers' processors
    (an uninitialised matrix times zero, batch and heads in one dimension)."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        if (
            attention_mask is not None
            or attn.residual_connection
            or attn.rescale_output_factor != 1
            or attn.group_norm
            or attn.spatial_norm
        ):
            raise NotImplementedError("an attention block that Würstchen does not have")
        batch, channels, height, width = hidden_states.shape

        def heads(states: torch.Tensor) -> torch.Tensor:
            return states.view(batch, -1, attn.heads, states.shape[-1] // attn.heads).transpose(1, 2)

        query = heads(attn.to_q(hidden_states.view(batch, channels, -1).transpose(1, 2)) * attn.scale)
        key = heads(attn.to_k(encoder_hidden_states))
        value = heads(attn.to_v(encoder_hidden_states))
        weights = (query @ key.transpose(2, 3)).softmax(dim=-1)
        mixed = (weights @ value).transpose(1, 2).reshape(batch, -1, attn.inner_dim)
        return attn.to_out[0](mixed).transpose(1, 2).reshape(batch, channels, height, width)
