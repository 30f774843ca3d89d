"""From tokens to places: one row of a map, laid out as the image is."""

from torch import Tensor

from vitcourse.maps import shapes


def query_map(
    maps: Tensor, grid: tuple[int, int], query: int = 0, num_prefix_tokens: int = 1
) -> Tensor:
    """Where one token looks: (..., N, N) -> (..., rows, columns), the patches' share of its row.

    `query` counts all tokens: prefix tokens first, then patches (see `token_index`). `maps` are
    attention weights, rollout, relevance: anything whose rows are queries. The reverse view, who
    looks at a token, is `query_map(maps.transpose(-2, -1), ...)`. Values are not rescaled.

    Raises ValueError unless maps are (..., N, N) with N = num_prefix_tokens + rows * columns and
    query is one of the N tokens.
    """
    shapes.require_square("maps", maps)
    num_tokens = maps.shape[-1]
    shapes.require_tokens(num_tokens, grid, num_prefix_tokens)
    if query not in range(num_tokens):
        raise ValueError(f"query must be one of {num_tokens} tokens, from 0, got {query!r}")
    return maps[..., query, num_prefix_tokens:].unflatten(-1, tuple(grid))


def class_token_map(maps: Tensor, grid: tuple[int, int], num_prefix_tokens: int = 1) -> Tensor:
    """Where the class token looks: (..., N, N) -> (..., rows, columns).

    Raises ValueError as `query_map` does, and if no prefix token could be the class token.
    """
    if num_prefix_tokens < 1:
        raise ValueError("there is no class token with num_prefix_tokens=0: use mean_map")
    return query_map(maps, grid, 0, num_prefix_tokens)


def mean_map(maps: Tensor, grid: tuple[int, int], num_prefix_tokens: int = 1) -> Tensor:
    """Where the patches look, on average: (..., N, N) -> (..., rows, columns).

    For models that answer from the mean of their patches. Raises ValueError as `query_map` does.
    """
    shapes.require_square("maps", maps)
    shapes.require_tokens(maps.shape[-1], grid, num_prefix_tokens)
    patches = maps[..., num_prefix_tokens:, num_prefix_tokens:]
    return patches.mean(dim=-2).unflatten(-1, tuple(grid))


def token_index(row: int, column: int, grid: tuple[int, int], num_prefix_tokens: int = 1) -> int:
    """The number of the token that stands for the patch in this row and column, from 0.

    Raises ValueError if there is no such patch.
    """
    if row not in range(grid[0]) or column not in range(grid[1]):
        raise ValueError(
            f"row={row!r}, column={column!r} is not a patch of {grid[0]} rows, {grid[1]} columns"
        )
    return num_prefix_tokens + row * grid[1] + column
