"""Chapter 6, head and whole: read the answer, assemble the model, count it, load it.

Answers are judged by what they do, whatever they call their layers: every parameter of a model is
filled by its shape alone, so that two models of the same architecture give the same logits. While
an answer to 6.2 is judged, the course's parts stand in the learner's notebook; the learner's own
were judged in their chapters. A model for 6.4 is the one in the learner's notebook.
"""

import inspect
import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitcourse.exercises.battery import battery
from vitcourse.exercises.compare import Words, same_value, shape_of
from vitcourse.exercises.course_answers import (
    ClassificationHead,
    PaperHead,
    rename_torchvision,
)
from vitcourse.exercises.engine import Easier, Exercise, Trial
from vitcourse.exercises.standing_in import course_parts
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

# Weights that depend on a model's architecture alone ---------------------------------------------


def _filled(model: nn.Module, dim: int) -> nn.Module:
    """The model, each parameter filled by its shape alone; `dim` is D."""
    with torch.no_grad():
        for module in _with_hidden(model):
            for parameter in module.parameters():
                parameter.copy_(_by_shape(parameter.shape, dim))
    return model


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


@lru_cache
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


@lru_cache
def _noise(*shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(sum(shape) * 101 + len(shape))
    return torch.randn(shape, generator=generator)


def _matrix(rows: int, columns: int) -> Tensor:
    matrix = 1.5 * _noise(rows, columns) / math.sqrt(rows)
    return (matrix + matrix.T) / 2 if rows == columns else matrix


# 6.1 ----------------------------------------------------------------------------------------------


def _head(answer, embed_dim: int = 6, num_classes: int = 4) -> nn.Module:
    """The learner's head, its weights filled by their shapes."""
    head = answer(embed_dim, num_classes)
    head(torch.zeros(2, 5, embed_dim))  # a lazy layer has its weights from here on
    return _filled(head, embed_dim)


def _head_shape(shape: tuple, num_classes: int):
    def ask(answer):
        result = answer(shape[2], num_classes)(torch.randn(shape))
        return shape_of(result) if isinstance(result, Tensor) else result

    return ask


def _head_sees(answer) -> list[int]:
    """Which of the five tokens the scores depend on: ones and zeros."""
    head, tokens = _head(answer), torch.randn(1, 5, 6)
    seen = []
    for i in range(5):
        other = tokens.clone()
        other[:, i] = 3 * torch.randn(6)
        seen.append(int((head(other) - head(tokens)).abs().max() > 1e-6))
    return seen


def _head_is_linear(answer) -> bool:
    head, (x, y) = _head(answer), torch.randn(2, 3, 5, 6)
    return _near(head(x + y) + head(torch.zeros(3, 5, 6)), head(x) + head(y))


def _near(a: Tensor, b: Tensor) -> bool:
    return bool(torch.allclose(a, b, atol=1e-4))


def _head_adds_to_one(answer) -> bool:
    return _near(_head(answer)(torch.randn(3, 5, 6)).sum(-1), torch.ones(3))


def _head_exp_adds_to_one(answer) -> bool:
    return _near(_head(answer)(torch.randn(3, 5, 6)).exp().sum(-1), torch.ones(3))


def _head_ignores_scale(answer) -> bool:
    head, tokens = _head(answer), torch.randn(3, 5, 6)
    return bool(torch.allclose(head(100 * tokens), head(tokens), atol=1e-2))


def _head_repeats(answer) -> bool:
    head, tokens = _head(answer), torch.randn(3, 5, 6)
    return _near(head(tokens), head(tokens))


def _head_repeats_in_eval(answer) -> bool:
    head, tokens = _head(answer).eval(), torch.randn(3, 5, 6)
    return _near(head(tokens), head(tokens))


def _head_trains(answer) -> str:
    head = _head(answer)
    result = head(torch.randn(3, 5, 6))
    if not result.requires_grad:
        return "weights that do not learn"
    result.square().sum().backward()
    numbers = sum(p.numel() for p in head.parameters())
    reached = sum(p.numel() for p in head.parameters() if p.grad is not None)
    return f"{numbers} numbers, " + ("all" if reached == numbers else f"{reached}") + " in use"


def _head_hands_back(answer) -> bool:
    """Does a gradient reach the tokens, and with them the encoder?"""
    tokens = torch.randn(3, 5, 6, requires_grad=True)
    result = _head(answer)(tokens)
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
        Trial(
            "head(tokens) for tokens (3, 5, 6) and 4 classes",
            ask=_head_shape((3, 5, 6), 4),
        ),
        Trial("head(tokens) for tokens (2, 10, 8) and 3 classes", ask=_head_shape((2, 10, 8), 3)),
        Trial(
            "Do the same tokens give the same scores twice?",
            ask=_head_repeats,
            easier=(Easier("in evaluation mode", "in training mode", (), _head_repeats_in_eval),),
        ),
        Trial("Which of five tokens the scores depend on (1: yes)", ask=_head_sees),
        Trial("Do the scores add up to 1?", ask=_head_adds_to_one),
        Trial("Are the scores logarithms of probabilities?", ask=_head_exp_adds_to_one),
        Trial("Is the size of the class token lost?", ask=_head_ignores_scale),
        Trial("Does twice the sum give twice the scores (is it linear)?", ask=_head_is_linear),
        Trial("What an optimiser finds for D = 6 and 4 classes", ask=_head_trains),
        Trial("Does a gradient reach the tokens, and so the encoder?", ask=_head_hands_back),
        Trial("head(tokens)", (_noise(3, 5, 6),), ask=lambda answer, x: _head(answer)(x).detach()),
        *battery("head(tokens)", (_noise(3, 5, 6),), build=_head),
        Trial(
            "head(tokens) for tokens (2, 1, 8) and 1 class",
            ask=_head_shape((2, 1, 8), 1),
            easier=(Easier("for 3 classes", "for one class", (), _head_shape((2, 1, 8), 3)),),
        ),
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


def _made(answer, sizes: dict, **changes) -> nn.Module:
    """The learner's model, its parameters filled by their shapes, ready to predict."""
    model = answer(**(sizes | changes))
    if not isinstance(model, nn.Module):
        raise TypeError(f"VisionTransformer(...) should be an nn.Module, it is {type(model)}")
    if any(isinstance(p, nn.UninitializedParameter) for p in model.parameters()):
        model(_images(sizes)[:1])  # a lazy layer has its weights from here on
    return _filled(model, sizes["embed_dim"]).eval()


def _images(sizes: dict) -> Tensor:
    """Three images, each patch of one value: the order of the pixels in it does not matter."""
    (height, width), p = sizes["image_size"], sizes["patch_size"]
    values = _noise(3, 1, height // p, width // p)
    return F.interpolate(values, scale_factor=p).expand(-1, sizes["in_channels"], -1, -1).clone()


def _ask_model(question, sizes: dict = _SIZES, **changes):
    """A trial's `ask`: put a question to the model that the answer makes."""

    def ask(answer):
        with course_parts(answer, _COURSE_PARTS):
            model = _made(answer, sizes, **changes)
            return question(model, _images(sizes))

    return ask


def _model(answer) -> nn.Module:
    with course_parts(answer, _COURSE_PARTS):
        return _made(answer, _SIZES)


def _logits(model, images):
    result = model(images)
    return result.detach() if isinstance(result, Tensor) else result


def _in_training(model, images):
    return _logits(model.train(), images)


def _mode_after(model, images) -> Words:
    model.train()(images)
    return Words("training mode" if model.training else "evaluation mode")


def _count(model, images) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _reached(model, images) -> int:
    result = model(images)
    if result.requires_grad:
        (result * _noise(*result.shape)).sum().backward()
    return sum(p.numel() for p in model.parameters() if p.grad is not None)


def _gradient(model, images):
    """What reaches each patch; the order of the pixels in a patch is the learner's affair."""
    images.requires_grad_()
    result = model(images)
    if not result.requires_grad:
        return Words("no gradient")
    (result * _noise(*result.shape)).sum().backward()
    return Words("no gradient") if images.grad is None else F.avg_pool2d(images.grad, 3).sum(1)


def _dropped(model, images) -> Words:
    """What dropout=0.5 does to the tokens on their way to the first norm, that of block 0."""
    images, right = images.repeat(4, 1, 1, 1), Words("half of them are 0, the others doubled")
    before, after = (_first_normed(model.train(mode), images) for mode in (False, True))
    if before is None or after is None or before.shape != after.shape:
        return right  # norms of another make: not to be seen from outside
    kept = after != 0
    share = float(kept.float().mean())
    dropped = "half" if 0.4 < share < 0.6 else f"{1 - share:.0%}"
    if (after == 0).all(-1).float().mean() > 0.2:
        return Words("whole tokens are 0")
    same, doubled = (_near(after[kept], factor * before[kept]) for factor in (1, 2))
    others = "doubled" if doubled else "unchanged" if same else "not doubled"
    return Words(f"{dropped} of them are 0, the others {others}")


def _first_normed(model, images) -> Tensor | None:
    """The first input of a layer norm."""
    layer_norm, seen = F.layer_norm, []

    def spy(x, *args, **kwargs):
        seen.append(x.detach())
        return layer_norm(x, *args, **kwargs)

    F.layer_norm = spy
    try:
        model(images)
    finally:
        F.layer_norm = layer_norm
    return seen[0] if seen else None


def _easier(question) -> tuple[Easier, ...]:
    """The same question of models in which something typed in by hand would fit."""
    cases = (
        ("for square images", "for 6 x 9 pixels", {"image_size": (6, 6)}),
        ("for 3 channels", "for 2 channels", {"in_channels": 3}),
        ("for mlp_dim = 4 * embed_dim", "for other mlp_dim", {"mlp_dim": 48}),
        ("for depth=12", "for depth=2", {"depth": 12}),
        ("for 12 heads", "for 3 heads", {"num_heads": 12}),
        ("for 1000 classes", "for 5 classes", {"num_classes": 1000}),
    )
    return tuple(
        Easier(right, wrong, (), _ask_model(question, _SIZES | sizes))
        for right, wrong, sizes in cases
    )


_WITHOUT_DROPOUT = (
    Easier("without dropout", "with dropout", (), _ask_model(_in_training)),
    Easier("in evaluation mode", "in training mode", (), _ask_model(_logits)),
)

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
        Trial(
            "How many numbers the model learns",
            ask=_ask_model(_count),
            easier=_easier(_count),
        ),
        Trial(
            "model(images) for 3 images of 6 x 9 pixels, patch_size=3, depth=2, 5 classes",
            ask=_ask_model(_logits),
            easier=_easier(_logits),
        ),
        Trial(
            "How many of the model's numbers a gradient reaches (the others are never used)",
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
        Trial("The model's mode after model.train()(images)", ask=_ask_model(_mode_after)),
        Trial(
            "model.train()(images) with dropout=1.0, which drops everything it acts on",
            ask=_ask_model(_in_training, dropout=1.0),
            easier=_WITHOUT_DROPOUT,
        ),
        Trial(
            "The numbers that enter block 0 in training with dropout=0.5",
            ask=_ask_model(_dropped, dropout=0.5),
            easier=_WITHOUT_DROPOUT,
        ),
        Trial(
            "model.train()(images) of a model made without giving `dropout`",
            ask=_ask_model(_in_training, {n: x for n, x in _SIZES.items() if n != "dropout"}),
            easier=(
                Easier("with dropout=0.0", "by default", (), _ask_model(_in_training)),
                *_WITHOUT_DROPOUT,
            ),
        ),
        Trial("The gradient that reaches each patch", ask=_ask_model(_gradient)),
        # In bfloat16, right models that compute in another order differ too much. The images hold
        # negative and fractional numbers as they are.
        *battery(
            "model(images)",
            (_images(_SIZES),),
            build=_model,
            without=("bfloat16", "gradients", "numbers"),
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


def _count_of(sizes: dict) -> tuple:
    return ({name: sizes[name] for name in _COUNTED},)


def _counted(answer, sizes: dict):
    return answer(**sizes)


def _count_trial(says: str, sizes: dict) -> Trial:
    """A count, and easier ones: where something is typed in by hand, one of them is right."""
    cases = (
        ("for square images", {"image_size": (6, 6)}),
        ("for 3 channels", {"in_channels": 3}),
        ("for 1000 classes", {"num_classes": 1000}),
        ("for mlp_dim = 4 * embed_dim", {"mlp_dim": 4 * sizes["embed_dim"]}),
        ("for depth=12", {"depth": 12}),
        ("for depth=1", {"depth": 1}),
        ("for patch_size=16", {"patch_size": 16, "image_size": (32, 48)}),
        ("for embed_dim=768", {"embed_dim": 768}),
        ("for ViT-B/16", _BASE),
    )
    easier = tuple(
        Easier(right, "for other sizes", _count_of(sizes | case), _counted) for right, case in cases
    )
    return Trial(says, _count_of(sizes), _counted, easier=easier)


COUNT = Exercise(
    id="6.3",
    name="count_parameters",
    title="Count the parameters by formula",
    difficulty=2,
    minutes=15,
    reference=count_parameters,
    hints=(
        "Walk through the model from pixels to scores and write down each layer. How many "
        "numbers does a Linear layer from a to b numbers learn?",
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
        _count_trial(
            "Another small model, with one block",
            _OTHER_SIZES | {"depth": 1, "image_size": (10, 6)},
        ),
        _count_trial("Another small model, with 3 blocks", _OTHER_SIZES),
    ),
)

# 6.4 ----------------------------------------------------------------------------------------------


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


_TWIN_SIZES = _SIZES | {"image_size": (6, 6)}
_DEEP_SIZES = _TWIN_SIZES | {
    "depth": 11, "embed_dim": 6, "mlp_dim": 8, "num_heads": 2, "in_channels": 1, "num_classes": 1,
}  # fmt: skip


def _model_of(answer, sizes: dict) -> nn.Module:
    """A model of the class that the answer's notebook calls VisionTransformer."""
    function = inspect.unwrap(getattr(answer, "func", answer))
    kind = getattr(function, "__globals__", {}).get("VisionTransformer", VisionTransformer)
    return kind(**sizes).eval()


_ALL_FIT = "all names and shapes fit"


def _fits(sizes: dict):
    def ask(answer, state_dict) -> Words | None:
        model = _model_of(answer, sizes)
        return _fit(answer(state_dict, model), model.state_dict())

    return ask


def _fit(result, own: dict) -> Words | None:
    """Whether the result's names and shapes are the model's own, in words."""
    if result is None:
        return None
    if not isinstance(result, dict):
        return Words(f"a {type(result).__name__} instead of a dict")
    missing = [name for name in own if name not in result]
    unexpected = [name for name in result if name not in own]
    said = [f"no tensor for {_first(missing)}"] if missing else []
    said += [f"no place in the model for {_first(unexpected)}"] if unexpected else []
    for name in () if said else own:
        if result[name].shape != own[name].shape:
            shapes = f"{tuple(result[name].shape)}, not {tuple(own[name].shape)}"
            return Words(f"{name!r} is {shapes}")
    return Words("; ".join(said) or _ALL_FIT)


def _first(names: list) -> str:
    more = f" (and {len(names) - 1} more)" if names[1:] else ""
    return f"{names[0]!r}{more}"


def _loaded_logits(answer, state_dict) -> Tensor:
    model = _model_of(answer, _TWIN_SIZES)
    model.load_state_dict(answer(state_dict, model))
    return _logits(model, _pixels(_TWIN_SIZES))


def _pixels(sizes: dict) -> Tensor:
    return _noise(3, sizes["in_channels"], *sizes["image_size"])


def _works(sizes: dict):
    """Names, shapes and logits in one question."""

    @lru_cache
    def right() -> Tensor:
        model = VisionTransformer(**sizes).eval()
        model.load_state_dict(rename_torchvision(_twin(sizes), model))
        return _logits(model, _pixels(sizes))

    def ask(answer, state_dict) -> Words | None:
        model = _model_of(answer, sizes)
        result = answer(state_dict, model)
        said = _fit(result, model.state_dict())
        if said != _ALL_FIT:
            return said
        model.load_state_dict(result)
        same = torch.allclose(_logits(model, _pixels(sizes)), right(), atol=1e-4)
        return Words(_ALL_FIT + (", the logits are right" if same else ", the logits differ"))

    return ask


def _alone(answer, state_dict) -> Words:
    """Is the model left as it was?"""
    model = _model_of(answer, _TWIN_SIZES).train()
    list(model.modules())[-1].eval()

    def state() -> dict:
        return {
            "its weights": {name: tensor.clone() for name, tensor in model.state_dict().items()},
            "training or evaluation mode": [module.training for module in model.modules()],
            "what learns in it": [p.requires_grad for p in model.parameters()],
        }

    before = state()
    answer(state_dict, model)
    after = state()
    changed = [what for what in before if not same_value(before[what], after[what])]
    return Words(", ".join(changed) or "nothing")


_NEW, _OLD = _twin(_TWIN_SIZES), _twin(_TWIN_SIZES, old_names=True)
_DEEP = _twin(_DEEP_SIZES)


def _with(right: str, wrong: str, state_dict: dict, ask) -> dict:
    """A trial's `easier`, with one question."""
    return {"easier": (Easier(right, wrong, (state_dict,), ask),)}


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
        Trial(
            "The names and shapes",
            (_NEW,),
            ask=_fits(_TWIN_SIZES),
            **_with("for names from before 2022", "for today's", _OLD, _fits(_TWIN_SIZES)),
        ),
        Trial(
            "The logits of 3 images after load_state_dict",
            (_NEW,),
            ask=_loaded_logits,
            errors_alike=True,
        ),
        Trial(
            "A model of 11 blocks, 1 channel and 1 class",
            (_DEEP,),
            ask=_works(_DEEP_SIZES),
            errors_alike=True,
            **_with("for 2 blocks", "for 11, with 1 channel", _NEW, _works(_TWIN_SIZES)),
        ),
        Trial(
            "A file from before 2022 (mlp.linear_1, mlp.linear_2)",
            (_OLD,),
            ask=_works(_TWIN_SIZES),
            errors_alike=True,
            **_with("for today's names", "for older ones", _NEW, _works(_TWIN_SIZES)),
        ),
        Trial("What has changed in the model", (_NEW,), ask=_alone),
    ),
)

# 6.5 ----------------------------------------------------------------------------------------------

# No two of D = 6, R = 7, 4 classes and 5 tokens are the same.
_LINEAR, _HIDDEN = "the linear form", "the form with a hidden layer"


def _linear_form(answer) -> nn.Module:
    return _head(answer)


def _hidden_form(answer) -> nn.Module:
    return _head(lambda embed_dim, num_classes: answer(embed_dim, num_classes, 7))


def _of(form, ask):
    """A question of 6.1, asked of one form: `ask` builds a head with `answer(D, num_classes)`."""
    hidden = form is _hidden_form

    def asked(answer, *inputs):
        return ask(lambda *sizes: answer(*sizes, 7) if hidden else answer(*sizes), *inputs)

    return asked


def _numbers_learned(form):
    def ask(answer) -> int:
        return sum(p.numel() for p in form(answer).parameters())

    return ask


def _hidden_size_is_free(answer) -> tuple:
    """Which shape two images get, for hidden layers smaller and larger than D."""
    return tuple(shape_of(answer(6, 4, size)(torch.randn(2, 5, 6))) for size in (1, 3, 20))


def _bounded(answer) -> bool:
    """Do larger tokens stop mattering, as after a tanh?"""
    head, tokens = _hidden_form(answer), torch.randn(3, 5, 6)
    return bool(torch.allclose(head(1e4 * tokens), head(1e5 * tokens), rtol=1e-3, atol=1e-3))


def _asked_of(form, which: str) -> tuple[Trial, ...]:
    return (
        Trial(
            f"{which}: do the same tokens give the same scores twice?", ask=_of(form, _head_repeats)
        ),
        Trial(
            f"{which}: which of five tokens the scores depend on (1: yes)",
            ask=_of(form, _head_sees),
        ),
        Trial(f"{which}: do the scores add up to 1?", ask=_of(form, _head_adds_to_one)),
        Trial(f"{which}: what an optimiser finds", ask=_of(form, _head_trains)),
        Trial(f"{which}: does a gradient reach the tokens?", ask=_of(form, _head_hands_back)),
        Trial(
            f"{which}: does twice the sum give twice the scores (is it linear)?",
            ask=_of(form, _head_is_linear),
        ),
    )


BOTH_HEADS = Exercise(
    id="6.5",
    name="PaperHead",
    title="The head that the paper trains with",
    difficulty=2,
    minutes=10,
    reference=PaperHead,
    hints=(
        "Without `representation_size` this is exercise 6.1. With it, what stands between the "
        "class token and the last linear layer, and how many numbers does that layer read then?",
        "A hidden layer: `nn.Linear(embed_dim, representation_size)`, then `nn.Tanh()`. The last "
        "layer reads `representation_size` numbers, or embed_dim if there is no hidden layer.",
        "`self.hidden = nn.Identity()`; if representation_size is not None: `self.hidden = "
        "nn.Sequential(nn.Linear(embed_dim, representation_size), nn.Tanh())`. In `forward`: "
        "`return self.linear(self.hidden(tokens[:, 0]))`.",
    ),
    trials=(
        Trial(
            "the linear form, head(tokens) for tokens (3, 5, 6) and 4 classes",
            ask=_head_shape((3, 5, 6), 4),
        ),
        Trial(
            "with a hidden layer of 7, head(tokens) for tokens (3, 5, 6) and 4 classes",
            ask=_of(_hidden_form, _head_shape((3, 5, 6), 4)),
        ),
        *_asked_of(_linear_form, _LINEAR),
        *_asked_of(_hidden_form, _HIDDEN),
        Trial(
            "How many numbers it learns with a hidden layer of 7, for D = 6 and 4 classes",
            ask=_numbers_learned(_hidden_form),
        ),
        Trial(
            "How many numbers the linear form learns, for D = 6 and 4 classes",
            ask=_numbers_learned(_linear_form),
        ),
        Trial("With a hidden layer, do huge tokens stop mattering (tanh)?", ask=_bounded),
        Trial(
            "the linear form, head(tokens)",
            (_noise(3, 5, 6),),
            ask=lambda answer, x: _linear_form(answer)(x).detach(),
        ),
        Trial(
            "with a hidden layer of 7, head(tokens)",
            (_noise(3, 5, 6),),
            ask=lambda answer, x: _hidden_form(answer)(x).detach(),
        ),
        *battery("the linear form, head(tokens)", (_noise(3, 5, 6),), build=_linear_form),
        *battery("with a hidden layer, head(tokens)", (_noise(3, 5, 6),), build=_hidden_form),
        Trial("head(tokens) for hidden layers of 1, 3 and 20", ask=_hidden_size_is_free),
    ),
)

EXERCISES = (HEAD, ASSEMBLE, COUNT, RENAME, BOTH_HEADS)
