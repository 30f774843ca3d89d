import pytest
import torch

from tests.maps.conftest import exactly
from vitcourse.maps import class_token_map, mean_map, query_map, token_index


@pytest.mark.parametrize("prefix", [0, 1, 5])
def test_every_query_lands_on_its_place(prefix):
    """Maps of which entry [i, j] is 100 i + j, on 2 rows and 3 columns."""
    size = prefix + 6
    maps = 100 * torch.arange(size)[:, None] + torch.arange(size)
    maps = maps.expand(4, 2, size, size)
    for query in range(size):
        expected = 100 * query + prefix + torch.tensor([[0, 1, 2], [3, 4, 5]])
        found = query_map(maps, (2, 3), query, prefix)
        assert found.shape == (4, 2, 2, 3)
        assert (found == expected).all()
    backwards = query_map(maps.transpose(-2, -1), (2, 3), prefix, prefix)
    assert (backwards == 100 * (prefix + torch.arange(6).view(2, 3)) + prefix).all()
    mean = mean_map(maps.double(), (2, 3), prefix)
    exactly(mean[0, 0], 100 * (prefix + 2.5) + prefix + torch.arange(6.0).view(2, 3))
    for row in range(2):
        for column in range(3):
            assert token_index(row, column, (2, 3), prefix) == prefix + 3 * row + column


def test_cls_map_is_row_zero_unscaled(attention):
    found = class_token_map(attention, (3, 5))
    assert torch.equal(found.flatten(-2), attention[..., 0, 1:])
    assert torch.equal(class_token_map(attention, (2, 5), 6).flatten(-2), attention[..., 0, 6:])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: query_map(a, (4, 4)), "grid=(4, 4) and num_prefix_tokens=1 make 17 tokens, but"),
        (lambda a: mean_map(a, (3, 5), 0), "make 15 tokens, but there are 16"),
        (lambda a: query_map(a, (3, 5), 16), "query must be one of 16 tokens, from 0, got 16"),
        (lambda a: query_map(a, (3, 5), -1), "query must be one of 16 tokens, from 0, got -1"),
        (
            lambda a: query_map(a[..., 1:], (3, 5)),
            "must have shape (..., N, N), got (2, 4, 3, 16, ",
        ),
        (
            lambda a: class_token_map(a, (4, 4), 0),
            "there is no class token with num_prefix_tokens=0",
        ),
        (lambda a: token_index(3, 0, (3, 5)), "column=0 is not a patch of 3 rows, 5 columns"),
        (lambda a: token_index(0, 5, (3, 5)), "row=0, column=5 is not a patch"),
    ],
)
def test_errors(call, message, attention):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        call(attention)
    assert message in str(error.value)
