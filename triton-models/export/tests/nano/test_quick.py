"""Training's shortcuts against diffusers' own blocks."""

import torch
from diffusers.pipelines.wuerstchen import WuerstchenPrior
from diffusers.pipelines.wuerstchen.modeling_wuerstchen_common import GlobalResponseNorm
from wurstwerk_nano.diffusion import encode_text, text_encoder
from wurstwerk_nano.quick import quick_blocks, shorten_attention
from wurstwerk_nano.tokens import CompactVocabulary


def test_the_quick_response_norm_has_the_values_and_gradients_of_the_original():
    torch.manual_seed(1)
    norm = GlobalResponseNorm(12).double()
    norm.gamma.data.normal_()
    norm.beta.data.normal_()
    x = torch.randn(2, 5, 4, 12, dtype=torch.double, requires_grad=True)
    weights = torch.randn(2, 5, 4, 12, dtype=torch.double)
    wanted = torch.autograd.grad((norm(x) * weights).sum(), (x, norm.gamma, norm.beta))
    with quick_blocks():
        assert torch.allclose(norm(x), norm(x.detach()))
        found = torch.autograd.grad((norm(x) * weights).sum(), (x, norm.gamma, norm.beta))
    for one, other in zip(wanted, found):
        assert torch.allclose(one, other, atol=1e-9)


def test_a_prior_trained_on_short_prompts_is_the_same_over_77_tokens_of_clip():
    torch.manual_seed(2)
    vocabulary = CompactVocabulary()
    text, prior = text_encoder(vocabulary.rows, 32, 2, 2), WuerstchenPrior(16, 32, 32, 16, depth=2, nhead=2).eval()
    prior.out[1].weight.data.mul_(0.1)  # untrained, its denominator could be near zero
    prompts = ["two red circles on a zebra background", ""]
    x, r = torch.randn(2, 16, 6, 4), torch.tensor([0.7, 0.2])
    full = vocabulary.tokenizer(prompts, padding="max_length", max_length=77, return_tensors="pt")
    with torch.no_grad():
        states = vocabulary.expand(text)(full.input_ids, attention_mask=full.attention_mask).last_hidden_state
        wanted = prior(x, r, states)
        shorten_attention(prior)
        with quick_blocks():
            found = prior(x, r, encode_text(text.eval(), vocabulary, vocabulary.encode(prompts)))
    assert (wanted - found).abs().max() < 1e-5 * wanted.abs().max()
