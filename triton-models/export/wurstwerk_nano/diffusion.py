"""What Stage B and Stage C share in learning to predict noise."""

import math

import torch
from transformers import CLIPTextConfig, CLIPTextModel

from .language import SIZES

SIZE_SHARES = (0.25, 0.14, 0.14, 0.19, 0.14, 0.14)
"""Share of the iterations that learn each of SIZES; batches of larger pictures are smaller."""


def alpha_cumprod(r):
    """The scheduler's product of alphas at time r in 0 to 1."""
    start = math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    return (torch.cos((r + 0.008) / 1.008 * math.pi / 2) ** 2 / start).clamp(1e-4, 0.9999)


def make_noisy(clean, r):
    """The clean latents with the noise of time r, the noise, and alpha's product, one for each item."""
    alpha = alpha_cumprod(r)
    shaped, noise = alpha.view(-1, 1, 1, 1), torch.randn_like(clean)
    return shaped.sqrt() * clean + (1 - shaped).sqrt() * noise, noise, alpha


def spread_uniform(count):
    """Uniform times in 0 to 1, one in each equal part."""
    return (torch.arange(count) + torch.rand(count)) / count


def choose_bucket(data, batch, rng):
    """A size by its share, and random indexes into its cached tensors."""
    size = rng.choices(SIZES, SIZE_SHARES)[0]
    count = max(batch * 256 * 256 // (size[0] * size[1]), 2)
    return size, torch.randint(0, data[size]["semantic"].shape[0], (count,))


def choose_rows(tensors, index):
    """For each scene one of its captions."""
    rows = tensors["rows"][index]
    return rows[torch.arange(len(index)), torch.randint(0, rows.shape[1], (len(index),))].long()


def text_encoder(rows, width, layers, heads):
    """A small CLIPTextModel over compact rows, with embeddings large enough to be told apart in a short training."""
    config = CLIPTextConfig(
        vocab_size=rows,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=77,
        projection_dim=width,
        bos_token_id=0,
        eos_token_id=rows - 1,
        pad_token_id=0,
        attn_implementation="eager",
    )
    encoder = CLIPTextModel(config)
    encoder.text_model.embeddings.token_embedding.weight.data.normal_(std=0.5)
    encoder.text_model.embeddings.position_embedding.weight.data.normal_(std=0.25)
    return encoder


def encode_text(encoder, vocabulary, rows):
    """The encoder's states of rows."""
    return encoder(rows, attention_mask=vocabulary.mask(rows)).last_hidden_state


def figures_at(errors, r, points):
    """Mean error of the clean estimate near some times, to be printed."""
    return {f"x0@{point}": errors[(r - point).abs() < 0.06].mean().item() for point in points}
