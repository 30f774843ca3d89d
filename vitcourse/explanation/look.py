"""`explain`: a model and an image become maps to walk through.

Maps are computed in `vitcourse.maps` and drawn in `vitcourse.view`; here the two meet.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitcourse import require
from vitcourse.bar import progress_bar
from vitcourse.data import SHAPES, cell_names, scenes, to_input
from vitcourse.explanation.inside import components_by_depth, read_by_lens
from vitcourse.maps import (
    TokenLayout,
    gradient_rollout,
    hidden_states,
    relevance,
    rollout,
    token_layout,
)
from vitcourse.maps.ablation import ablated
from vitcourse.maps.capture import block_numbers
from vitcourse.maps.gradients import sum_over_patches
from vitcourse.maps.patched import patched_attention, uncompiled
from vitcourse.maps.shapes import require_tokens
from vitcourse.model import attention
from vitcourse.model.weights import bundled, bundled_layout

if TYPE_CHECKING:
    from vitcourse.view.explorer import Explorer

Labels = Sequence[str] | Mapping[str, Sequence[str]]
Answer = tuple[str, str, float]  # question, name, probability


def explain(
    model: nn.Module | None = None,
    inputs: Tensor | None = None,
    *,
    picture: Tensor | None = None,
    labels: Labels | None = None,
    classes: int = 5,
    title: str = "",
) -> "Explorer":
    """What a model looks at in one image, and for which answer: an explorer to walk through.

    `model` is a ViT of ours, torchvision's or timm's, in evaluation mode; None means the bundled
    one. `inputs` is one image as the model takes it, (C, H, W) or (1, C, H, W); None means a scene,
    for the bundled model only. `picture` is what is shown, uint8 (3, H, W) of any size; None means
    `inputs`, its lowest number black and its highest white.

    `labels` names the logits in their order: a list of names; or {"what": [...], "where": [...]}
    where several questions share the logits and each has its own probabilities. `classes` is how
    many of the best answers to each question get maps. `title` is shown above it all.

    The explorer shows itself in a notebook; its to_html("page.html") writes it as a page. It has
    attention, rollout, gradient rollout, relevance and gradient x input, the logit lens and the
    components of the patches, and asks the model again when a head or a patch is taken away. A
    model without a head (DINO, DINOv2 and v3, MAE, CLIP's and SigLIP's) gives features, which are
    no answers: of it there are attention, rollout and components. A model of your own needs three
    things, which docs/own_model.md names.

    Raises ValueError, naming the argument, for one that does not fit; RuntimeError if the model's
    attention cannot be reached (see `vitcourse.maps.capture`).
    """
    return explain_and_answer(model, inputs, picture, labels, classes, title)[0]


def explain_and_answer(
    model: nn.Module | None = None,
    inputs: Tensor | None = None,
    picture: Tensor | None = None,
    labels: Labels | None = None,
    classes: int = 5,
    title: str = "",
) -> tuple["Explorer", list[Answer]]:
    """Like `explain`; also returns the best answers, best first within a question: none without
    a head."""
    from vitcourse.view.explorer import explorer

    require.positive_ints(classes=classes)
    if model is None:
        model, inputs, picture, labels = _bundled(inputs, picture, labels)
    model = uncompiled(model)
    depth = len(block_numbers(model, None))
    images = _as_images(inputs, model)
    layout = token_layout(model, images)
    picture = _as_picture(images[0]) if picture is None else _check_picture(picture)

    answers_asked = labels is not None or _has_head(model)
    with torch.inference_mode(False), torch.set_grad_enabled(answers_asked):
        images = images.clone().detach().requires_grad_()  # also where all weights are frozen
        seen = _look(model, images, depth)
        require_tokens(seen.maps[0].shape[-1], layout.grid, layout.num_prefix_tokens)
        questions = _questions(labels, len(seen.logits)) if answers_asked else {}
        best = _best(seen.logits, questions, classes)
        class_flows = _class_flows(seen, images, best, layout)
    answers = _answers(seen.logits, best, questions)
    maps, queries, keys = (torch.cat(tensors).detach().cpu() for tensors in seen[1:])
    del seen  # and with it everything that the gradients needed
    states = hidden_states(model, images.detach())[0]
    ablate = _ablation(model, images.detach(), questions, best, classes) if questions else None
    shown = explorer(
        _as_wide_as_the_patches(picture, images, layout),
        maps,
        layout.grid,
        layout.num_prefix_tokens,
        prefix_names=layout.prefix_names,
        answer_token=layout.answer_token,
        flows={"rollout": rollout(maps[None])[0]},
        class_flows=class_flows,
        classes=answers,
        queries_keys=(queries, keys),
        lens=read_by_lens(model, states, questions),
        components=components_by_depth(states, layout),
        ablate=ablate,
        title=writable(title),
    )
    return shown, answers


def writable(text: str) -> str:
    """The text without what UTF-8 cannot write: bytes that a file's name may hold, say."""
    return text.encode(errors="replace").decode()


