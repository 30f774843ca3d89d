"""Maps in few bytes, and what that loses: the page shows only digits that are certain.

There are two codes for attention. In a notebook speed counts: a byte for each weight, in 255ths of
its row's largest. In a saved page size counts. There the weights are not stored at all, but what
they were made from: each head is softmax(a b^T) with few columns in a and b (those of its queries
and keys), rounded to integers. The page multiplies them out when it is opened.

What rounding loses is measured here, by doing what the page will do; the largest error of each row
goes along. Beside either code stand exact numbers for each row: sum, maximum and its place, share
of the prefix tokens, entropy.
"""

import math
import zlib
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

STEPS = 255
FLOW_STEPS = 63  # of the maps of the whole model
ENTROPY_STEPS = 65535
SHARE_STEPS = 65535
SUM_IS_ONE = 2e-5  # shown as 1.0000
FACTOR_STEP = 0.02  # of singular vectors, times their singular value; natural logarithms
QUERY_STEPS = (0.001, 0.01, 0.1)  # the decimals that queries and keys are shown with
LARGEST_INT16 = 32767
WORST = 0.1  # of a weight: a code that loses more is not used
DOUBT_STEPS = 255

Sections = dict[str, np.ndarray]


class Factors(NamedTuple):
    """`a` and `b` (columns, maps, N) as integers: scores are the sum over columns of scale a b."""

    a: np.ndarray
    b: np.ndarray
    scale: np.ndarray  # (columns, maps)


def pack_rows(maps: Tensor, steps: int = STEPS, own: bool = False) -> Sections:
    """Maps (..., N, N) as "bytes" and, for each row, "max", "entropy", and "sum" where it is not 1.

    A byte is the weight in `steps`-ths of its row's largest; the largest alone has `steps` itself,
    so that its place is known. With `own`, the diagonal, large in maps of the whole model, is
    "self", and "max" is the largest of the others.
    """
    size = maps.shape[-1]
    values = maps.detach().cpu().numpy().reshape(-1, size, size)
    packed = np.empty(values.shape, np.uint8)
    numbers: Sections = {name: np.empty(values.shape[:2], np.float32) for name in ("max", "sum")}
    numbers["entropy"] = np.empty(values.shape[:2], np.uint16)
    if own:
        numbers["self"] = np.ascontiguousarray(values.diagonal(axis1=1, axis2=2), np.float32)
    diagonal = np.arange(size)
    for i, given in enumerate(values):  # one at a time: the copies stay in the cache
        numbers["sum"][i] = given.sum(1)
        rows = given.astype(np.float32)  # what is sent is coarser, and this is fast
        numbers["entropy"][i] = _entropy_steps(rows)
        if own:
            rows[diagonal, diagonal] = 0
        where = rows.argmax(1)
        largest = rows[diagonal, where]
        numbers["max"][i] = largest
        rows *= (steps / np.where(largest > 0, largest, 1))[:, None]
        packed[i] = np.minimum(np.rint(rows, out=rows), steps - 1, out=rows)
        packed[i, diagonal, where] = steps
    if np.abs(numbers["sum"] - 1).max() < SUM_IS_ONE:
        del numbers["sum"]
    else:  # shown with all its digits
        numbers["sum"] = values.sum(-1, dtype=np.float64).astype(np.float32)
    return {"bytes": packed, **numbers}


def entropy(rows: np.ndarray) -> np.ndarray:
    """-sum of a ln a of each row (..., N), in nats; 0 ln 0 is 0."""
    logs = np.log(np.maximum(rows, np.finfo(rows.dtype).tiny))
    return -np.einsum("...i,...i->...", rows, logs)


def _entropy_steps(rows: np.ndarray) -> np.ndarray:
    """Entropies as steps from 0 to ln N."""
    steps = np.rint(entropy(rows) * (ENTROPY_STEPS / math.log(max(rows.shape[-1], 2))))
    return np.clip(steps, 0, ENTROPY_STEPS)


def as_steps(shares: Tensor) -> np.ndarray:
    """Shares, 0 to 1, as 65535ths."""
    return np.rint(shares.double().clamp(0, 1).numpy() * SHARE_STEPS).astype(np.uint16)


# Attention as what it was made from ---------------------------------------------------------------


