import math

import pytest
import torch
from torch import nn

from vitcourse.model import MLP, Encoder, EncoderBlock


def test_mlp_is_the_formula_with_the_exact_gelu(randomised):
    mlp = randomised(MLP(6, 10).double())
    x = torch.randn(2, 4, 6, dtype=torch.float64)
    hidden = x @ mlp.fc1.weight.T + mlp.fc1.bias
    hidden = hidden * 0.5 * (1 + torch.erf(hidden / math.sqrt(2)))
    expected = hidden @ mlp.fc2.weight.T + mlp.fc2.bias
    torch.testing.assert_close(mlp(x), expected, rtol=0, atol=1e-12)


def test_block_is_pytorchs_pre_norm_layer(randomised):
    ours = randomised(EncoderBlock(24, 3, 40).double())
    theirs = nn.TransformerEncoderLayer(
        24, 3, 40, 0.0, "gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    ).double()
    pairs = [
        (ours.norm1, theirs.norm1),
        (ours.norm2, theirs.norm2),
        (ours.attn.proj, theirs.self_attn.out_proj),
        (ours.mlp.fc1, theirs.linear1),
        (ours.mlp.fc2, theirs.linear2),
    ]
    for mine, yours in pairs:
        yours.load_state_dict(mine.state_dict())
    theirs.self_attn.in_proj_weight.data = ours.attn.qkv.weight.data
    theirs.self_attn.in_proj_bias.data = ours.attn.qkv.bias.data
    # Small inputs, so that the eps of the norms shows.
    x = 0.01 * torch.randn(2, 9, 24, dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-12)


def test_every_norm_has_eps_1e_6():
    norms = [m for m in Encoder(2, 24, 3, 40).modules() if isinstance(m, nn.LayerNorm)]
    assert [norm.eps for norm in norms] == [1e-6] * 5


def test_the_residual_stream_is_not_normalised(randomised):
    block = randomised(EncoderBlock(24, 3, 40))
    with torch.no_grad():
        for layer in (block.attn.proj, block.mlp.fc2):
            layer.weight.zero_()
            layer.bias.zero_()
    x = 5 + 3 * torch.randn(2, 9, 24)
    assert torch.equal(block(x), x)


def test_encoder_is_its_blocks_then_the_norm(device, randomised):
    encoder = randomised(Encoder(3, 24, 3, 40)).to(device)
    x = torch.randn(2, 9, 24, device=device)
    first, second, third = encoder.blocks
    assert torch.equal(encoder(x), encoder.norm(third(second(first(x)))))
    assert encoder(x[:0]).shape == (0, 9, 24)


def test_last_norm_normalises():
    x = Encoder(2, 24, 3, 40)(7 + 5 * torch.randn(2, 9, 24))
    torch.testing.assert_close(x.mean(-1), torch.zeros(2, 9), rtol=0, atol=1e-5)
    torch.testing.assert_close(x.var(-1, correction=0), torch.ones(2, 9), rtol=0, atol=1e-3)


def test_blocks_share_nothing_not_even_their_start():
    first, second = Encoder(2, 24, 3, 40).blocks
    assert not torch.equal(first.attn.qkv.weight, second.attn.qkv.weight)
    assert not torch.equal(first.mlp.fc1.weight, second.mlp.fc1.weight)


def test_shuffled_tokens_give_shuffled_output(device, randomised):
    encoder = randomised(Encoder(2, 24, 3, 40)).to(device)
    x, order = torch.randn(2, 9, 24, device=device), torch.randperm(9)
    torch.testing.assert_close(encoder(x[:, order]), encoder(x)[:, order], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "module", [MLP(6, 10), EncoderBlock(6, 3, 10), Encoder(2, 6, 3, 10)], ids=type
)
def test_gradients(module, randomised):
    module = randomised(module.double())
    x = torch.randn(1, 4, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, x)


def test_initialisation():
    mlp = MLP(256, 512)
    for layer in (mlp.fc1, mlp.fc2):
        assert layer.weight.std().item() == pytest.approx((2 / 768) ** 0.5, rel=0.02)
        assert not layer.bias.any()


def test_dropout_in_training_only(randomised):
    mlp, x = randomised(MLP(24, 40, dropout=0.5)), torch.randn(2, 9, 24)
    assert torch.equal(mlp.eval()(x), mlp(x))
    assert 0.3 < (mlp.train()(x) == 0).float().mean() < 0.7
    seen = []
    mlp.fc2.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    mlp(x)
    assert 0.3 < (seen[0] == 0).float().mean() < 0.7


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MLP(0, 8), "embed_dim must be a positive int, got 0"),
        (lambda: MLP(8, 2.5), "hidden_dim must be a positive int, got 2.5"),
        (lambda: Encoder(0, 8, 2, 8), "depth must be a positive int, got 0"),
        (lambda: EncoderBlock(8, 3, 8), "got num_heads=3 and embed_dim=8"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        call()
    assert message in str(error.value)
