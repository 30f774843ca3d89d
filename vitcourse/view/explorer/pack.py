"""Maps in few bytes: a byte for each weight, and exact numbers for each row beside them.

It sends a header (names and sizes, as JSON) and one block of bytes: sections one after the other,
the large types first, so that each begins where a typed array of JavaScript may begin.

A byte is the weight in 255ths of its row's largest. Only the largest itself has 255, so that its
place is known, too. That is enough to draw. Sum, maximum and share of the prefix tokens come from
the full weights, as float32; the entropy as one of 65536 steps from 0 to ln N. Sums are left out
where all are 1 to the digits that are shown.

The maps of the whole model have large diagonals, since each token keeps much of itself. These are
sent separately, exactly, and the bytes are in 255ths of the largest of the others.
"""

import base64
import io
import math
import zlib
from collections.abc import Sequence

import numpy as np
import torch
from matplotlib import colormaps
from PIL import Image
from torch import Tensor

STEPS = 255
ENTROPY_STEPS = 65535
SUM_IS_ONE = 2e-5  # shown as 1.0000
LARGEST_PICTURE = 672  # pixels; shown at about 400
STILL_HEIGHT = 192
LARGEST_QUERIES_KEYS = 1_000_000  # bytes; those of larger models are asked for, not sent

Numbers = dict[str, np.ndarray | Tensor]  # sections, before `_plain` makes them arrays to send


def pack_rows(maps: Tensor, own: bool = False) -> dict[str, np.ndarray]:
    """Maps (..., N, N) as "bytes" and, for each row, "max", "entropy", and "sum" where it is not 1.

    With `own`, the diagonal is "self", and "max" is the largest of the others.
    """
    size = maps.shape[-1]
    values = maps.detach().cpu().numpy().reshape(-1, size, size)
    packed = np.empty(values.shape, np.uint8)
    numbers = {name: np.empty(values.shape[:2], np.float32) for name in ("max", "sum")}
    numbers["entropy"] = np.empty(values.shape[:2], np.uint16)
    to_steps = ENTROPY_STEPS / math.log(max(size, 2))
    if own:
        numbers["self"] = np.ascontiguousarray(values.diagonal(axis1=1, axis2=2), np.float32)
    diagonal = np.arange(size)
    for i, rows in enumerate(values):  # one at a time: the copies stay in the cache
        rows = rows.astype(np.float64)
        numbers["sum"][i] = rows.sum(1)
        numbers["entropy"][i] = np.clip(np.rint(to_steps * entropy(rows)), 0, ENTROPY_STEPS)
        if own:
            rows[diagonal, diagonal] = 0
        largest = rows.max(1)
        numbers["max"][i] = largest
        steps = (STEPS / np.where(largest > 0, largest, 1))[:, None]
        packed[i] = np.minimum(np.rint(rows * steps), STEPS - 1)
        packed[i, diagonal, rows.argmax(1)] = STEPS
    if np.abs(numbers["sum"] - 1).max() < SUM_IS_ONE:
        del numbers["sum"]
    return {"bytes": packed, **numbers}


def entropy(rows: np.ndarray) -> np.ndarray:
    """-sum of a ln a of each row (..., N), in nats; 0 ln 0 is 0."""
    logs = np.log(rows, where=rows > 0, out=np.zeros_like(rows))
    return -np.einsum("...i,...i->...", rows, logs)


def pack(
    picture: Tensor,
    attention: Tensor,
    grid: tuple[int, int],
    num_prefix_tokens: int,
    flows: dict[str, Tensor],
    class_flows: dict[str, Tensor],
    classes: list[tuple[str, str, float]],
    queries_keys: tuple[Tensor, Tensor] | None,
    title: str,
) -> tuple[dict, dict[str, np.ndarray]]:
    """The header, and the sections by name. All arguments as in `explorer`, checked."""
    layers, heads, size, _ = attention.shape
    sections = _pack_attention(attention, num_prefix_tokens)
    listed: list[dict] = []
    for name, maps in (flows | class_flows).items():
        said, numbers = _pack_flow(maps, size, num_prefix_tokens)
        sections |= {f"flow {len(listed)} {key}": value for key, value in numbers.items()}
        listed.append({"name": name, "ofClasses": name in class_flows, **said})
    header = {
        "layers": layers,
        "heads": heads,
        "rows": grid[0],
        "columns": grid[1],
        "prefix": num_prefix_tokens,
        "title": title,
        "picture": picture_url(picture),
        "size": list(picture.shape[:0:-1]),  # width, height
        "flows": listed,
        "classes": [[question, name, float(p)] for question, name, p in classes],
        "headDim": queries_keys[0].shape[-1] if queries_keys else 0,
        "palettes": {name: palette(name) for name in ("viridis", "cividis")},
    }
    if queries_keys and sum(4 * t.numel() for t in queries_keys) <= LARGEST_QUERIES_KEYS:
        sections |= {"q": queries_keys[0], "k": queries_keys[1]}
    return header, {name: _plain(values) for name, values in sections.items()}