def factors_of_scores(attention: np.ndarray) -> Factors | None:
    """Factors of any attention (maps, N, N), from its logarithm; None if they would not be few.

    Scores are known but for one number a row, which the softmax takes out again. Of the singular
    vectors each is rounded in proportion to its value: then all add alike to the error, and those
    that would round to nothing need not be stored.
    """
    size = attention.shape[-1]
    if attention.min() <= np.finfo(np.float32).tiny:  # a mask, or a sum of other kinds
        return None
    scores = np.log(attention)
    scores -= scores.mean(-1, keepdims=True)
    u, values, v = np.linalg.svd(scores, full_matrices=False)
    count = int((values > FACTOR_STEP).sum(-1).max())
    if not 0 < 2 * count < size or values.max() / FACTOR_STEP > LARGEST_INT16:
        return None
    u, values, v = u[..., :count], values[..., :count], v[:, :count]
    weight = values / FACTOR_STEP
    scale = FACTOR_STEP / np.maximum(weight, 1e-9)
    a = np.rint(u.transpose(0, 2, 1) * weight[..., None])
    b = np.rint(v * weight[..., None])
    return _integers(a, b, scale)


def factors_of_queries_keys(q: Tensor, k: Tensor) -> tuple[Factors, float] | None:
    """Queries and keys (layers, heads, N, d) as factors, rounded to the decimals that are shown."""
    largest = max(float(q.abs().max()), float(k.abs().max()))
    step = next((step for step in QUERY_STEPS if largest / step <= LARGEST_INT16), None)
    if step is None:
        return None
    a, b = (np.rint(t.double().flatten(0, 1).mT.numpy() / step) for t in (q, k))
    scale = np.full(a.shape[:2], step * step / math.sqrt(q.shape[-1]))
    return _integers(a, b, scale), step


def _integers(a: np.ndarray, b: np.ndarray, scale: np.ndarray) -> Factors:
    """Columns first: those of the same rank are of the same size, and compress together."""
    a, b, scale = (np.ascontiguousarray(t.swapaxes(0, 1)) for t in (a, b, scale))
    return Factors(a.astype(np.int16), b.astype(np.int16), scale.astype(np.float32))


def zigzag(values: np.ndarray) -> np.ndarray:
    """0, -1, 1, -2, ... as 0, 1, 2, 3, ...: small numbers have small high bytes, whatever their
    sign."""
    wide = values.astype(np.int32)
    return ((wide << 1) ^ (wide >> 31)).astype(np.uint16)


def multiplied(factors: Factors) -> np.ndarray:
    """The attention (maps, N, N) that the page will make of them."""
    a = factors.a.astype(np.float64) * factors.scale.astype(np.float64)[..., None]
    scores = np.einsum("cmi,cmj->mij", a, factors.b.astype(np.float64), optimize=True)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def measured(attention: np.ndarray, factors: Factors) -> tuple[np.ndarray, float] | None:
    """The largest relative error of each row (maps, N), as bytes, and how much one of them is.

    None if the code loses too much. float32, in which the page keeps its weights, adds 1e-7.
    """
    off = np.abs(multiplied(factors) / np.maximum(attention, 1e-300) - 1).max(-1) + 2e-7
    if not off.max() <= WORST:
        return None
    unit = float(off.max()) / DOUBT_STEPS
    return np.clip(np.ceil(off / unit), 0, DOUBT_STEPS).astype(np.uint8), unit


# A block of bytes ---------------------------------------------------------------------------------


def join(sections: Sections, level: int) -> tuple[dict[str, list], bytes]:
    """All sections as one block, and {name: [type, start, entries]}; compressed if level > 0.

    The large types come first, so that each begins where a typed array of JavaScript may begin.
    To be compressed, a section's first bytes go together, then its second ones, and so on: the
    high bytes of small numbers are all alike.
    """
    table, parts, start = {}, [], 0
    for name, values in sorted(sections.items(), key=lambda item: -item[1].itemsize):
        table[name] = [values.dtype.name, start, values.size]
        raw = np.ascontiguousarray(values).reshape(-1).view(np.uint8)
        if level and values.itemsize > 1:
            raw = np.ascontiguousarray(raw.reshape(-1, values.itemsize).T)
        parts.append(raw.data)
        start += values.nbytes
    return table, _compressed(parts, level) if level else b"".join(parts)


def _compressed(parts: list[memoryview], level: int) -> bytes:
    """As `zlib.compress`, but for few repetitions: Z_FILTERED leaves more to Huffman's code, and
    Z_RLE, for level 1, nearly all: it takes less than half the time, and the same bytes."""
    strategy = zlib.Z_RLE if level == 1 else zlib.Z_FILTERED
    coder = zlib.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS, 9, strategy)
    return b"".join([*map(coder.compress, parts), coder.flush()])


def plain(values: Tensor | np.ndarray) -> np.ndarray:
    """Integers as they are, all others as float32; contiguous."""
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    kept = values.dtype.kind in "iu"
    return np.ascontiguousarray(values if kept else values.astype(np.float32))


def numpy64(maps: Tensor) -> np.ndarray:
    """(layers, heads, N, N) -> (layers * heads, N, N), float64."""
    return maps.detach().cpu().to(torch.float64).flatten(0, 1).numpy()
