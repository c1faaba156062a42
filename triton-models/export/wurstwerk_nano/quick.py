"""The same mathematics as diffusers' blocks in fewer passes over memory, for training only."""

import contextlib
import math

import torch
from diffusers.pipelines.wuerstchen.modeling_wuerstchen_common import AttnBlock, GlobalResponseNorm, TimestepBlock

from .tokens import LENGTH, TRAINED_LENGTH


class ShortAttention:
    """Attention over 25 text states in place of 77.

    The last 53 states of a short prompt are equal, as their positions share an embedding: one key with log(53) added
    to its logit stands for them all.
    """

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, **_):
        batch, channels, height, width = hidden_states.shape
        tokens = hidden_states.flatten(2).transpose(1, 2)
        projected = attn.to_q(tokens), attn.to_k(encoder_hidden_states), attn.to_v(encoder_hidden_states)
        query, key, value = (p.view(batch, -1, attn.heads, channels // attn.heads).transpose(1, 2) for p in projected)
        bias = torch.zeros(1, 1, 1, key.shape[2], dtype=query.dtype)
        bias[..., -1] = math.log(LENGTH - TRAINED_LENGTH)
        weights = (query @ key.transpose(-1, -2)) / math.sqrt(channels // attn.heads) + bias
        mixed = (weights.softmax(-1) @ value).transpose(1, 2).reshape(batch, height * width, channels)
        return attn.to_out[0](mixed).transpose(1, 2).reshape(batch, channels, height, width)


def shorten_attention(model):
    """Lets every attention block of the model read 25 text states; returns what to call to undo it."""
    blocks = [module.attention for module in model.modules() if isinstance(module, AttnBlock)]
    kept = [block.processor for block in blocks]
    for block in blocks:
        block.set_processor(ShortAttention())

    def undo():
        for block, processor in zip(blocks, kept):
            block.set_processor(processor)

    return undo


def _response_norm(self, x):
    flat = x.flatten(1, 2)
    strength = ((flat * flat).sum(1).float() + 1e-12).sqrt()
    relative = strength / (strength.mean(-1, keepdim=True) + 1e-6)
    return torch.addcmul(self.beta.to(x.dtype), x, (1 + self.gamma * relative[:, None, None]).to(x.dtype))


def _timestep(self, x, t):
    scale, shift = self.mapper(t)[:, :, None, None].chunk(2, dim=1)
    return torch.addcmul(shift.to(x.dtype), x, (1 + scale).to(x.dtype))


@contextlib.contextmanager
def quick_blocks():
    """Within it, two blocks of diffusers run as written here."""
    kept = GlobalResponseNorm.forward, TimestepBlock.forward
    GlobalResponseNorm.forward, TimestepBlock.forward = _response_norm, _timestep
    try:
        yield
    finally:
        GlobalResponseNorm.forward, TimestepBlock.forward = kept