def _has_head(model: Any) -> bool:
    """Are the numbers that the model gives those of classes, and not features?"""
    if getattr(model, "num_classes", 1) == 0:  # timm's
        return False
    cfg = getattr(model, "pretrained_cfg", None) or {}
    if "clip" in (cfg.get("architecture") or "") and "_ft_" not in (cfg.get("tag") or ""):
        return model.num_classes != cfg.get("num_classes")  # else CLIP's projection is there
    head = getattr(model, "head", getattr(model, "heads", None))
    return not isinstance(head, nn.Identity)


def _ablation(
    model: nn.Module, images: Tensor, questions: dict[str, list[str]], best: list[int], classes: int
) -> Callable[..., list[Answer]]:
    """What the explorer asks when a head or a patch is taken away."""

    def ablate(
        heads: Iterable[tuple[int, int]], patches: Iterable[int], by: str = "zero"
    ) -> list[Answer]:
        logits = ablated(model, images, heads, patches, by=by)[0]
        risen = [i for i in _best(logits, questions, classes) if i not in best]
        return _answers(logits, best + risen, questions)

    return ablate


class _Seen(NamedTuple):
    """One pass for one image. A tensor for each layer: those that the logits are made from."""

    logits: Tensor  # (num_classes,)
    maps: list[Tensor]  # each (1, heads, N, N)
    queries: list[Tensor]  # each (1, heads, N, head_dim)
    keys: list[Tensor]


def _look(model: nn.Module, images: Tensor, depth: int) -> _Seen:
    seen = {}

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        output, weights = attention(query, key, value)
        seen[layer] = (weights, query, key)
        return output

    with patched_attention(model, range(depth), attend):
        try:
            logits = model(images)
        except (AssertionError, RuntimeError) as error:  # torchvision and timm assert sizes
            shape = tuple(images.shape)
            raise ValueError(
                f"inputs of shape {shape}: the model fails on them: {error}"
            ) from error
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        said = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(f"model must give logits of shape (1, num_classes), got {said}")
    if not logits.isfinite().all():
        raise ValueError("model answers with NaN or infinity: its weights or the inputs are broken")
    return _Seen(logits[0], *map(list, zip(*(seen[i] for i in range(depth)), strict=True)))


def _class_flows(
    seen: _Seen, images: Tensor, best: list[int], layout: TokenLayout
) -> dict[str, Tensor]:
    """The maps of each class. Its gradients are as large as all attention: one class at a time."""
    if not best:
        return {}
    flows = [
        _flows_of_class(seen, images, index, layout)
        for index in progress_bar(best, "maps of answers")
    ]
    return {name: torch.cat([flow[name] for flow in flows]) for name in flows[0]}


def _flows_of_class(
    seen: _Seen, images: Tensor, index: int, layout: TokenLayout
) -> dict[str, Tensor]:
    *gradients, pixels = torch.autograd.grad(
        seen.logits[index], [*seen.maps, images], retain_graph=True
    )
    both = torch.stack(seen.maps, dim=1).detach(), torch.stack(gradients, dim=1)
    products = F.pad(images.detach() * pixels, _beyond(images, layout))
    products = sum_over_patches(products, layout.grid)  # as in `gradient_times_input`
    return {
        "relevance": relevance(*both).cpu(),
        "gradient rollout": gradient_rollout(*both).cpu(),
        "gradient x input": products.cpu(),
    }


# What was asked for, and whether it fits.


def _bundled(inputs: Tensor | None, picture: Tensor | None, labels: Labels | None):
    """The bundled model, a scene unless there are inputs, and what its answers are called."""
    layout = bundled_layout()
    if inputs is None:
        scene = scenes(1, **layout).images
        inputs = to_input(scene)
        picture = scene[0] if picture is None else picture
    if labels is None:
        labels = {"what": SHAPES, "where": cell_names(layout["grid"])}
    return bundled(), inputs, picture, labels


