import pytest
import torch
from torch import nn
from torch.nn import functional as F

from vitcourse.model import MultiHeadSelfAttention, attention, merge_heads, split_heads


def test_attention_by_hand():
    q = torch.tensor([[[2.0, 0.0], [0.0, 0.0]]])
    k = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    v = torch.tensor([[[1.0, 10.0], [3.0, 30.0]]])
    output, weights = attention(q, k, v)
    e = torch.tensor(2 / 2**0.5).exp()
    expected = torch.stack([e / (e + 1), 1 / (e + 1)])
    torch.testing.assert_close(weights[0, 0], expected)
    torch.testing.assert_close(weights[0, 1], torch.tensor([0.5, 0.5]))
    torch.testing.assert_close(output[0, 1], torch.tensor([2.0, 20.0]))


def test_rows_sum_to_one(device):
    q, k, v = 3 * torch.randn(3, 2, 4, 9, 5, device=device)
    output, weights = attention(q, k, v)
    assert output.shape == (2, 4, 9, 5)
    assert weights.shape == (2, 4, 9, 9)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4, 9, device=device))
    assert (weights >= 0).all()


def test_attention_is_pytorchs_in_values_and_gradients():
    q, k, v = torch.randn(3, 2, 3, 7, 5, dtype=torch.float64).requires_grad_().unbind()
    target = torch.randn(2, 3, 7, 5, dtype=torch.float64)
    explicit, fused = attention(q, k, v)[0], F.scaled_dot_product_attention(q, k, v)
    torch.testing.assert_close(explicit, fused, rtol=0, atol=1e-12)
    gradients = torch.autograd.grad((explicit * target).sum(), (q, k, v))
    fused_gradients = torch.autograd.grad((fused * target).sum(), (q, k, v))
    torch.testing.assert_close(gradients, fused_gradients, rtol=0, atol=1e-12)


def test_heads_are_slices_of_the_channels():
    x = torch.randn(2, 7, 12)
    heads = split_heads(x, 3)
    assert heads.shape == (2, 3, 7, 4)
    for head in range(3):
        assert torch.equal(heads[:, head], x[:, :, 4 * head : 4 * head + 4])
    assert torch.equal(merge_heads(heads), x)


def test_fused_and_explicit_agree_in_values_and_gradients(device, randomised):
    layer = randomised(MultiHeadSelfAttention(24, 3)).to(device)
    x = torch.randn(2, 9, 24, device=device, requires_grad=True)
    target = torch.randn(2, 9, 24, device=device)
    fused, (explicit, weights) = layer(x), layer(x, return_weights=True)
    assert weights.shape == (2, 3, 9, 9)
    torch.testing.assert_close(fused, explicit, rtol=1e-4, atol=1e-5)
    inputs = (x, *layer.parameters())
    torch.testing.assert_close(
        torch.autograd.grad((fused * target).sum(), inputs),
        torch.autograd.grad((explicit * target).sum(), inputs),
        rtol=1e-4,
        atol=1e-4,
    )


def test_is_nn_multihead_attention(randomised):
    ours = randomised(MultiHeadSelfAttention(24, 3).double()).eval()
    theirs = nn.MultiheadAttention(24, 3, batch_first=True).double().eval()
    theirs.in_proj_weight.data = ours.qkv.weight.data
    theirs.in_proj_bias.data = ours.qkv.bias.data
    theirs.out_proj.load_state_dict(ours.proj.state_dict())
    x = torch.randn(2, 9, 24, dtype=torch.float64)
    output, weights = ours(x, return_weights=True)
    expected, expected_weights = theirs(x, x, x, average_attn_weights=False)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(weights, expected_weights, rtol=0, atol=1e-12)


@pytest.mark.parametrize("return_weights", [False, True])
def test_gradients(return_weights, randomised):
    layer = randomised(MultiHeadSelfAttention(6, 3).double())
    x = torch.randn(1, 4, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: layer(x, return_weights=return_weights), x)


def test_shuffled_tokens_give_shuffled_output(device, randomised):
    layer = randomised(MultiHeadSelfAttention(24, 3)).to(device).eval()
    x, order = torch.randn(2, 9, 24, device=device), torch.randperm(9)
    torch.testing.assert_close(layer(x[:, order]), layer(x)[:, order], rtol=1e-4, atol=1e-5)


def test_batch_of_none(device):
    layer = MultiHeadSelfAttention(24, 3).to(device)
    output, weights = layer(torch.zeros(0, 9, 24, device=device), return_weights=True)
    assert layer(torch.zeros(0, 9, 24, device=device)).shape == output.shape == (0, 9, 24)
    assert weights.shape == (0, 3, 9, 9)


def test_initialisation_takes_q_k_v_as_thirds():
    layer = MultiHeadSelfAttention(256, 4)
    for matrix in (*layer.qkv.weight.chunk(3), layer.proj.weight):
        assert matrix.std().item() == pytest.approx((2 / 512) ** 0.5, rel=0.02)
    assert not layer.qkv.bias.any()
    assert not layer.proj.bias.any()


def test_dropout_acts_on_the_output_in_training_only(randomised):
    layer = randomised(MultiHeadSelfAttention(24, 3, dropout=0.5))
    x = torch.randn(2, 9, 24)
    clean = layer.eval()(x)
    output, weights = layer.train()(x, return_weights=True)
    assert 0.3 < (output == 0).float().mean() < 0.7
    torch.testing.assert_close(output[output != 0], 2 * clean[output != 0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 9))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: MultiHeadSelfAttention(24, 5),
            "num_heads must divide embed_dim, got num_heads=5 and embed_dim=24",
        ),
        (lambda: MultiHeadSelfAttention(24, 0), "num_heads must be a positive int, got 0"),
        (
            lambda: MultiHeadSelfAttention(24, 3)(torch.zeros(9, 24)),
            "tokens must have shape (B, N, 24), got (9, 24)",
        ),
        (
            lambda: split_heads(torch.zeros(2, 9, 10), 4),
            "x must have shape (B, N, D) with D a multiple of num_heads=4, got (2, 9, 10)",
        ),
        (lambda: merge_heads(torch.zeros(2, 9, 10)), "x must have shape (B, h, N, d), got (2, 9"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        call()
    assert message in str(error.value)
