"""Chapter 6, head and whole: read the answer, assemble the model, count it, load it.

Answers are judged by what they do, whatever they call their layers: every parameter of a model is
filled by its shape alone, so that two models of the same architecture give the same logits. While
an answer to 6.2 is judged, the course's parts stand in the learner's notebook; the learner's own
were judged in their chapters. A model for 6.4 is the one in the learner's notebook.
"""

import contextlib
import inspect
import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitcourse.exercises.engine import Exercise, Trial
from vitcourse.model import (
    MLP,
    ClassToken,
    Encoder,
    EncoderBlock,
    MultiHeadSelfAttention,
    PatchEmbedding,
    PositionEmbedding,
    VisionTransformer,
    count_parameters,
)
from vitcourse.model.weights import to_torchvision

# 6.1 ----------------------------------------------------------------------------------------------


class ClassificationHead(nn.Module):
    """Scores from the class token alone: (B, N + 1, D) -> (B, num_classes).

    Source: section 3.1 and equation 4 in Dosovitskiy et al. 2021; one linear layer, as in their
    fine-tuning.
    """

    def __init__(self, embed_dim: int, num_classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.linear(tokens[:, 0])


def _random_head(answer) -> nn.Module:
    """The learner's head with random weights, for D = 6 and 4 classes."""
    head = answer(6, 4)
    head(torch.zeros(1, 5, 6))  # a lazy layer has its weights from here on
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.normal_()
    return head


def _head_shape(answer):
    return _shape_of(_random_head(answer)(torch.randn(3, 5, 6)))


def _head_shape_elsewhere(answer):
    return _shape_of(answer(8, 3)(torch.randn(2, 10, 8)))


def _shape_of(result):
    return tuple(result.shape) if isinstance(result, Tensor) else result


def _head_sees(answer) -> list[int]:
    """Which of the five tokens the scores depend on: ones and zeros."""
    head, tokens = _random_head(answer), torch.randn(1, 5, 6)
    seen = []
    for i in range(5):
        other = tokens.clone()
        other[:, i] = 3 * torch.randn(6)
        seen.append(int((head(other) - head(tokens)).abs().max() > 1e-6))
    return seen


def _head_is_linear(answer) -> bool:
    head, (x, y) = _random_head(answer), torch.randn(2, 3, 5, 6)
    return _near(head(x + y) + head(torch.zeros(3, 5, 6)), head(x) + head(y))


def _near(a: Tensor, b: Tensor) -> bool:
    return bool(torch.allclose(a, b, atol=1e-4))


def _head_adds_to_one(answer) -> bool:
    return _near(_random_head(answer)(torch.randn(3, 5, 6)).sum(-1), torch.ones(3))


def _head_exp_adds_to_one(answer) -> bool:
    return _near(_random_head(answer)(torch.randn(3, 5, 6)).exp().sum(-1), torch.ones(3))


def _head_ignores_scale(answer) -> bool:
    head, tokens = _random_head(answer), torch.randn(3, 5, 6)
    return bool(torch.allclose(head(100 * tokens), head(tokens), atol=1e-2))


def _head_repeats(answer) -> bool:
    head, tokens = _random_head(answer), torch.randn(3, 5, 6)
    return _near(head(tokens), head(tokens))


def _head_trains(answer) -> str:
    head = _random_head(answer)
    result = head(torch.randn(3, 5, 6))
    if not result.requires_grad:
        return "weights that do not learn"
    result.square().sum().backward()
    reached = sum(p.numel() for p in head.parameters() if p.grad is not None)
    return f"{reached} numbers that learn"


def _head_hands_back(answer) -> bool:
    """Does a gradient reach the tokens, and with them the encoder?"""
    tokens = torch.randn(3, 5, 6, requires_grad=True)
    result = _random_head(answer)(tokens)
    if result.requires_grad:
        result.square().sum().backward()
    return tokens.grad is not None and bool(tokens.grad.abs().max() > 0)


HEAD = Exercise(
    id="6.1",
    name="ClassificationHead",
    title="Read the class token",
    difficulty=1,
    minutes=5,
    reference=ClassificationHead,
    hints=(
        "The tokens are (B, N + 1, D). Which one of the N + 1 stands for the whole image, and how "
        "do you pick it for all images of the batch at once?",
        "`tokens[:, 0]` is the class token of each image, (B, D). One `nn.Linear` makes scores of "
        "it.",
        "In `__init__`: `self.linear = nn.Linear(embed_dim, num_classes)`. In `forward`: "
        "`return self.linear(tokens[:, 0])`.",
    ),
    trials=(
        Trial("The shape of head(tokens) for tokens (3, 5, 6) and 4 classes", ask=_head_shape),
        Trial("The shape for tokens (2, 10, 8) and 3 classes", ask=_head_shape_elsewhere),
        Trial("The same tokens twice: the same scores?", ask=_head_repeats),
        Trial("Which of five tokens the scores depend on (1: yes)", ask=_head_sees),
        Trial("Do the scores add up to 1?", ask=_head_adds_to_one),
        Trial("Are the scores logarithms of probabilities?", ask=_head_exp_adds_to_one),
        Trial("Is the size of the class token lost?", ask=_head_ignores_scale),
        Trial("Does twice the sum give twice the scores (is it linear)?", ask=_head_is_linear),
        Trial("What an optimiser finds for D = 6 and 4 classes", ask=_head_trains),
        Trial("Does a gradient reach the tokens, and so the encoder?", ask=_head_hands_back),
    ),
)

# 6.2 ----------------------------------------------------------------------------------------------

# Sizes of which no two parameters of different roles share a shape, but for the vectors of length
# D: those are all filled alike.
_SIZES = {
    "image_size": (6, 9),
    "patch_size": 3,
    "in_channels": 2,
    "num_classes": 5,
    "embed_dim": 12,
    "depth": 2,
    "num_heads": 3,
    "mlp_dim": 20,
    "dropout": 0.0,
}
_OTHER_SIZES = {
    "image_size": (8, 8),
    "patch_size": 2,
    "in_channels": 1,
    "num_classes": 3,
    "embed_dim": 8,
    "depth": 3,
    "num_heads": 2,
    "mlp_dim": 14,
    "dropout": 0.0,
}
_COURSE_PARTS = {
    "PatchEmbedding": PatchEmbedding,
    "ClassToken": ClassToken,
    "PositionEmbedding": PositionEmbedding,
    "MultiHeadSelfAttention": MultiHeadSelfAttention,
    "MLP": MLP,
    "EncoderBlock": EncoderBlock,
    "Encoder": Encoder,
    "ClassificationHead": ClassificationHead,
}


def _scope(answer) -> dict:
    """The global names that the answer sees: those of the learner's notebook."""
    function = inspect.unwrap(answer)
    if inspect.isclass(answer):
        function = vars(answer).get("__init__", vars(answer).get("forward"))
    return getattr(function, "__globals__", {})


@contextlib.contextmanager
def _course_parts(answer) -> Iterator[None]:
    """The course's parts under the names by which the answer knows its own."""
    scope = _scope(answer)
    before = {name: scope[name] for name in _COURSE_PARTS if name in scope}
    scope.update({name: _COURSE_PARTS[name] for name in before})
    try:
        yield
    finally:
        scope.update(before)


def _made(answer, sizes: dict, **changes) -> nn.Module:
    """The learner's model, its parameters filled by their shapes, ready to predict."""
    model = answer(**(sizes | changes))
    if not isinstance(model, nn.Module):
        raise TypeError(f"VisionTransformer(...) should be an nn.Module, it is {type(model)}")
    model(_images(sizes)[:1])  # a lazy layer has its weights from here on
    with torch.no_grad():
        for module in _with_hidden(model):
            for parameter in module.parameters():
                parameter.copy_(_by_shape(parameter.shape, sizes["embed_dim"]))
    return model.eval()


def _with_hidden(model: nn.Module) -> list[nn.Module]:
    """The model, and modules in plain lists, which no optimiser finds."""
    hidden = [
        item
        for module in model.modules()
        for value in vars(module).values()
        if isinstance(value, list | tuple)
        for item in value
        if isinstance(item, nn.Module)
    ]
    return [model, *hidden]


def _by_shape(shape: torch.Size, dim: int) -> Tensor:
    """Numbers that depend on the shape alone, and not on how a matrix is stored.

    A convolution's kernel counts as the matrix that it is; a square matrix is symmetric; three
    matrices stored as one, as for q, k and v, are three times the same.
    """
    if math.prod(shape) == dim:
        return (1 + 0.5 * _noise(dim)).reshape(shape)
    kept = [size for size in shape if size > 1]
    if len(kept) <= 1:
        part = (1 + 0.5 * _noise(dim)).repeat(3) if kept == [3 * dim] else _noise(math.prod(shape))
        return part.reshape(shape)
    rows, columns = kept[0], math.prod(kept[1:])
    if {rows, columns} == {dim, 3 * dim}:
        matrix = _matrix(dim, dim).repeat(3, 1)
    else:
        matrix = _matrix(max(rows, columns), min(rows, columns))
    return (matrix if matrix.shape == (rows, columns) else matrix.T).reshape(shape)


def _noise(*shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(sum(shape) * 101 + len(shape))
    return torch.randn(shape, generator=generator)


def _matrix(rows: int, columns: int) -> Tensor:
    matrix = 1.5 * _noise(rows, columns) / math.sqrt(rows)
    return (matrix + matrix.T) / 2 if rows == columns else matrix


def _images(sizes: dict) -> Tensor:
    """Three images, each patch of one value: the order of the pixels in it does not matter."""
    (height, width), p = sizes["image_size"], sizes["patch_size"]
    values = _noise(3, 1, height // p, width // p)
    return F.interpolate(values, scale_factor=p).expand(-1, sizes["in_channels"], -1, -1).clone()


def _ask_model(question, sizes: dict = _SIZES, **changes):
    """A trial's `ask`: put a question to the model that the answer makes."""

    def ask(answer):
        with _course_parts(answer):
            model = _made(answer, sizes, **changes)
            return question(model, _images(sizes))

    return ask


def _logits(model, images):
    result = model(images)
    return result.detach() if isinstance(result, Tensor) else result


def _in_training(model, images):
    return _logits(model.train(), images)


def _repeats(model, images) -> bool:
    return _near(model(images), model(images))


def _each_by_itself(model, images) -> bool:
    return _near(model(images)[:1], model(images[:1]))


def _count(model, images) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _reached(model, images) -> int:
    result = model(images)
    if result.requires_grad:
        (result * _noise(*result.shape)).sum().backward()
    return sum(p.numel() for p in model.parameters() if p.grad is not None)


ASSEMBLE = Exercise(
    id="6.2",
    name="VisionTransformer",
    title="Assemble the Vision Transformer",
    difficulty=3,
    minutes=20,
    reference=VisionTransformer,
    hints=(
        "Say in one sentence what happens to an image from pixels to scores. Which part does each "
        "step, and how many tokens are there after each?",
        "Make five parts in `__init__`: patch embedding, class token, positions (how many?), "
        "encoder, head. In `forward` call them in this order; dropout comes after the positions.",
        "`tokens = self.class_token(self.patch_embed(images))`, then "
        "`tokens = self.dropout(self.positions(tokens))`, then "
        "`return self.head(self.encoder(tokens))`. There are N + 1 positions.",
    ),
    trials=(
        Trial("How many numbers the model learns", ask=_ask_model(_count)),
        Trial(
            "model(images) for 3 images of 6 x 9 pixels, patch_size=3, depth=2, 5 classes",
            ask=_ask_model(_logits),
        ),
        Trial("The same images twice: the same scores?", ask=_ask_model(_repeats)),
        Trial(
            "The scores of an image: the same alone and in a batch?",
            ask=_ask_model(_each_by_itself),
        ),
        Trial(
            "How many of its numbers a gradient reaches (the others are never used)",
            ask=_ask_model(_reached),
        ),
        Trial(
            "model(images) for other sizes: 8 x 8 pixels, grey, patch_size=2, depth=3",
            ask=_ask_model(_logits, _OTHER_SIZES),
        ),
        Trial(
            "model.eval()(images) of a model with dropout=1.0",
            ask=_ask_model(_logits, dropout=1.0),
        ),
        Trial(
            "model.train()(images) with dropout=1.0, which drops everything it acts on",
            ask=_ask_model(_in_training, dropout=1.0),
        ),
    ),
)

# 6.3 ----------------------------------------------------------------------------------------------

_BASE = {
    "image_size": (224, 224),
    "patch_size": 16,
    "in_channels": 3,
    "num_classes": 1000,
    "embed_dim": 768,
    "depth": 12,
    "mlp_dim": 3072,
}
_SMALL = _SIZES | {"image_size": (6, 12)}
_COUNTED = tuple(name for name in _BASE)


def _count_trial(says: str, sizes: dict) -> Trial:
    sizes = {name: sizes[name] for name in _COUNTED}
    return Trial(says, (sizes,), ask=lambda answer, sizes: answer(**sizes))


COUNT = Exercise(
    id="6.3",
    name="count_parameters",
    title="Count the parameters by formula",
    difficulty=2,
    minutes=15,
    reference=count_parameters,
    hints=(
        "Walk through the model from pixels to scores and write down each layer. A Linear layer "
        "from a to b numbers learns how many?",
        "Linear: a * b + b. LayerNorm: 2 D. Attention is four Linear layers from D to D (q, k, v "
        "and the output), the MLP two. Then the vectors that stand alone: one class token and "
        "N + 1 positions.",
        "A block: `2 * D + 4 * (D * D + D) + 2 * D + (D * M + M) + (M * D + D)`. The whole: "
        "`(C * P * P * D + D) + D + (N + 1) * D + depth * block + 2 * D + (D * K + K)`.",
    ),
    trials=(
        _count_trial("A small model: 6 x 12 pixels, P=3, C=2, 5 classes, D=12, 2 blocks", _SMALL),
        _count_trial("ViT-B/16", _BASE),
        _count_trial("ViT-B/16 for images of 192 x 256 pixels", _BASE | {"image_size": (192, 256)}),
        _count_trial("Another small model", _OTHER_SIZES),
    ),
)

# 6.4 ----------------------------------------------------------------------------------------------

_RENAMED = (
    ("class_token", "class_token.cls_token"),
    ("conv_proj.", "patch_embed.proj."),
    ("encoder.pos_embedding", "positions.pos_embed"),
    ("encoder.layers.encoder_layer_", "encoder.blocks."),
    (".ln_1.", ".norm1."),
    (".ln_2.", ".norm2."),
    (".self_attention.in_proj_", ".attn.qkv."),
    (".self_attention.out_proj.", ".attn.proj."),
    (".mlp.linear_1.", ".mlp.fc1."),
    (".mlp.linear_2.", ".mlp.fc2."),
    (".mlp.0.", ".mlp.fc1."),
    (".mlp.3.", ".mlp.fc2."),
    ("encoder.ln.", "encoder.norm."),
)


def rename_torchvision(state_dict: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """torchvision's tensors under the names of `model`.

    The model has the course's names, or other names for the same tensors in the same order. The
    head's two may be called anything that starts with `head.`, and the patches' layer may be a
    Linear or a Conv2d. Raises ValueError for a model that is put together otherwise.
    """
    own = model.state_dict()
    head = {name.rpartition(".")[2]: name for name in own if name.startswith("head.")}
    renamed = {}
    for name, tensor in state_dict.items():
        for theirs, ours in _RENAMED:
            name = name.replace(theirs, ours)
        if name.startswith("heads.head."):
            end = name.rpartition(".")[2]
            name = head.get(end, f"head.{end}")
        renamed[name] = tensor
    if renamed.keys() != own.keys():
        places = {"patch_embed": 0, "class_token": 1}
        in_order = sorted(renamed, key=lambda name: places.get(name.split(".")[0], 2))
        if [renamed[n].numel() for n in in_order] != [t.numel() for t in own.values()]:
            raise ValueError(
                "the course's rename_torchvision does not know the names in your model; "
                "with names of your own, solve 6.4 yourself"
            )
        renamed = {new: renamed[old] for new, old in zip(own, in_order, strict=True)}
    return {name: tensor.reshape(own[name].shape) for name, tensor in renamed.items()}


def _twin(sizes: dict, old_names: bool = False) -> dict[str, Tensor]:
    """A torchvision state dict with random weights, in torchvision's order."""
    model = VisionTransformer(**sizes)
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            width = math.prod(parameter.shape[1:]) if parameter.ndim in (2, 4) else 4
            parameter.copy_(noise / math.sqrt(width))
        for name, parameter in model.named_parameters():
            if "norm" in name and name.endswith("weight"):
                parameter.add_(1)
    tensors = to_torchvision(model)
    last = [name for name in tensors if name.startswith(("encoder.ln.", "heads."))]
    first = ["class_token", "conv_proj.weight", "conv_proj.bias", "encoder.pos_embedding"]
    names = [*first, *(n for n in tensors if n not in (*first, *last)), *last]
    ordered = {name: tensors[name].detach() for name in names}
    if old_names:
        return {
            n.replace(".mlp.0.", ".mlp.linear_1.").replace(".mlp.3.", ".mlp.linear_2."): t
            for n, t in ordered.items()
        }
    return ordered


_TWIN_SIZES = _SIZES | {"image_size": (6, 6), "embed_dim": 12, "depth": 3}
_DEEP_SIZES = _TWIN_SIZES | {"depth": 11, "embed_dim": 6, "mlp_dim": 8, "num_heads": 2}


def _model_of(answer, sizes: dict) -> nn.Module:
    """A model of the class that the answer's notebook calls VisionTransformer."""
    function = inspect.unwrap(getattr(answer, "func", answer))
    kind = getattr(function, "__globals__", {}).get("VisionTransformer", VisionTransformer)
    return kind(**sizes).eval()


def _names_fit(sizes: dict):
    def ask(answer, state_dict) -> str | None:
        model = _model_of(answer, sizes)
        result = answer(state_dict, model)
        if result is None:
            return None
        if not isinstance(result, dict):
            return f"a {type(result).__name__} in place of a dict"
        own = model.state_dict()
        missing = [name for name in own if name not in result]
        unexpected = [name for name in result if name not in own]
        said = f"nothing for {missing[0]!r}" if missing else ""
        said += f"{' and ' if said else ''}no place for {unexpected[0]!r}" if unexpected else ""
        return said or "every name fits"

    return ask


def _shapes_fit(answer, state_dict) -> str:
    model = _model_of(answer, _TWIN_SIZES)
    own, result = model.state_dict(), answer(state_dict, model)
    for name in own:
        if name in result and result[name].shape != own[name].shape:
            return f"{name!r} is {tuple(result[name].shape)}, not {tuple(own[name].shape)}"
    return "every shape fits"


def _loaded_logits(sizes: dict):
    def ask(answer, state_dict) -> Tensor:
        model = _model_of(answer, sizes)
        model.load_state_dict(answer(state_dict, model))
        generator = torch.Generator().manual_seed(7)
        images = torch.randn(3, sizes["in_channels"], 6, 6, generator=generator)
        return model(images).detach()

    return ask


def _alone(answer, state_dict) -> str:
    """Is the model left as it was?"""
    model = _model_of(answer, _TWIN_SIZES)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    answer(state_dict, model)
    after = model.state_dict()
    same = before.keys() == after.keys() and all(torch.equal(before[n], after[n]) for n in before)
    return "as it was" if same else "changed"


RENAME = Exercise(
    id="6.4",
    name="rename_torchvision",
    title="Weights from somebody else",
    difficulty=3,
    minutes=25,
    reference=rename_torchvision,
    hints=(
        "Print the names of both state dicts next to each other. Which part of torchvision's "
        "model does the work of which part of yours?",
        "Most of it is replacing pieces of names: `encoder.layers.encoder_layer_` becomes "
        "`encoder.blocks.`, and so on. Where shapes differ, as for a Linear patch embedding, "
        "reshape to the shape that `model.state_dict()` has there.",
        "A list of pairs and two loops: `for name, tensor in state_dict.items():`, in it "
        "`for theirs, ours in PAIRS: name = name.replace(theirs, ours)`, then "
        "`renamed[name] = tensor.reshape(own[name].shape)`.",
    ),
    trials=(
        Trial("The names", (_twin(_TWIN_SIZES),), ask=_names_fit(_TWIN_SIZES)),
        Trial("The shapes", (_twin(_TWIN_SIZES),), ask=_shapes_fit),
        Trial(
            "The logits of 3 images after load_state_dict",
            (_twin(_TWIN_SIZES),),
            ask=_loaded_logits(_TWIN_SIZES),
            errors_alike=True,
        ),
        Trial(
            "The logits of a model of 11 blocks",
            (_twin(_DEEP_SIZES),),
            ask=_loaded_logits(_DEEP_SIZES),
            errors_alike=True,
        ),
        Trial(
            "The names for a file from before 2022 (mlp.linear_1, mlp.linear_2)",
            (_twin(_TWIN_SIZES, old_names=True),),
            ask=_names_fit(_TWIN_SIZES),
            errors_alike=True,
        ),
        Trial(
            "The logits for a file from before 2022",
            (_twin(_TWIN_SIZES, old_names=True),),
            ask=_loaded_logits(_TWIN_SIZES),
            errors_alike=True,
        ),
        Trial("The model itself", (_twin(_TWIN_SIZES),), ask=_alone),
    ),
)

EXERCISES = (HEAD, ASSEMBLE, COUNT, RENAME)
