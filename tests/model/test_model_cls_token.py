import pytest
import torch

from vitcourse.model import ClassToken, cls_pool, mean_pool


def test_prepends_the_same_vector_to_every_image(device, randomised):
    layer = randomised(ClassToken(6)).to(device)
    patches = torch.randn(3, 5, 6, device=device)
    tokens = layer(patches)
    assert tokens.shape == (3, 6, 6)
    assert torch.equal(tokens[:, 1:], patches)
    assert torch.equal(tokens[:, 0], layer.cls_token[0].expand(3, 6))
    assert layer(patches[:0]).shape == (0, 6, 6)


def test_is_one_parameter_without_a_batch():
    assert {name: tuple(p.shape) for name, p in ClassToken(6).named_parameters()} == {
        "cls_token": (1, 1, 6)
    }
    assert not ClassToken(6).cls_token.any()


def test_gradient_is_the_sum_over_the_batch():
    layer = ClassToken(6)
    layer(torch.randn(3, 5, 6)).sum().backward()
    assert torch.equal(layer.cls_token.grad, torch.full((1, 1, 6), 3.0))


def test_gradients(randomised):
    layer = randomised(ClassToken(3).double())
    x = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, _: layer(x), (x, layer.cls_token))


def test_pools():
    tokens = torch.arange(24.0).reshape(2, 3, 4)
    assert cls_pool(tokens).tolist() == [[0, 1, 2, 3], [12, 13, 14, 15]]
    assert mean_pool(tokens).tolist() == [[6, 7, 8, 9], [18, 19, 20, 21]]


def test_errors():
    with pytest.raises(ValueError, match="embed_dim must be a positive int, got 0"):
        ClassToken(0)
    with pytest.raises(ValueError, match=r"tokens must have shape \(B, N, 6\), got \(3, 5, 7\)"):
        ClassToken(6)(torch.zeros(3, 5, 7))
    with pytest.raises(ValueError, match=r"tokens must have shape \(B, N, 6\), got \(5, 6\)"):
        ClassToken(6)(torch.zeros(5, 6))