def _as_images(inputs: Tensor | None, model: nn.Module) -> Tensor:
    """A batch of one image, (1, C, H, W), where the model is and in its dtype."""
    if inputs is None:
        raise ValueError("inputs=None: only the bundled model (model=None) has a scene to look at")
    if not isinstance(inputs, Tensor) or not inputs.is_floating_point():
        said = inputs.dtype if isinstance(inputs, Tensor) else type(inputs).__name__
        raise ValueError(
            f"inputs must be a tensor of floats as the model takes it, got {said}; "
            "vitcourse.data.to_input prepares pictures of bytes for our own models"
        )
    images = inputs[None] if inputs.ndim == 3 else inputs
    if images.ndim != 4 or len(images) != 1:
        raise ValueError(
            f"inputs must be one image, (C, H, W) or (1, C, H, W), got {tuple(inputs.shape)}"
        )
    if not inputs.isfinite().all():
        raise ValueError("inputs hold NaN or infinity")
    return images.to(next(model.parameters()))


def _as_picture(image: Tensor) -> Tensor:
    """(C, H, W) of any range -> uint8 (3, H, W), the lowest number black and the highest white."""
    if len(image) not in (1, 3):
        raise ValueError(f"picture=None: inputs with {len(image)} channels need a picture to show")
    image = image.detach().float().cpu()
    low, high = image.min(), image.max()
    return ((image - low) / (high - low).clamp(min=1e-12) * 255).round().byte().expand(3, -1, -1)


def _beyond(images: Tensor, layout: TokenLayout) -> tuple[int, int, int, int]:
    """How far the patches reach beyond the image, as `F.pad` takes it: some models pad."""
    (height, width), (rows, columns) = layout.patch_size, layout.grid
    return 0, columns * width - images.shape[-1], 0, rows * height - images.shape[-2]


def _as_wide_as_the_patches(picture: Tensor, images: Tensor, layout: TokenLayout) -> Tensor:
    """The picture with a black edge where the patches reach beyond it."""
    _, right, _, below = _beyond(images, layout)
    height, width = picture.shape[-2:]
    right, below = right * width // images.shape[-1], below * height // images.shape[-2]
    return F.pad(picture, (0, max(right, 0), 0, max(below, 0)))


def _check_picture(picture: Tensor) -> Tensor:
    right = isinstance(picture, Tensor) and picture.dtype == torch.uint8
    if not right or picture.ndim != 3 or len(picture) != 3 or picture.numel() == 0:
        said = type(picture).__name__
        if isinstance(picture, Tensor):
            said = f"{picture.dtype} of shape {tuple(picture.shape)}"
        raise ValueError(f"picture must be uint8 of shape (3, H, W), got {said}")
    return picture.cpu()


def _questions(labels: Labels | None, num_logits: int) -> dict[str, list[str]]:
    """The names of the answers to each question, together as many as there are logits."""
    if labels is None:
        labels = [f"class {i}" for i in range(num_logits)]
    if isinstance(labels, str) or not isinstance(labels, Sequence | Mapping):
        raise ValueError(f"labels must be a list of names or a dict of lists, got {labels!r}")
    given = labels if isinstance(labels, Mapping) else {"": labels}
    for question, names in given.items():
        if isinstance(names, str) or not isinstance(names, Sequence) or len(names) == 0:
            raise ValueError(f"labels: {question!r} must have a list of names, got {names!r}")
    questions = {
        writable(str(q)): [writable(str(name)) for name in names] for q, names in given.items()
    }
    count = sum(map(len, questions.values()))
    if count != num_logits:
        raise ValueError(f"labels name {count} answers, but the model has {num_logits}")
    return questions


# From logits to answers. An answer's index counts the logits of all questions.


def _best(logits: Tensor, questions: dict[str, list[str]], classes: int) -> list[int]:
    """The indices of the best answers to each question, best first."""
    best, first = [], 0
    for names in questions.values():
        part = logits[first : first + len(names)]
        order = part.argsort(descending=True, stable=True)[:classes]
        best += (first + order).tolist()
        first += len(names)
    return best


def _answers(logits: Tensor, indices: list[int], questions: dict[str, list[str]]) -> list[Answer]:
    """Question, name and probability of these answers; a question's probabilities sum to 1."""
    if not questions:
        return []
    sizes = [len(names) for names in questions.values()]
    # First to the CPU: a Mac's GPU has no float64.
    parts = logits.detach().cpu().double().split(sizes)
    shares = torch.cat([part.softmax(0) for part in parts]).tolist()
    named = [(question, name) for question, names in questions.items() for name in names]
    return [(*named[index], shares[index]) for index in indices]
