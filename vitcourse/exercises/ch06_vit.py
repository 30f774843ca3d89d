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

from vitcourse.exercises.engine import Exercise, Mistake, Trial
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


class _Head(nn.Module):
    """A head whose parts the mistakes replace."""

    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.make(embed_dim, num_classes)

    def make(self, embed_dim, num_classes):
        self.linear = nn.Linear(embed_dim, num_classes)

    def read(self, tokens):
        return tokens[:, 0]

    def end(self, scores):
        return scores

    def forward(self, tokens):
        return self.end(self.linear(self.read(tokens)))


def _head(**methods) -> type:
    return type("ClassificationHead", (_Head,), methods)


def _sequence(*layers):
    """`make` for a head of several layers; each entry is called with (embed_dim, num_classes)."""

    def make(self, embed_dim, num_classes):
        self.linear = nn.Sequential(*(layer(embed_dim, num_classes) for layer in layers))

    return make


def _hidden_head(self, embed_dim, num_classes):
    weight, bias = torch.randn(num_classes, embed_dim), torch.randn(num_classes)
    self.linear = lambda x: F.linear(x, weight, bias)


_MEAN = (
    "Your scores depend on the patches. Asked is the class token alone, `tokens[:, 0]`: by now "
    "attention has brought it what it needs."
)
_SOFTMAX = (
    "Leave softmax out: `F.cross_entropy` does it itself, and twice is once too often. The head "
    "gives scores, called logits."
)
_ONE_LAYER = "Asked is one Linear layer, without an activation. The encoder has done the thinking."
_DEAD = "`parameters()` must list the weights, and gradients must reach them: keep an `nn.Linear`."

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
    mistakes=(
        Mistake("softmax in the head", _SOFTMAX, _head(end=lambda self, x: x.softmax(-1))),
        Mistake("softmax in the head", _SOFTMAX, _head(end=lambda self, x: x.log_softmax(-1))),
        Mistake(
            "softmax over the batch",
            "Your softmax runs over the images. And leave it out: the loss does it.",
            _head(end=lambda self, x: x.softmax(0)),
        ),
        Mistake("the mean is read", _MEAN, _head(read=lambda self, x: x.mean(1))),
        Mistake("the mean is read", _MEAN, _head(read=lambda self, x: x[:, 1:].mean(1))),
        Mistake("the largest values are read", _MEAN, _head(read=lambda self, x: x.amax(1))),
        Mistake("the largest values are read", _MEAN, _head(read=lambda self, x: x[:, 1:].amax(1))),
        Mistake(
            "the last token is read",
            "You read the last patch. The class token stands first: `tokens[:, 0]`.",
            _head(read=lambda self, x: x[:, -1]),
        ),
        Mistake(
            "the first patch is read",
            "You read token 1, the first patch. The class token is token 0.",
            _head(read=lambda self, x: x[:, 1]),
        ),
        Mistake(
            "every token gets scores",
            "Your result has scores for each token. Pick the class token first: `tokens[:, 0]`.",
            _head(read=lambda self, x: x),
        ),
        Mistake(
            "an axis too many",
            "`tokens[:, :1]` keeps an axis of length 1. `tokens[:, 0]` drops it.",
            _head(read=lambda self, x: x[:, :1]),
        ),
        Mistake(
            "the first image, not the first token",
            "`tokens[0]` is the first image of the batch. Tokens are counted along axis 1.",
            _head(read=lambda self, x: x[0]),
        ),
        Mistake(
            "the winner, not the scores",
            "You returned which class wins. The loss needs the scores of all classes.",
            _head(end=lambda self, x: x.argmax(-1)),
        ),
        Mistake(
            "a norm in the head",
            "The encoder ends with the final norm already. Another one here is one too many.",
            _head(make=_sequence(lambda d, k: nn.LayerNorm(d), nn.Linear)),
        ),
        Mistake(
            "a norm in the head",
            "The encoder ends with the final norm already. Another one here is one too many.",
            _head(read=lambda self, x: F.layer_norm(x[:, 0], x.shape[2:])),
        ),
        Mistake(
            "an activation after the scores", _ONE_LAYER, _head(end=lambda self, x: x.sigmoid())
        ),
        Mistake("an activation after the scores", _ONE_LAYER, _head(end=lambda self, x: x.relu())),
        Mistake("an activation after the scores", _ONE_LAYER, _head(end=lambda self, x: x.tanh())),
        Mistake("an activation after the scores", _ONE_LAYER, _head(end=lambda self, x: F.gelu(x))),
        Mistake(
            "two layers for one",
            _ONE_LAYER,
            _head(make=_sequence(lambda d, k: nn.Linear(d, d), lambda d, k: nn.Tanh(), nn.Linear)),
        ),
        Mistake(
            "two layers for one",
            _ONE_LAYER,
            _head(make=_sequence(lambda d, k: nn.Linear(d, d), lambda d, k: nn.GELU(), nn.Linear)),
        ),
        Mistake(
            "two layers for one",
            _ONE_LAYER,
            _head(make=_sequence(lambda d, k: nn.Linear(d, d), lambda d, k: nn.ReLU(), nn.Linear)),
        ),
        Mistake(
            "two layers for one",
            _ONE_LAYER,
            _head(make=_sequence(lambda d, k: nn.Linear(d, d), nn.Linear)),
        ),
        Mistake(
            "the bias is missing",
            "Published heads have a bias, one number for each class: leave out `bias=False`.",
            _head(make=_sequence(lambda d, k: nn.Linear(d, k, bias=False))),
        ),
        Mistake(
            "dropout in the head",
            "The same tokens give other scores each time. No dropout is asked for here.",
            _head(read=lambda self, x: F.dropout(x[:, 0], 0.5)),
        ),
        Mistake(
            "dropout in the head",
            "The same tokens give other scores each time. No dropout is asked for here.",
            _head(read=lambda self, x: F.dropout(x[:, 0], 0.2)),
        ),
        Mistake(
            "dropout in the head",
            "The same tokens give other scores each time. No dropout is asked for here.",
            _head(read=lambda self, x: F.dropout(x[:, 0], 0.1)),
        ),
        Mistake("the weights do not learn", _DEAD, _head(make=_hidden_head)),
        Mistake(
            "the weights do not learn",
            _DEAD,
            _head(
                read=lambda self, x: x[:, 0].detach(),
                make=(
                    lambda self, d, k: setattr(
                        self, "linear", nn.Linear(d, k).requires_grad_(False)
                    )
                ),
            ),
        ),
        Mistake(
            "the layer is made anew in every call",
            "A layer made in `forward` starts from new random numbers each time and never learns.",
            _head(
                make=lambda self, d, k: setattr(self, "sizes", (d, k)),
                forward=lambda self, x: nn.Linear(*self.sizes)(x[:, 0]),
            ),
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


class _ViT(nn.Module):
    """A ViT whose steps the mistakes replace."""

    def __init__(
        self,
        image_size,
        patch_size,
        in_channels,
        num_classes,
        embed_dim,
        depth,
        num_heads,
        mlp_dim,
        dropout=0.0,
    ):
        super().__init__()
        self.patch_embed = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
        self.num_patches = self.patch_embed.num_patches
        self.class_token = ClassToken(embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.make_positions(image_size, patch_size, embed_dim)
        self.make_encoder(depth, embed_dim, num_heads, mlp_dim, dropout)
        self.make_head(embed_dim, num_classes)

    def make_positions(self, image_size, patch_size, embed_dim):
        self.positions = PositionEmbedding(self.num_patches + 1, embed_dim)

    def make_encoder(self, depth, embed_dim, num_heads, mlp_dim, dropout):
        self.encoder = Encoder(depth, embed_dim, num_heads, mlp_dim, dropout)

    def make_head(self, embed_dim, num_classes):
        self.head = nn.Linear(embed_dim, num_classes)

    def place(self, patches):
        return self.dropout(self.positions(self.class_token(patches)))

    def encode(self, tokens):
        return self.encoder(tokens)

    def read(self, tokens):
        return tokens[:, 0]

    def end(self, scores):
        return scores

    def forward(self, images):
        tokens = self.encode(self.place(self.patch_embed(images)))
        return self.end(self.head(self.read(tokens)))


def _vit(**methods) -> type:
    return type("VisionTransformer", (_ViT,), methods)


def _blocks_of(container, count=None, again=False, norm=True):
    """`make_encoder` from single blocks in `container`; with `again`, one block many times."""

    def make_encoder(self, depth, embed_dim, num_heads, mlp_dim, dropout):
        def block():
            return EncoderBlock(embed_dim, num_heads, mlp_dim, dropout)

        number = depth if count is None else count
        self.blocks = container([block()] * number if again else [block() for _ in range(number)])
        self.repeat = depth if again else 1
        if norm:
            self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    return make_encoder


def _run_blocks(self, tokens):
    for block in self.blocks:
        tokens = block(tokens)
    return self.norm(tokens) if hasattr(self, "norm") else tokens


def _without_last_norm(self, tokens):
    for block in self.encoder.blocks:
        tokens = block(tokens)
    return tokens


def _norm_again(self, embed_dim, num_classes):
    self.head = nn.Sequential(nn.LayerNorm(embed_dim, eps=1e-6), nn.Linear(embed_dim, num_classes))


def _too_few_places(self, image_size, patch_size, embed_dim):
    self.positions = PositionEmbedding(self.num_patches, embed_dim)


def _places_of_a_square(side):
    def make_positions(self, image_size, patch_size, embed_dim):
        count = (image_size[side] // patch_size) ** 2
        self.positions = PositionEmbedding(count + 1, embed_dim)

    return make_positions


def _encoder_with(order):
    def make_encoder(self, depth, embed_dim, num_heads, mlp_dim, dropout):
        self.encoder = Encoder(*order(depth, embed_dim, num_heads, mlp_dim), dropout)

    return make_encoder


def _no_dropout_inside(self, depth, embed_dim, num_heads, mlp_dim, dropout):
    self.encoder = Encoder(depth, embed_dim, num_heads, mlp_dim)


def _place_without_dropout(self, patches):
    return self.positions(self.class_token(patches))


def _cls_at_the_end(self, patches):
    cls = self.class_token.cls_token.expand(len(patches), -1, -1)
    return self.dropout(self.positions(torch.cat([patches, cls], 1)))


def _before_cls(self, patches):
    return self.dropout(self.class_token(self.positions(patches)))


def _no_positions(self, image_size, patch_size, embed_dim):
    pass


_NORM = (
    "What leaves the last block has never been normalised as a whole. Use `Encoder`, whose last "
    "layer is that norm, or add one after your blocks."
)
_PLACES = (
    "The class token has a position, too: N + 1 of them, added after it has been put in front."
)
_NO_PLACES = "The positions never reach the tokens, so that shuffled patches look the same."
_BLOCKS = "Each of the `depth` blocks needs weights of its own. `Encoder` makes them for you."
_DROPOUT = (
    "`dropout` acts in two places: on the tokens once the positions are added, and inside the "
    "encoder, which takes it as its last argument."
)
_READ = "The head reads another token than the class token. That one stands first: `tokens[:, 0]`."
_ORDER = "Look at the order: Encoder(depth, embed_dim, num_heads, mlp_dim, dropout). Or name them."
_SQUARE = (
    "You took the image for a square. `self.patch_embed.num_patches` counts the patches, or "
    "`count_patches(*image_size, patch_size)`."
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
    mistakes=(
        Mistake("softmax before the loss", _SOFTMAX, _vit(end=lambda self, x: x.softmax(-1))),
        Mistake("softmax before the loss", _SOFTMAX, _vit(end=lambda self, x: x.log_softmax(-1))),
        Mistake("the final norm is missing", _NORM, _vit(encode=_without_last_norm)),
        Mistake(
            "the final norm is missing",
            _NORM,
            _vit(make_encoder=_blocks_of(nn.ModuleList, norm=False), encode=_run_blocks),
        ),
        Mistake(
            "one norm too many",
            "The encoder ends with the final norm already. Another one after it is too many.",
            _vit(make_head=_norm_again),
        ),
        Mistake("the mean is read", _MEAN, _vit(read=lambda self, x: x[:, 1:].mean(1))),
        Mistake("the mean is read", _MEAN, _vit(read=lambda self, x: x.mean(1))),
        Mistake("the wrong token is read", _READ, _vit(read=lambda self, x: x[:, -1])),
        Mistake("the wrong token is read", _READ, _vit(read=lambda self, x: x[:, 1])),
        Mistake("the wrong token is read", _READ, _vit(place=_cls_at_the_end)),
        Mistake(
            "positions before the class token",
            _PLACES,
            _vit(make_positions=_too_few_places, place=_before_cls),
        ),
        Mistake("positions before the class token", _PLACES, _vit(place=_before_cls)),
        Mistake("too few positions", _PLACES, _vit(make_positions=_too_few_places)),
        Mistake(
            "the positions are not added",
            _NO_PLACES,
            _vit(place=lambda self, x: self.dropout(self.class_token(x))),
        ),
        Mistake(
            "the positions are not added",
            _NO_PLACES,
            _vit(
                make_positions=_no_positions,
                place=lambda self, x: self.dropout(self.class_token(x)),
            ),
        ),
        Mistake(
            "no class token",
            "The class token is made, but never put in front of the patches.",
            _vit(
                make_positions=_too_few_places,
                place=lambda self, x: self.dropout(self.positions(x)),
            ),
        ),
        Mistake(
            "the image is taken for a square",
            _SQUARE,
            _vit(make_positions=_places_of_a_square(0)),
        ),
        Mistake(
            "the image is taken for a square",
            _SQUARE,
            _vit(make_positions=_places_of_a_square(1)),
        ),
        Mistake(
            "the encoder is never used",
            "The encoder is made, but `forward` does not call it.",
            _vit(encode=lambda self, x: x),
        ),
        Mistake(
            "the head is never used",
            "These are tokens, not scores: send them through the head at the end.",
            _vit(forward=lambda self, images: self.encode(self.place(self.patch_embed(images)))),
        ),
        Mistake(
            "one block, used again and again",
            _BLOCKS,
            _vit(make_encoder=_blocks_of(nn.ModuleList, again=True), encode=_run_blocks),
        ),
        Mistake(
            "one block, used again and again",
            _BLOCKS,
            _vit(
                make_encoder=_blocks_of(nn.ModuleList, again=True, norm=False), encode=_run_blocks
            ),
        ),
        Mistake(
            "the layers are in a plain list",
            "A Python list hides its layers: `parameters()` does not find them, and nothing trains "
            "them. Use `Encoder`, or an `nn.ModuleList`.",
            _vit(make_encoder=_blocks_of(list), encode=_run_blocks),
        ),
        Mistake(
            "one block only",
            "Your encoder has one block. It should have `depth` of them.",
            _vit(
                make_encoder=lambda self, depth, *sizes: setattr(
                    self, "encoder", Encoder(1, *sizes)
                )
            ),
        ),
        Mistake(
            "the encoder's arguments in another order",
            _ORDER,
            _vit(make_encoder=_encoder_with(lambda depth, d, h, m: (d, depth, h, m))),
        ),
        Mistake(
            "the encoder's arguments in another order",
            _ORDER,
            _vit(make_encoder=_encoder_with(lambda depth, d, h, m: (depth, d, m, h))),
        ),
        Mistake(
            "the encoder's arguments in another order",
            _ORDER,
            _vit(make_encoder=_encoder_with(lambda depth, d, h, m: (d, h, m, depth))),
        ),
        Mistake("dropout is not passed on", _DROPOUT, _vit(make_encoder=_no_dropout_inside)),
        Mistake("dropout is not passed on", _DROPOUT, _vit(place=_place_without_dropout)),
        Mistake(
            "dropout is not passed on",
            _DROPOUT,
            _vit(make_encoder=_no_dropout_inside, place=_place_without_dropout),
        ),
        Mistake(
            "dropout acts in prediction, too",
            "`F.dropout(x, p)` drops in `eval()` mode as well. Use an `nn.Dropout`, which knows.",
            _vit(
                place=lambda self, x: F.dropout(self.positions(self.class_token(x)), self.dropout.p)
            ),
        ),
        Mistake(
            "the head has no bias",
            "Published heads have a bias, one number for each class: leave out `bias=False`.",
            _vit(make_head=lambda self, d, k: setattr(self, "head", nn.Linear(d, k, bias=False))),
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


class _Formula:
    """The count in pieces, which the mistakes change."""

    def __init__(self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, mlp_dim):
        (h, w), p = image_size, patch_size
        self.h, self.w, self.p, self.c, self.k = h, w, p, in_channels, num_classes
        self.d, self.depth, self.m = embed_dim, depth, mlp_dim
        self.n = (h // p) * (w // p)
        d, m = self.d, self.m
        self.right = count_parameters(
            image_size, p, in_channels, num_classes, d, depth, mlp_dim=mlp_dim
        )
        self.block_biases = 3 * d + d + m + d
        self.block = 4 * d * d + 2 * d * m + self.block_biases + 4 * d


def _off_by(change):
    """A stand-in whose count is wrong by `change(formula)`."""

    def stand_in(**sizes):
        formula = _Formula(**sizes)
        return formula.right + change(formula)

    return stand_in


def _forgotten(name: str, says: str, *changes) -> list[Mistake]:
    return [Mistake(name, says, _off_by(change)) for change in changes]


_BIASES = (
    "Each Linear layer also learns a bias, one number for each output: 3 D + D for attention, "
    "mlp_dim + D for the MLP, D for the patches, one a class for the head."
)
_NORMS = (
    "Each LayerNorm learns D factors and D offsets. There are two in a block, and one at the end."
)

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
    mistakes=(
        *_forgotten(
            "one vector of D numbers is missing",
            "D numbers are missing: the class token, its position (there are N + 1, not N), or the "
            "bias of the patch embedding.",
            lambda f: -f.d,
        ),
        *_forgotten(
            "two vectors of D numbers are missing",
            "2 D numbers are missing: the final norm (D factors, D offsets), or the class token "
            "and its position.",
            lambda f: -2 * f.d,
        ),
        *_forgotten(
            "three vectors of D numbers are missing",
            "3 D numbers are missing: look at the final norm (2 D), the class token, its position "
            "(there are N + 1), and the bias of the patch embedding.",
            lambda f: -3 * f.d,
        ),
        *_forgotten(
            "four vectors of D numbers are missing",
            "4 D numbers are missing: the final norm (2 D), the class token and its position.",
            lambda f: -4 * f.d,
        ),
        *_forgotten(
            "the positions are forgotten",
            "Each of the N + 1 tokens has a learned position of D numbers.",
            lambda f: -(f.n + 1) * f.d,
            lambda f: -f.n * f.d,
            lambda f: -(f.n + 2) * f.d,
        ),
        *_forgotten(
            "the biases are forgotten",
            _BIASES,
            lambda f: -f.depth * f.block_biases,
            lambda f: -f.depth * f.block_biases - f.d,
            lambda f: -f.depth * f.block_biases - f.k,
            lambda f: -f.depth * f.block_biases - f.d - f.k,
            lambda f: -f.depth * f.block_biases - f.d - f.k - f.d * (2 * f.depth + 1),
            lambda f: -f.d - f.k,
        ),
        *_forgotten(
            "4 D numbers in each block are missing",
            "Each block lacks 4 D numbers: the biases of q, k, v and the output projection, or the "
            "two norms with D factors and D offsets each.",
            lambda f: -f.depth * 4 * f.d,
        ),
        *_forgotten(
            "the biases of q, k and v are forgotten",
            "q, k and v have D biases each, like every Linear layer here.",
            lambda f: -f.depth * 3 * f.d,
        ),
        *_forgotten(
            "the bias of the output projection is forgotten",
            "The output projection is a Linear layer from D to D: D * D + D numbers.",
            lambda f: -f.depth * f.d,
        ),
        *_forgotten(
            "the MLP's biases are forgotten",
            "The MLP's first layer has mlp_dim biases, its second D.",
            lambda f: -f.depth * (f.m + f.d),
            lambda f: -f.depth * f.m,
        ),
        *_forgotten(
            "the head's bias is forgotten",
            "The head has a bias, too: one number for each class.",
            lambda f: -f.k,
        ),
        *_forgotten(
            "the head is forgotten",
            "The head is a Linear layer from D to the classes: D * K + K.",
            lambda f: -f.d * f.k - f.k,
        ),
        *_forgotten(
            "the norms are forgotten",
            _NORMS,
            lambda f: -f.depth * 4 * f.d - 2 * f.d,
        ),
        *_forgotten(
            "one norm in a block is forgotten",
            "A block has two norms, one before attention and one before the MLP.",
            lambda f: -f.depth * 2 * f.d,
        ),
        *_forgotten(
            "the offsets of the norms are forgotten",
            _NORMS,
            lambda f: -f.depth * 2 * f.d - f.d,
        ),
        *_forgotten(
            "the output projection is forgotten",
            "After the heads are merged comes one more Linear layer from D to D.",
            lambda f: -f.depth * (f.d * f.d + f.d),
        ),
        *_forgotten(
            "only one of q, k and v is counted",
            "q, k and v are three Linear layers from D to D, or one from D to 3 D.",
            lambda f: -f.depth * 2 * (f.d * f.d + f.d),
        ),
        *_forgotten(
            "the MLP's second layer is forgotten",
            "The MLP goes from D to mlp_dim and back to D: two layers.",
            lambda f: -f.depth * (f.d * f.m + f.d),
        ),
        *_forgotten(
            "one block only",
            "That is the count for one block. There are `depth` of them, each with its own.",
            lambda f: -(f.depth - 1) * f.block,
        ),
        *_forgotten(
            "the patch embedding is forgotten",
            "The patches go through a Linear layer from C * P * P to D.",
            lambda f: -f.c * f.p * f.p * f.d - f.d,
        ),
        *_forgotten(
            "the channels are forgotten",
            "A patch holds C * P * P numbers, not P * P.",
            lambda f: (1 - f.c) * f.p * f.p * f.d,
        ),
        *_forgotten(
            "the image is taken for a square",
            "Count rows and columns of patches: (H // P) * (W // P).",
            lambda f: ((f.h // f.p) ** 2 - f.n) * f.d,
            lambda f: ((f.w // f.p) ** 2 - f.n) * f.d,
        ),
        *_forgotten(
            "pixels counted, not patches",
            "There is a position for each patch, not for each pixel: N = (H // P) * (W // P).",
            lambda f: (f.h * f.w - f.n) * f.d,
        ),
        *_forgotten(
            "each patch with weights of its own",
            "All patches share one Linear layer: do not multiply it by N.",
            lambda f: (f.n - 1) * (f.c * f.p * f.p * f.d + f.d),
            lambda f: (f.n - 1) * f.c * f.p * f.p * f.d,
        ),
        Mistake(
            "a float, not an int",
            "`/` always gives a float. `//` divides whole numbers.",
            lambda **sizes: float(_Formula(**sizes).right),
        ),
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


def _then(change):
    """A stand-in that renames rightly and then changes the result: (result, model) -> result."""

    def stand_in(state_dict, model):
        return change(rename_torchvision(state_dict, model), model)

    return stand_in


def _each(part: str, change):
    """A stand-in that changes the tensors whose name contains `part`."""
    return _then(
        lambda result, model: {n: change(t) if part in n else t for n, t in result.items()}
    )


def _swapped(one: str, other: str):
    """A stand-in that swaps the tensors of two names in each block."""

    def change(result, model):
        def twin(name):
            return name.replace(one, "?").replace(other, one).replace("?", other)

        return {twin(name): tensor for name, tensor in result.items()}

    return _then(change)


def _thirds(*order: int):
    return _each("qkv", lambda t: torch.cat([t.chunk(3)[i] for i in order]))


def _by_head(t: Tensor) -> Tensor:
    """Rows (3, h, d) brought into the order (h, 3, d); h = 3 or 2, whichever divides."""
    h = 3 if len(t) % 9 == 0 else 2
    return t.unflatten(0, (3, h, -1)).transpose(0, 1).flatten(0, 2)


def _kernel_turned(result, model):
    name = next(n for n in result if n.startswith("patch_embed") and n.endswith("weight"))
    return result | {name: result[name].mT.contiguous()}


def _channels_last(result, model):
    name = next(n for n in result if n.startswith("patch_embed") and n.endswith("weight"))
    weight = result[name]
    return result | {name: weight.movedim(1, -1).reshape(weight.shape)}


def _sorted_as_text(result, model):
    depth = len(model.encoder.blocks)
    order = sorted(map(str, range(depth)))
    new = {text: str(i) for i, text in enumerate(order)}

    def name(old):
        steps = old.split(".")
        return ".".join([*steps[:2], new[steps[2]], *steps[3:]]) if "blocks" in steps else old

    return {name(n): t for n, t in result.items()}


def _backwards(result, model):
    depth = len(model.encoder.blocks)

    def name(old):
        steps = old.split(".")
        if "blocks" not in steps:
            return old
        return ".".join([*steps[:2], str(depth - 1 - int(steps[2])), *steps[3:]])

    return {name(n): t for n, t in result.items()}


def _only_new_names(state_dict, model):
    if any("linear_1" in name for name in state_dict):
        raise KeyError("encoder.layers.encoder_layer_0.mlp.linear_1.weight")
    return rename_torchvision(state_dict, model)


def _leaves_old_names(state_dict, model):
    renamed = rename_torchvision(state_dict, model)
    if not any("linear_1" in name for name in state_dict):
        return renamed
    return {n.replace("fc1", "linear_1").replace("fc2", "linear_2"): t for n, t in renamed.items()}


def _loads_it(state_dict, model):
    renamed = rename_torchvision(state_dict, model)
    model.load_state_dict(renamed)
    return renamed


def _drops(*parts: str):
    return _then(lambda result, model: {n: t for n, t in result.items() if not n.startswith(parts)})


_QKV = (
    "torchvision stores q, k and v one below the other: rows 0 to D are q, then k, then v. Look "
    "at how your own attention cuts them apart."
)
_TRANSPOSED = "Both sides store a Linear weight as (out, in): no transpose is needed anywhere."
_KERNEL = (
    "The kernel of a convolution is (D, C, P, P), and your patches are channel, row, column: "
    "a reshape, if anything, is all it needs."
)
_OLD_NAMES = (
    "Files from before 2022 say `mlp.linear_1` and `mlp.linear_2` where today's modules say "
    "`mlp.0` and `mlp.3`. Understand both: the published ones are of the old kind."
)
_LEFT_OUT = "Every tensor of torchvision's has a place in your model: follow the message above."

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
    mistakes=(
        Mistake(
            "the names are torchvision's still",
            "The tensors came back under their old names. Give each the name it has in `model`.",
            lambda state_dict, model: dict(state_dict),
        ),
        Mistake(
            "the old names are still there, too",
            "Return a new dict with the new names only, or `load_state_dict` will complain.",
            lambda state_dict, model: dict(state_dict) | rename_torchvision(state_dict, model),
        ),
        Mistake(
            "the model's own weights",
            "You returned the numbers that the model has already. Take torchvision's.",
            lambda state_dict, model: dict(model.state_dict()),
        ),
        Mistake(
            "the model is loaded here already",
            "Only return the dict. Who calls you decides what to load, and when.",
            _loads_it,
        ),
        Mistake("q, k and v in another order", _QKV, _thirds(1, 0, 2)),
        Mistake("q, k and v in another order", _QKV, _thirds(2, 1, 0)),
        Mistake("q, k and v in another order", _QKV, _thirds(0, 2, 1)),
        Mistake("q, k and v in another order", _QKV, _thirds(1, 2, 0)),
        Mistake("q, k and v in another order", _QKV, _thirds(2, 0, 1)),
        Mistake("q, k and v sorted by heads", _QKV, _each("qkv", _by_head)),
        Mistake(
            "a weight is transposed", _TRANSPOSED, _each("attn.proj.weight", lambda t: t.mT.clone())
        ),
        Mistake(
            "a weight is transposed",
            _TRANSPOSED,
            _each("qkv.weight", lambda t: torch.cat([part.mT for part in t.chunk(3)])),
        ),
        Mistake("a weight is transposed", _TRANSPOSED, _each("qkv.weight", lambda t: t.mT)),
        Mistake(
            "a weight is transposed",
            _TRANSPOSED,
            _each("weight", lambda t: t.mT if t.ndim == 2 else t),
        ),
        Mistake(
            "a weight is transposed",
            _TRANSPOSED,
            _each("weight", lambda t: t.mT.reshape(t.shape) if t.ndim == 2 else t),
        ),
        Mistake(
            "a weight is transposed",
            _TRANSPOSED,
            _each("fc", lambda t: t.mT.reshape(t.shape) if t.ndim == 2 else t),
        ),
        Mistake("the kernel is turned", _KERNEL, _then(_kernel_turned)),
        Mistake("the kernel is turned", _KERNEL, _then(_channels_last)),
        Mistake(
            "the norms are swapped",
            "`ln_1` stands before attention and `ln_2` before the MLP.",
            _swapped("norm1", "norm2"),
        ),
        Mistake(
            "one norm taken twice",
            "`ln_1` and `ln_2` are different norms, before attention and before the MLP.",
            _then(lambda result, model: {n: result[n.replace("norm2", "norm1")] for n in result}),
        ),
        Mistake(
            "the positions are shifted",
            "The first position is the class token's on both sides: leave the order as it is.",
            _each("pos_embed", lambda t: t.roll(-1, 1)),
        ),
        Mistake(
            "the positions are shifted",
            "The first position is the class token's on both sides: leave the order as it is.",
            _each("pos_embed", lambda t: t.roll(1, 1)),
        ),
        Mistake(
            "the positions are reshaped",
            "The positions are (1, N + 1, D) on both sides: leave them as they are.",
            _each("pos_embed", lambda t: t.mT.reshape(t.shape)),
        ),
        Mistake(
            "the blocks are sorted as text",
            "Sorted as text, block 10 comes before block 2. Take the number out of the name.",
            _then(_sorted_as_text),
        ),
        Mistake(
            "the blocks run backwards",
            "torchvision's block 0 is your block 0.",
            _then(_backwards),
        ),
        Mistake("something is left out", _LEFT_OUT, _drops("class_token")),
        Mistake("something is left out", _LEFT_OUT, _drops("head")),
        Mistake("something is left out", _LEFT_OUT, _drops("encoder.norm")),
        Mistake("something is left out", _LEFT_OUT, _drops("positions")),
        Mistake("something is left out", _LEFT_OUT, _drops("class_token", "positions")),
        Mistake("the old names are not understood", _OLD_NAMES, _only_new_names),
        Mistake("the old names are not understood", _OLD_NAMES, _leaves_old_names),
    ),
)

EXERCISES = (HEAD, ASSEMBLE, COUNT, RENAME)
