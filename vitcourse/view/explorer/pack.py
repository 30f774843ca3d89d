"""What goes to the browser: a header (names and sizes, as JSON) and sections of bytes.

How maps become bytes is in coding.py.
"""

import base64
import io
from typing import Any

import numpy as np
import torch
from matplotlib import colormaps
from PIL import Image
from torch import Tensor

from vitcourse.view.explorer import coding
from vitcourse.view.explorer.coding import FLOW_STEPS, STEPS, Sections

LARGEST_PICTURE = 672  # pixels; shown at about 400
STILL_HEIGHT = 192
LARGEST_QUERIES_KEYS = 1_000_000  # bytes; those of larger models are asked for, not sent
LARGEST_FINE = 10_000_000  # weights; more of them come in coarser steps, in half the bytes
LARGEST_FACTORED = 2_000_000  # weights; factors of more take seconds to find
COMPONENT_STEPS = 32767

Given = dict[str, Any]  # the arguments of `explorer`, checked


def pack(given: Given, saved: bool) -> tuple[dict, Sections]:
    """The header and the sections by name, for a saved page or for a notebook."""
    attention, picture = given["attention"], given["picture"]
    layers, heads, size, _ = attention.shape
    prefix, classes = given["num_prefix_tokens"], given["classes"]
    coded, sections = (_attention_to_save if saved else _attention_to_send)(given)
    sections |= _mean_of_heads(attention, prefix)
    listed: list[dict] = []
    for name, maps in (given["flows"] | given["class_flows"]).items():
        said, numbers = _pack_flow(maps, size, prefix)
        sections |= {f"flow {len(listed)} {key}": value for key, value in numbers.items()}
        listed.append({"name": name, "ofClasses": name in given["class_flows"], **said})
    header = {
        "layers": layers,
        "heads": heads,
        "rows": given["grid"][0],
        "columns": given["grid"][1],
        "prefix": prefix,
        "prefixNames": list(given["prefix_names"]),
        "answer": given["answer_token"],
        "title": given["title"],
        "picture": picture_url(picture),
        "size": list(picture.shape[:0:-1]),  # width, height
        "flows": listed,
        "classes": [[question, name, float(p)] for question, name, p in classes],
        "headDim": given["queries_keys"][0].shape[-1] if given["queries_keys"] else 0,
        "palettes": {name: palette(name) for name in ("viridis", "cividis")},
        "steps": _steps(attention),
        "flowSteps": FLOW_STEPS,
        **coded,
    }
    for key, pack_it in (("lens", _pack_lens), ("components", _pack_components)):
        if given[key] is not None:
            header[key], more = pack_it(given[key], classes)
            sections |= more
    return header, {name: coding.plain(values) for name, values in sections.items()}


def _attention_to_send(given: Given) -> tuple[dict, Sections]:
    """For a notebook, where speed counts: a byte for each weight."""
    attention, queries_keys = given["attention"], _small_enough(given["queries_keys"])
    sections = coding.pack_rows(attention, _steps(attention))
    sections["prefix"] = _prefix_share(attention, given["num_prefix_tokens"])
    if queries_keys:
        sections |= {"q": coding.plain(queries_keys[0]), "k": coding.plain(queries_keys[1])}
    return {}, sections


def _steps(attention: Tensor) -> int:
    """ViT-B/16's maps are fine. Those of 1025 tokens would make a page of 80 MB."""
    return STEPS if attention.numel() <= LARGEST_FINE else FLOW_STEPS


def _attention_to_save(given: Given) -> tuple[dict, Sections]:
    """For a page, where size counts: what attention was made from, if that is less."""
    said, sections = _attention_to_send(given)
    factored = _factors(given["attention"], _small_enough(given["queries_keys"]))
    if factored is None:
        return said, sections
    for name in {"bytes", "q", "k"} & sections.keys():
        del sections[name]
    factors, step, doubt, unit = factored
    sections |= {"a": coding.zigzag(factors.a), "b": coding.zigzag(factors.b)}
    sections |= {"scale": factors.scale, "doubt": doubt}
    sections["argmax"] = given["attention"].argmax(-1).cpu().numpy().astype(np.uint16)
    return {"factors": {"columns": len(factors.scale), "unit": unit, "step": step}}, sections


