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


class _ResponseNorm(torch.autograd.Function):
    """x * s + beta with s = 1 + gamma * n / mean(n), n the norm of each channel over the picture."""

    @staticmethod
    def forward(ctx, x, gamma, beta):
        norm = x.square().sum((1, 2), keepdim=True).add_(1e-12).sqrt_()
        mean = norm.mean(-1, keepdim=True) + 1e-6
        scale = 1 + gamma * (norm / mean)
        ctx.save_for_backward(x, gamma, norm, mean, scale)
        return torch.addcmul(beta, x, scale)

    @staticmethod
    def backward(ctx, grad):
        x, gamma, norm, mean, scale = ctx.saved_tensors
        of_scale = (grad * x).sum((1, 2), keepdim=True)
        of_relative = of_scale * gamma
        shared = (of_relative * norm).mean(-1, keepdim=True) / mean.square()
        of_norm = of_relative / mean - shared
        of_x = torch.addcmul(grad * scale, x, of_norm / norm)
        return of_x, (of_scale * norm / mean).sum((0, 1, 2), keepdim=True), grad.sum((0, 1, 2), keepdim=True)


def _response_norm(self, x):
    return _ResponseNorm.apply(x, self.gamma, self.beta)


def _timestep(self, x, t):
    scale, shift = self.mapper(t)[:, :, None, None].chunk(2, dim=1)
    return torch.addcmul(shift, x, 1 + scale)


@contextlib.contextmanager
def quick_blocks():
    """Within it, two blocks of diffusers run as written here."""
    kept = GlobalResponseNorm.forward, TimestepBlock.forward
    GlobalResponseNorm.forward, TimestepBlock.forward = _response_norm, _timestep
    try:
        yield
    finally:
        GlobalResponseNorm.forward, TimestepBlock.forward = kept
