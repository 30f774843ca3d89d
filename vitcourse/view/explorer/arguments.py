"""What is wrong with the arguments of `explorer`."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def require(
    picture,
    attention,
    grid,
    num_prefix_tokens,
    prefix_names,
    answer_token,
    flows,
    class_flows,
    classes,
    queries_keys,
    lens,
    components,
    ablate,
) -> None:
    """Raise TypeError or ValueError, naming the argument, its value, and what would be right."""
    _tensor("picture", picture, "uint8 (3, H, W)")
    if picture.dtype != torch.uint8 or picture.ndim != 3 or picture.shape[0] != 3:
        raise ValueError(
            f"picture must be uint8 (3, H, W), got {picture.dtype} {tuple(picture.shape)}"
        )
    _attention(attention, grid, num_prefix_tokens)
    if prefix_names is not None and len(prefix_names) != num_prefix_tokens:
        raise ValueError(f"prefix_names must be {num_prefix_tokens} names, got {prefix_names!r}")
    if answer_token is not None and answer_token not in range(num_prefix_tokens):
        raise ValueError(
            f"answer_token must be None or one of {num_prefix_tokens} prefix tokens, from 0, "
            f"got {answer_token!r}"
        )
    _flows(flows, class_flows, attention.shape[-1])
    _classes(classes)
    if class_flows and not classes:
        raise ValueError("classes is empty: name the classes that class_flows are of")
    for name, maps in class_flows.items():
        _class_flow(f"class_flows[{name!r}]", maps, len(classes), attention.shape[-1], grid)
    if queries_keys is not None:
        _queries_keys(queries_keys, attention)
    if lens is not None:
        _lens(lens, classes, attention.shape[-1])
    if components is not None:
        _components(components, grid)
    if ablate is not None and not callable(ablate):
        raise TypeError(f"ablate must be a function of heads and patches, got {ablate!r}")


def _attention(attention, grid, num_prefix_tokens) -> None:
    _tensor("attention", attention, "(layers, heads, N, N)")
    if attention.ndim != 4 or attention.shape[2] != attention.shape[3]:
        hint = ": take one image's, attention[0]" if attention.ndim == 5 else ""
        raise ValueError(
            f"attention must be (layers, heads, N, N), got {tuple(attention.shape)}{hint}"
        )
    pair = isinstance(grid, Sequence) and len(grid) == 2
    if not pair or not all(isinstance(n, int) and n > 0 for n in grid):
        raise ValueError(f"grid must be (rows, columns), got {grid!r}")
    if not isinstance(num_prefix_tokens, int) or num_prefix_tokens < 0:
        raise ValueError(f"num_prefix_tokens must be 0, 1, 2, ..., got {num_prefix_tokens!r}")
    size = attention.shape[-1]
    if num_prefix_tokens + grid[0] * grid[1] != size:
        raise ValueError(
            f"grid={tuple(grid)} and num_prefix_tokens={num_prefix_tokens} make "
            f"{num_prefix_tokens + grid[0] * grid[1]} tokens, but attention has {size}"
        )
    _weights("attention", attention)
    off = float((attention.detach().sum(-1) - 1).abs().max())
    if off > 1e-2:
        raise ValueError(
            f"the rows of attention must sum to 1, but one is off by {off:.2g}: are they scores "
            f"before the softmax, or are rows and columns swapped?"
        )


def _flows(flows, class_flows, size: int) -> None:
    if set(flows) & set(class_flows):
        raise ValueError(f"flows and class_flows share {sorted(set(flows) & set(class_flows))}")
    for name, maps in flows.items():
        _tensor(f"flows[{name!r}]", maps, f"({size}, {size})")
        if maps.shape != (size, size):
            raise ValueError(f"flows[{name!r}] must be ({size}, {size}), got {tuple(maps.shape)}")
        _weights(f"flows[{name!r}]", maps)


def _class_flow(label: str, maps, count: int, size: int, grid) -> None:
    _tensor(label, maps, f"({count}, {size}, {size})")
    right = (count, size, size), (count, *grid)
    if tuple(maps.shape) not in right:
        raise ValueError(
            f"{label} must be {right[0]} or {right[1]} for {count} classes, got {tuple(maps.shape)}"
        )
    if tuple(maps.shape) == right[0]:
        _weights(label, maps)
    elif not torch.isfinite(maps).all():
        raise ValueError(f"{label} has entries that are not finite")


def _lens(lens, classes, size: int) -> None:
    shares, answers = lens
    _tensor("lens: probabilities", shares, f"(depths, {size}, {len(answers)})")
    if shares.ndim != 3 or shares.shape[1:] != (size, len(answers)):
        raise ValueError(
            f"lens: probabilities must be (depths, {size}, {len(answers)}) for {len(answers)} "
            f"answers, got {tuple(shares.shape)}"
        )
    _weights("lens: probabilities", shares)
    named = {tuple(answer) for answer in answers}
    missing = [name for question, name, _ in classes if (question, name) not in named]
    if missing:
        raise ValueError(f"lens: the answers lack {missing[0]!r}, which is among classes")


def _components(components, grid) -> None:
    values, shares = components
    right = (*grid, 3)
    for name, t in (("values", values), ("shares", shares)):
        _tensor(f"components: {name}", t, f"of {name}")
        if not torch.isfinite(t).all():
            raise ValueError(f"components: {name} has entries that are not finite")
    if values.ndim != 4 or tuple(values.shape[1:]) != right:
        raise ValueError(
            f"components: values must be (depths, {grid[0]}, {grid[1]}, 3), "
            f"got {tuple(values.shape)}"
        )
    if tuple(shares.shape) != (len(values), 3):
        raise ValueError(
            f"components: shares must be ({len(values)}, 3), got {tuple(shares.shape)}"
        )


def _tensor(name: str, value, shape: str) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a tensor {shape}, got {type(value).__name__}")


def _weights(name: str, maps: Tensor) -> None:
    low, high = (float(end) for end in maps.detach().aminmax())  # NaN, if there is one
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"{name} has entries that are not finite")
    if low < 0:
        raise ValueError(f"{name} has negative entries, down to {low:.3g}")


def _classes(classes) -> None:
    for entry in classes:
        if len(entry) != 3 or not isinstance(entry[0], str) or not isinstance(entry[1], str):
            raise ValueError(f"classes must be tuples (question, name, probability), got {entry!r}")
        if not 0 <= float(entry[2]) <= 1:
            raise ValueError(f"a probability must be from 0 to 1, got {entry!r} in classes")


def _queries_keys(queries_keys, attention: Tensor) -> None:
    if len(queries_keys) != 2:
        raise ValueError(f"queries_keys must be (q, k), got {len(queries_keys)} entries")
    layers, heads, size, _ = attention.shape
    q, k = queries_keys
    for name, t in (("q", q), ("k", k)):
        _tensor(f"queries_keys: {name}", t, "(layers, heads, N, head_dim)")
        if t.ndim != 4 or t.shape[:3] != (layers, heads, size) or t.shape != q.shape:
            raise ValueError(
                f"queries_keys: {name} must be ({layers}, {heads}, {size}, head_dim), "
                f"got {tuple(t.shape)}"
            )
    q_last, k_last, last = (t[-1].detach().cpu().float() for t in (q, k, attention))
    made = (q_last @ k_last.mT / math.sqrt(q.shape[-1])).softmax(-1)
    off = float((made - last).abs().max())
    if not off < 1e-2:
        raise ValueError(
            f"queries_keys do not give this attention: softmax(q k^T / sqrt(d)) of the last layer "
            f"is off by up to {off:.2g}"
        )