def _factors(attention: Tensor, queries_keys: tuple[Tensor, Tensor] | None):
    """What attention can be made from, the step of queries and keys if these are they, and the
    largest error of each row. None if there are no such factors, or not enough would be right."""
    step = None
    if queries_keys is not None:
        of_queries = coding.factors_of_queries_keys(*queries_keys)
        factors, step = of_queries if of_queries is not None else (None, None)
    elif attention.numel() <= LARGEST_FACTORED:
        factors = coding.factors_of_scores(coding.numpy64(attention))
    else:
        factors = None
    doubt = None if factors is None else coding.measured(coding.numpy64(attention), factors)
    return None if doubt is None else (factors, step, *doubt)


def _small_enough(queries_keys: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor] | None:
    if queries_keys is None or sum(4 * t.numel() for t in queries_keys) > LARGEST_QUERIES_KEYS:
        return None
    q, k = (t.detach().cpu() for t in queries_keys)
    return q, k


def _mean_of_heads(attention: Tensor, num_prefix_tokens: int) -> Sections:
    """The mean of a layer's heads can be made from the heads, but its exact numbers cannot."""
    mean = torch.stack([layer.cpu().double().mean(0) for layer in attention.detach()])
    numbers = coding.pack_rows(mean)
    del numbers["bytes"]
    numbers["prefix"] = _prefix_share(mean, num_prefix_tokens)
    numbers["argmax"] = mean.argmax(-1).numpy().astype(np.uint16)
    return {f"mean {name}": values for name, values in numbers.items()}


def _prefix_share(maps: Tensor, num_prefix_tokens: int) -> np.ndarray:
    """How much of each row goes to the prefix tokens, as steps."""
    return coding.as_steps(maps[..., :num_prefix_tokens].detach().cpu().double().sum(-1))


def _pack_flow(maps: Tensor, size: int, num_prefix_tokens: int) -> tuple[dict[str, bool], Sections]:
    """A map of the whole model: what the header says of it, and its sections."""
    if maps.shape[-2:] != (size, size):
        return {"square": False}, {"values": coding.plain(maps)}
    rows = coding.pack_rows(maps, FLOW_STEPS, own=True)
    share = "sum" not in rows or bool(np.abs(rows["sum"] - 1).max() < 1e-3)
    prefix = coding.plain(maps[..., :num_prefix_tokens].cpu().double().sum(-1))
    return {"square": True, "share": share}, {**rows, "prefix": prefix}


def _pack_lens(lens, classes) -> tuple[dict, Sections]:
    """Probabilities (depths, N, M) of all answers: those of the classes, and each token's best."""
    shares, answers = lens[0].detach().cpu(), [tuple(answer) for answer in lens[1]]
    columns = [answers.index((question, name)) for question, name, _ in classes]
    questions = list(dict.fromkeys(question for question, _ in answers))
    best, best_shares = [], []
    for asked in questions:
        those = torch.tensor([i for i, (question, _) in enumerate(answers) if question == asked])
        found = shares[..., those].max(-1)
        best.append(those[found.indices])
        best_shares.append(found.values)
    used, best = torch.stack(best, -1).unique(return_inverse=True)
    said = {"questions": len(questions), "names": [list(answers[i]) for i in used]}
    return said, {
        "lens": coding.as_steps(shares[..., columns]),
        "lens best": best.numpy().astype(np.uint16),
        "lens best shares": coding.as_steps(torch.stack(best_shares, -1)),
    }


def _pack_components(components, _) -> tuple[dict, Sections]:
    """Values (depths, rows, columns, 3) in 32767ths of each component's largest."""
    values, shares = (t.detach().cpu().double() for t in components)
    largest = values.abs().amax((1, 2)).clamp(min=1e-12)
    steps = (values / largest[:, None, None] * COMPONENT_STEPS).round()
    said = {"largest": largest.tolist(), "shares": shares.tolist()}
    return said, {"components": steps.numpy().astype(np.int16)}


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