def _pack_attention(attention: Tensor, num_prefix_tokens: int) -> Numbers:
    """The heads of each layer, and the numbers of their mean."""
    # The mean of the heads can be made from the heads' bytes, but its exact numbers cannot.
    mean = torch.stack([layer.double().mean(0) for layer in attention])
    of_mean = pack_rows(mean)
    del of_mean["bytes"]
    return {
        **pack_rows(attention),
        **{f"mean {name}": values for name, values in of_mean.items()},
        "prefix": attention[..., :num_prefix_tokens].double().sum(-1),
        "mean prefix": mean[..., :num_prefix_tokens].sum(-1),
        "mean argmax": mean.argmax(-1).to(torch.int32),
    }


def _pack_flow(maps: Tensor, size: int, num_prefix_tokens: int) -> tuple[dict[str, bool], Numbers]:
    """A map of the whole model: what the header says of it, and its sections."""
    if maps.shape[-2:] != (size, size):
        return {"square": False}, {"values": maps}
    rows = pack_rows(maps, own=True)
    share = "sum" not in rows or bool(np.abs(rows["sum"] - 1).max() < 1e-3)
    prefix = maps[..., :num_prefix_tokens].double().sum(-1)
    return {"square": True, "share": share}, {**rows, "prefix": prefix}


def join(sections: dict[str, np.ndarray], level: int) -> tuple[dict[str, list], bytes]:
    """All sections as one block, and {name: [type, start, entries]}; compressed if level > 0."""
    table, parts, start = {}, [], 0
    for name, values in sorted(sections.items(), key=lambda item: -item[1].itemsize):
        table[name] = [values.dtype.name, start, values.size]
        parts.append(values.tobytes())
        start += values.nbytes
    block = b"".join(parts)
    return table, zlib.compress(block, level) if level else block


def _plain(values: Tensor | np.ndarray) -> np.ndarray:
    """Integers as they are, all others as float32; contiguous."""
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    kept = values.dtype.kind in "iu"
    return np.ascontiguousarray(values if kept else values.astype(np.float32))


def palette(name: str) -> str:
    """256 colours of matplotlib's as one long hexadecimal number."""
    colours = colormaps[name](np.arange(256), bytes=True)
    return colours[:, :3].tobytes().hex()


def picture_url(picture: Tensor) -> str:
    """The picture (3, H, W) as a data: address, not larger than it will be shown."""
    image = _image(picture)
    image.thumbnail((LARGEST_PICTURE, LARGEST_PICTURE))
    return webp_url(image, quality=88)


def still_image(picture: Tensor, weights: Tensor) -> Image.Image:
    """The picture (3, H, W) and one map (rows, columns) side by side, small."""
    image = _image(picture)
    size = STILL_HEIGHT * image.width // image.height, STILL_HEIGHT
    shades = weights.detach().cpu().double().numpy()
    colours = colormaps["viridis"](shades / shades.max(), bytes=True)[..., :3]
    still = Image.new("RGB", (2 * size[0] + 8, size[1]), "white")
    still.paste(image.resize(size), (0, 0))
    still.paste(Image.fromarray(colours).resize(size, Image.Resampling.NEAREST), (size[0] + 8, 0))
    return still


def _image(picture: Tensor) -> Image.Image:
    return Image.fromarray(picture.detach().cpu().permute(1, 2, 0).contiguous().numpy())


def webp_url(image: Image.Image, quality: int) -> str:
    """The image as a data: address."""
    buffer = io.BytesIO()
    image.save(buffer, format="webp", quality=quality, method=2)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


# What is wrong with the arguments ----------------------------------------------------------------


def require(
    picture, attention, grid, num_prefix_tokens, flows, class_flows, classes, queries_keys, ablate
) -> None:
    """Raise TypeError or ValueError, naming the argument, its value, and what would be right."""
    _tensor("picture", picture, "uint8 (3, H, W)")
    if picture.dtype != torch.uint8 or picture.ndim != 3 or picture.shape[0] != 3:
        raise ValueError(
            f"picture must be uint8 (3, H, W), got {picture.dtype} {tuple(picture.shape)}"
        )
    _attention(attention, grid, num_prefix_tokens)
    _flows(flows, class_flows, attention.shape[-1])
    _classes(classes)
    if class_flows and not classes:
        raise ValueError("classes is empty: name the classes that class_flows are of")
    for name, maps in class_flows.items():
        _class_flow(f"class_flows[{name!r}]", maps, len(classes), attention.shape[-1], grid)
    if queries_keys is not None:
        _queries_keys(queries_keys, attention)
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
    made = (q[-1].double() @ k[-1].double().mT / math.sqrt(q.shape[-1])).softmax(-1)
    off = float((made - attention[-1].double()).detach().abs().max())
    if not off < 1e-2:
        raise ValueError(
            f"queries_keys do not give this attention: softmax(q k^T / sqrt(d)) of the last layer "
            f"is off by up to {off:.2g}"
        )
