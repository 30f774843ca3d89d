"""Chapter 11, without labels: mask, encode what is seen, judge what is painted, look inside.

A random choice can only be judged by what holds for every right one: 11.1 counts over thousands of
images, with bounds that chance does not reach (six standard deviations).
"""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor, nn

from vitcourse.exercises.battery import battery
from vitcourse.exercises.compare import TOLERANCE, Words, same_value, shape_of
from vitcourse.exercises.course_answers import k_means, principal_components
from vitcourse.exercises.engine import Easier, Exercise, Trial
from vitcourse.model import VisionTransformer
from vitcourse.model.masked import encode_visible, hidden_loss, random_visible

# 11.1 ---------------------------------------------------------------------------------------------


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _form(answer: Callable, *sizes: int) -> Words | None:
    """Shape and dtype."""
    result = answer(*sizes)
    if not isinstance(result, Tensor):
        return shape_of(result)
    return Words(f"shape {tuple(result.shape)}, {str(result.dtype).removeprefix('torch.')}")


def _places(answer: Callable, *sizes: int) -> Words | None:
    """Whether the rows hold places, and each of them once."""
    result = answer(*sizes)
    if not isinstance(result, Tensor) or result.ndim != 2 or not result.numel():
        return shape_of(result)
    if result.min() < 0 or result.max() >= sizes[1]:
        return Words(f"numbers from {result.min().item()} to {result.max().item()}")
    if any(len(row.unique()) < len(row) for row in result):
        return Words("a place more than once in a row")
    return Words(f"numbers from 0 to {sizes[1] - 1}, none more than once in a row")


def _order(answer: Callable, *sizes: int) -> Words | None:
    result = answer(*sizes)
    if not isinstance(result, Tensor) or result.ndim != 2:
        return shape_of(result)
    steps = result.diff(dim=1)
    ascending = bool((steps >= 0).all())
    descending = bool((steps <= 0).all())
    return Words("ascending" if ascending else "descending" if descending else "no order")


def _between_images(answer: Callable, images: int, *sizes: int) -> Words | None:
    """How many choices there are among the images of one call, and whether they go in pairs."""
    result = answer(images, *sizes)
    if not isinstance(result, Tensor) or result.ndim != 2:
        return shape_of(result)
    rows = {tuple(sorted(row)) for row in result.tolist()}
    if len(rows) == 1:
        return Words("the same choice for all images")
    return Words("many choices" if len(rows) > 0.8 * len(result) else f"{len(rows)} choices")


def _evenness(answer: Callable, images: int, patches: int, visible: int) -> Words | None:
    """Whether each set of places is drawn about as often as it should be, of many images."""
    result = answer(images, patches, visible)
    if not isinstance(result, Tensor) or result.ndim != 2:
        return shape_of(result)
    sets = torch.combinations(torch.arange(patches), visible).tolist()
    drawn = [tuple(sorted(row)) for row in result.tolist()]
    share = 1 / len(sets)
    slack = 6 * (images * share * (1 - share)) ** 0.5
    odd = [s for s in sets if abs(drawn.count(tuple(s)) - images * share) > slack]
    if not odd:
        return Words(f"about {images * share:.0f} times each")
    if len(set(drawn)) == 1:
        return Words("the same choice each time")
    count = drawn.count(tuple(odd[0]))
    often = "too often" if count > images * share else "too seldom" if count else "never"
    return Words(f"{', '.join(map(str, odd[0]))} {often}")


def _call_by_call(answer: Callable, calls: int, images: int, *sizes: int) -> Words | None:
    """The same as `_evenness`, of many calls for few images."""
    rows = [answer(images, *sizes) for _ in range(calls)]
    if not all(isinstance(row, Tensor) and row.shape == (images, sizes[1]) for row in rows):
        return shape_of(rows[0])
    return _evenness(lambda *_: torch.cat(rows), calls * images, *sizes)


def _pairs(answer: Callable, calls: int, images: int, *sizes: int) -> Words | None:
    """Whether images 0 and 1, 2 and 3, ... of a call show the same as often as chance has it."""
    rows = [answer(images, *sizes) for _ in range(calls)]
    if not all(isinstance(row, Tensor) and row.shape == (images, sizes[1]) for row in rows):
        return shape_of(rows[0])
    pairs = torch.cat(rows).view(-1, 2, sizes[1]).tolist()
    same = sum(set(one) == set(other) for one, other in pairs)
    share = 1 / math.comb(*sizes)
    due, slack = len(pairs) * share, 6 * (len(pairs) * share * (1 - share)) ** 0.5
    if abs(same - due) <= slack:
        return Words(f"about {due:.0f} times")
    if same in (0, len(pairs)):
        return Words("always" if same else "never")
    return Words("too often" if same > due else "too seldom")


def _by_seed(answer: Callable, same: bool) -> Words:
    """Two calls with generators of the same seed or of two, and other global states."""
    torch.manual_seed(1)
    one = answer(20, 30, 12, generator=_seeded(5))
    torch.manual_seed(2)
    other = answer(20, 30, 12, generator=_seeded(5 if same else 6))
    return Words("the same choices" if same_value(one, other) else "other choices")


def _next_call(answer: Callable) -> Words:
    """Two calls with one generator."""
    generator = _seeded(5)
    one, other = (answer(20, 30, 12, generator=generator) for _ in range(2))
    return Words("the same choices" if same_value(one, other) else "other choices")


def _next_call_without(answer: Callable) -> Words:
    one, other = (answer(20, 30, 12) for _ in range(2))
    return Words("the same choices" if same_value(one, other) else "other choices")


def _torch_seed(answer: Callable) -> Words:
    """Without a generator, torch.manual_seed makes the choice repeatable."""
    torch.manual_seed(3)
    one = answer(20, 30, 12)
    torch.manual_seed(3)
    return Words("the same choices" if same_value(one, answer(20, 30, 12)) else "other choices")


def _by_position(answer: Callable) -> Words | None:
    return _order(lambda *sizes: answer(*sizes, _seeded(8)), 20, 30, 12)


def _global_state(answer: Callable) -> Words:
    """With a generator, torch's own random numbers are left alone."""
    torch.manual_seed(4)
    before = torch.get_rng_state()
    answer(5, 9, 4, generator=_seeded(5))
    return Words("as before" if torch.equal(before, torch.get_rng_state()) else "changed")


def _taken(answer: Callable) -> Words:
    """Whether a call takes random numbers from the generator."""
    generator = _seeded(5)
    before = generator.get_state()
    answer(20, 30, 12, generator=generator)
    return Words("nothing" if torch.equal(before, generator.get_state()) else "random numbers")


def _in_words(answer: Callable, *sizes: int) -> Words | None:
    """What does not depend on chance: form, order and places in one."""
    parts = [question(answer, *sizes) for question in (_form, _order, _places)]
    return None if None in parts else Words("; ".join(map(str, parts)))


_MANY = (20, 30, 12)

RANDOM_VISIBLE = Exercise(
    id="11.1",
    name="random_visible",
    title="Choose what stays visible",
    difficulty=2,
    minutes=8,
    reference=random_visible,
    hints=(
        "How do you shuffle a row of numbers? And all rows of a table, each in its own way?",
        "A random number for each patch of each image, `torch.rand(num_images, num_patches)`; "
        "`argsort` then gives shuffled places. The first `num_visible` of each row are a fair "
        "choice; sort them.",
        "`chance = torch.rand(num_images, num_patches, generator=generator)`, then `return "
        "chance.argsort(dim=1)[:, :num_visible].sort(dim=1).values`; before it `if not 1 <= "
        "num_visible <= num_patches: raise ValueError(...)`.",
    ),
    trials=(
        Trial(
            "random_visible(20, 30, 12)",
            _MANY,
            _form,
            easier=(
                Easier("where as many are visible as there are images", "for others", (5, 9, 5)),
            ),
        ),
        Trial("random_visible(4, 6, 6), where all are visible", (4, 6, 6), _in_words),
        Trial("The places in random_visible(20, 30, 12)", _MANY, _places),
        Trial("The order of the places in a row", _MANY, _order),
        Trial("The choices of 20 images, 12 of 30 patches", _MANY, _between_images),
        Trial(
            "2 of 4 patches for 1200 images: how often each choice", (100, 12, 4, 2), _call_by_call
        ),
        Trial("1 of 5 patches for 8000 images: how often each choice", (8000, 5, 1), _evenness),
        Trial("3 of 4 patches for 1000 images: how often each choice", (1000, 4, 3), _evenness),
        Trial(
            "2 of 4 patches, 300 calls for one image: how often each", (300, 1, 4, 2), _call_by_call
        ),
        Trial(
            "2 of 5 patches for 900 pairs of images: how often both alike", (150, 12, 5, 2), _pairs
        ),
        Trial("random_visible(3, 1, 1), of the only patch", (3, 1, 1), _in_words),
        Trial("Two calls with generators of the same seed", (True,), _by_seed),
        Trial("Two calls with generators of different seeds", (False,), _by_seed),
        Trial("Two calls with one generator", ask=_next_call),
        Trial("Two calls without a generator", ask=_next_call_without),
        Trial("Two calls without a generator, after torch.manual_seed(3) each", ask=_torch_seed),
        Trial("torch's own random numbers, after a call with a generator", ask=_global_state),
        Trial("The order of the places, with a generator", ask=_by_position),
        Trial("What a call takes from the generator", ask=_taken),
        Trial("random_visible(2, 9, 0)", (2, 9, 0), raises=ValueError),
        Trial("random_visible(2, 9, -1)", (2, 9, -1), raises=ValueError),
        Trial("random_visible(2, 9, 10)", (2, 9, 10), raises=ValueError),
        Trial("random_visible(1, 9, 1), with one image", (1, 9, 1), _form),
        Trial("random_visible(1, 9, 4), with one image", (1, 9, 4), _form),
    ),
)

# 11.2 ---------------------------------------------------------------------------------------------

_CONFIG = {
    "image_size": (8, 12),
    "patch_size": 4,
    "in_channels": 2,
    "num_classes": 5,
    "embed_dim": 12,
    "depth": 3,
    "num_heads": 3,
    "mlp_dim": 20,
}


def _images(count: int, height: int, width: int) -> Tensor:
    return torch.randn(count, 2, height, width, generator=_seeded(height * width))


def _vit(**config) -> VisionTransformer:
    """A tiny model, with all its parameters well away from where they start."""
    return copy.deepcopy(_made(*(_CONFIG | config).items())).eval()


@lru_cache
def _made(*config) -> VisionTransformer:
    state = torch.random.get_rng_state()
    model = VisionTransformer(**dict(config))
    generator = _seeded(7)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
        model.positions.pos_embed.mul_(3)
    torch.random.set_rng_state(state)  # what an answer draws does not depend on this model
    return model


class _Reader(nn.Module):
    """The answer with a model of its own, so that `battery` can ask it as it asks a module."""

    def __init__(self, answer: Callable, dropout: float = 0.0) -> None:
        super().__init__()
        self.answer, self.model = answer, _vit(dropout=dropout)

    def forward(self, images: Tensor, visible: Tensor) -> Tensor:
        return self.answer(self.model, images, visible)


def _encoded(answer: Callable, images: Tensor, visible: Tensor, **config):
    return answer(_vit(**config), images, visible)


def _encoded_upright(answer: Callable, images: Tensor, visible: Tensor):
    return _encoded(answer, images, visible, image_size=(16, 8))


def _all_dropped(answer: Callable, images: Tensor, visible: Tensor):
    """In training mode with dropout=1: only what comes after it is left."""
    return answer(_vit(dropout=1.0).train(), images, visible)


def _not_dropped(answer: Callable, images: Tensor, visible: Tensor):
    """In evaluation mode, dropout does nothing."""
    return answer(_vit(dropout=0.5), images, visible)


def _share_dropped(answer: Callable) -> Words | None:
    """The share of zeros in what enters the encoder, to a tenth: dropout acts once."""
    model = _vit(dropout=0.5).train()
    model.encoder.blocks = nn.ModuleList([nn.Identity()])
    model.encoder.norm = nn.Identity()
    result = answer(model, _images(300, 8, 12), torch.tensor([[0, 2, 3, 5]]).expand(300, -1))
    if not isinstance(result, Tensor):
        return shape_of(result)
    return Words(f"{(result == 0).double().mean():.1f} of the numbers")


def _mode_after(training: bool) -> Callable:
    def ask(answer: Callable, images: Tensor, visible: Tensor) -> bool:
        model = _vit().train(training)
        answer(model, images, visible)
        return all(module.training is training for module in model.modules())

    return ask


def _model_as_it_was(answer: Callable, images: Tensor, visible: Tensor) -> bool:
    model = _vit()
    before = copy.deepcopy(model.state_dict())
    answer(model, images, visible)
    return same_value(before, model.state_dict(), 0.0)


def _learns(part: str) -> Callable:
    """The gradient that reaches the model's parameters, by the beginning of their names."""

    def ask(answer: Callable, images: Tensor, visible: Tensor):
        model = _vit()
        result = answer(model, images, visible)
        if not isinstance(result, Tensor):
            return shape_of(result)
        if not result.requires_grad:
            return Words("no gradient")
        (result * (torch.arange(result.numel()).view(result.shape) % 5 - 1.7)).sum().backward()
        own = [p for name, p in model.named_parameters() if name.startswith(part)]
        return [Words("no gradient") if p.grad is None else p.grad for p in own]

    return ask


def _hidden_changed(answer: Callable, images: Tensor, visible: Tensor) -> Words:
    """Whether the result changes when a hidden patch does."""
    other = images.clone()
    other[:, :, 4:, 4:8] += 5  # place 4 of the 2 x 3
    results = [answer(_vit(), x, visible) for x in (images, other)]
    return Words("the same" if same_value(*results) else "another")


_SEEN = torch.tensor([[0, 1, 5], [1, 3, 5], [2, 3, 5], [0, 2, 3]])  # place 4 is hidden everywhere
_THREE = _images(4, 8, 12), _SEEN
_SAME_PLACES = _THREE[0], _SEEN[:1].repeat(4, 1)
_FIRST_PLACES = _THREE[0], torch.arange(3).repeat(4, 1)
_ALL = _THREE[0], torch.arange(6).repeat(4, 1)
_ONE = _THREE[0], torch.tensor([[3], [5], [0], [2]])

ENCODE_VISIBLE = Exercise(
    id="11.2",
    name="encode_visible",
    title="Encode only what is visible",
    difficulty=3,
    minutes=10,
    reference=encode_visible,
    hints=(
        "What tells a token where it was, and when must that be added? And which number has patch "
        "0 once the class token is in front?",
        "Embed all patches and add the positions (all but the first, which is the class token's). "
        "Choose the visible ones of each image with `gather` or two index tensors. Put the class "
        "token with its position in front, then dropout and encoder.",
        "`tokens = model.embed(images)` does everything before the encoder, dropout too. "
        "`rows = torch.arange(len(images))[:, None]`, then `kept = torch.cat([tokens[:, :1], "
        "tokens[rows, visible + 1]], dim=1)` and `return model.encoder(kept)`.",
    ),
    trials=(
        Trial(
            "encode_visible(model, 4 images, 3 of 6 patches)",
            _THREE,
            _encoded,
            easier=(
                Easier("where all patches are visible", "where some are hidden", _ALL, _encoded),
                Easier(
                    "where all images show the same places",
                    "where each shows others",
                    _SAME_PLACES,
                    _encoded,
                ),
                Easier(
                    "where the first patches are visible",
                    "where others are",
                    _FIRST_PLACES,
                    _encoded,
                ),
                Easier("for one visible patch", "for three", _ONE, _encoded),
                Easier("for one image", "for four", tuple(x[:1] for x in _THREE), _encoded),
            ),
        ),
        Trial(
            "encode_visible(model, 4 images, all 6 patches)",
            _ALL,
            _encoded,
            easier=(Easier("where some patches are hidden", "where none is", _THREE, _encoded),),
        ),
        Trial(
            "encode_visible(model, 4 images, 1 of 6 patches)",
            _ONE,
            _encoded,
            easier=(Easier("for three visible patches", "for one", _THREE, _encoded),),
        ),
        Trial(
            "encode_visible(model for 16 x 8 pixels, 3 images, 5 of 8 patches)",
            (_images(3, 16, 8), torch.tensor([[0, 2, 3, 6, 7], [1, 2, 4, 5, 7], [0, 3, 4, 5, 6]])),
            _encoded_upright,
            easier=(Easier("for 8 x 12 pixels", "for 16 x 8", _THREE, _encoded),),
        ),
        Trial("The result when a hidden patch is another", _THREE, _hidden_changed),
        Trial(
            "encode_visible in training mode, with dropout=1.0",
            _THREE,
            _all_dropped,
            easier=(Easier("without dropout", "with it", _THREE, _encoded),),
        ),
        Trial(
            "encode_visible in evaluation mode, with dropout=0.5",
            _THREE,
            _not_dropped,
            easier=(Easier("without dropout", "with it", _THREE, _encoded),),
        ),
        Trial(
            "How much dropout=0.5 drops before the encoder, in training mode", ask=_share_dropped
        ),
        Trial("Is a model in training mode still in that mode?", _THREE, _mode_after(True)),
        Trial("Is a model in evaluation mode still in that mode?", _THREE, _mode_after(False)),
        Trial("Does the model have the same weights afterwards?", _THREE, _model_as_it_was),
        Trial("The gradient of the positions", _THREE, _learns("positions")),
        Trial("The gradient of the class token", _THREE, _learns("class_token")),
        Trial("The gradient of the patch embedding", _THREE, _learns("patch_embed")),
        *battery(
            "encode_visible(model, 4 images, 3 of 6 patches)",
            _THREE,
            build=_Reader,
            batched=(0, 1),
        ),
    ),
)

# 11.3 ---------------------------------------------------------------------------------------------


def _painted(images: int, height: int, width: int, patch: int, visible: list[list[int]]) -> tuple:
    """Arguments of hidden_loss: every patch has a mean and a spread of its own."""
    generator = _seeded(height + width)
    n, length = height * width // patch**2, 2 * patch**2
    predicted = torch.randn(images, n, length, generator=generator) + 0.3
    pictures = torch.rand(images, 2, height, width, generator=generator)
    pictures = pictures * torch.linspace(0.2, 3, width) + torch.linspace(-1, 2, height)[:, None]
    return predicted, pictures, torch.tensor(visible), patch


def _one_colour() -> tuple:
    """Half of the patches have one colour: their variance is 0."""
    predicted, pictures, visible, patch = _SMALL_LOSS
    pictures = pictures.clone()
    pictures[..., :6] = 0.25
    return predicted, pictures, visible, patch


def _faint() -> tuple:
    """Nearly of one colour: the variance is about as small as what is added to it."""
    predicted, pictures, visible, patch = _SMALL_LOSS
    return predicted, pictures * 1e-3, visible, patch


def _gradient(answer: Callable, predicted: Tensor, *arguments):
    predicted.requires_grad_()
    loss = answer(predicted * 1, *arguments)
    if not isinstance(loss, Tensor) or loss.numel() != 1 or not loss.requires_grad:
        return Words("no gradient")
    (found,) = torch.autograd.grad(loss.sum(), predicted, allow_unused=True)
    return Words("no gradient") if found is None else found


def _visible_changed(answer: Callable, predicted: Tensor, images, visible, patch) -> Words:
    """Whether the loss changes when the prediction for visible patches does."""
    other = predicted.scatter_add(
        1, visible[:, :, None].expand(-1, -1, predicted.shape[2]), torch.full_like(predicted, 3.0)
    )
    losses = [answer(p, images, visible, patch) for p in (predicted, other)]
    return Words("the same" if same_value(*losses) else "another")


def _perfect(answer: Callable, predicted: Tensor, images, visible, patch):
    """The loss of a perfect prediction, to five digits."""
    from vitcourse.model import patchify

    flat = patchify(images, patch)
    target = (flat - flat.mean(2, keepdim=True)) / (flat.var(2, keepdim=True) + 1e-6).sqrt()
    loss = answer(target, images, visible, patch)
    return round(float(loss), 5) + 0.0 if isinstance(loss, Tensor) and loss.numel() == 1 else loss


_SEEN_HALF = [[0, 2, 5], [1, 2, 3], [0, 3, 4], [1, 4, 5]]
_SMALL_LOSS = _painted(4, 6, 9, 3, _SEEN_HALF)
_ONE_HIDDEN = _painted(3, 6, 4, 2, [[0, 1, 2, 4, 5], [1, 2, 3, 4, 5], [0, 1, 2, 3, 4]])
_MOST_HIDDEN = _painted(2, 4, 8, 2, [[6], [3]])
_SAME_SEEN = (*_SMALL_LOSS[:2], torch.tensor([[0, 2, 5]] * 4), 3)
_ALL_HIDDEN = (*_SMALL_LOSS[:2], torch.empty(4, 0, dtype=torch.long), 3)
_NONE_HIDDEN = (*_SMALL_LOSS[:2], torch.arange(6).repeat(4, 1), 3)
_LOSS_EASIER = (
    Easier("where one patch is hidden", "where several are", _ONE_HIDDEN),
    Easier("where all images show the same places", "where each shows others", _SAME_SEEN),
    Easier("for one image", "for several", (*(x[:1] for x in _SMALL_LOSS[:3]), 3)),
)

HIDDEN_LOSS = Exercise(
    id="11.3",
    name="hidden_loss",
    title="The loss on hidden patches",
    difficulty=3,
    minutes=10,
    reference=hidden_loss,
    hints=(
        "Over which axis of the flat patches are mean and variance taken, if each patch has its "
        "own? And which patches are hidden, if you know which are visible?",
        "`patchify(images, patch_size)` has one patch in a row: mean and variance over dim=2, with "
        "keepdim. A mask (B, N) of ones, with False scattered to the visible places, picks the "
        "hidden patches of both tensors.",
        "`patches = patchify(images, patch_size)`, `target = (patches - patches.mean(2, "
        "keepdim=True)) / (patches.var(2, keepdim=True) + 1e-6).sqrt()`, `hidden = torch.ones("
        "predicted.shape[:2], dtype=torch.bool).scatter(1, visible, False)`, `return (predicted - "
        "target)[hidden].square().mean()`; before it `if not hidden.any(): raise ValueError(...)`.",
    ),
    trials=(
        Trial("hidden_loss, 4 images, 3 of 6 patches hidden", _SMALL_LOSS, easier=_LOSS_EASIER),
        Trial(
            "The gradient of the prediction, 3 of 6 patches hidden",
            _SMALL_LOSS,
            _gradient,
            easier=(Easier("in its result", "in its gradient", _SMALL_LOSS),),
        ),
        Trial("hidden_loss, 3 images, 1 of 6 patches hidden", _ONE_HIDDEN),
        Trial("The gradient of the prediction, 1 of 6 patches hidden", _ONE_HIDDEN, _gradient),
        Trial(
            "hidden_loss, 2 images, 7 of 8 patches hidden",
            _MOST_HIDDEN,
            easier=(Easier("where fewer are hidden", "where most are", _SMALL_LOSS),),
        ),
        Trial("The gradient of the prediction, 7 of 8 patches hidden", _MOST_HIDDEN, _gradient),
        Trial(
            "hidden_loss where all 6 patches are hidden",
            _ALL_HIDDEN,
            easier=(Easier("where some are visible", "where none is", _SMALL_LOSS),),
        ),
        Trial(
            "hidden_loss, some patches of one colour",
            _one_colour(),
            easier=(Easier("where colours vary", "where a patch has one", _SMALL_LOSS),),
        ),
        Trial(
            "hidden_loss, patches of nearly one colour",
            _faint(),
            easier=(Easier("where colours vary", "where they hardly do", _SMALL_LOSS),),
        ),
        Trial("The gradient where patches are of nearly one colour", _faint(), _gradient),
        Trial(
            "The loss when the prediction for a visible patch is another",
            _SMALL_LOSS,
            _visible_changed,
        ),
        Trial("The loss of a perfect prediction", _SMALL_LOSS, _perfect),
        Trial("hidden_loss where no patch is hidden", _NONE_HIDDEN, raises=ValueError),
        *battery(
            "hidden_loss, 4 images, 3 of 6 patches hidden",
            _SMALL_LOSS,
            batched=(0, 1, 2),
            without=("float64", "bfloat16", "gradients"),  # a loss may well be of another dtype
        ),
    ),
)

# 11.4 ---------------------------------------------------------------------------------------------


def _spread(n: int, d: int, seed: int, ratio: float = 1.6) -> Tensor:
    """Rows whose variances along their directions are clearly apart, far from the origin."""
    generator = _seeded(seed)
    rank = min(n - 1, d)
    rows = torch.randn(n, rank, generator=generator, dtype=torch.float64)
    rows = torch.linalg.qr(rows - rows.mean(0)).Q  # orthogonal columns, each with mean 0
    turn = torch.linalg.qr(torch.randn(d, d, generator=generator, dtype=torch.float64)).Q[:rank]
    sizes = 3.0 * ratio ** -torch.arange(rank, dtype=torch.float64)
    centre = torch.randn(d, generator=generator, dtype=torch.float64) * 2
    return (rows * (sizes * n**0.5) @ turn + centre).float()


def _signs_aside(answer: Callable) -> Callable:
    """The same with each column turned so that its largest number is positive."""

    def ask(features: Tensor, count: int):
        result = answer(features, count)
        if not isinstance(result, Tensor) or result.ndim != 2 or not len(result):
            return result
        largest = result.gather(0, result.abs().argmax(dim=0, keepdim=True))
        return result * torch.where(largest < 0, -1, 1).to(result.dtype)

    return ask


def _aside(answer: Callable, features: Tensor, count: int):
    """Signs aside, and without what rounding leaves of a component of no variance."""
    result = _signs_aside(answer)(features, count)
    return torch.where(result.abs() < 1e-5, 0, result) if isinstance(result, Tensor) else result


_RULES = {
    "the largest entry, by magnitude, is positive": lambda v, u: _largest(v) > 0,
    "the largest entry, by magnitude, is negative": lambda v, u: _largest(v) < 0,
    "the first entry is positive": lambda v, u: v[0] > 0,
    "the last entry is positive": lambda v, u: v[-1] > 0,
    "the sum is positive": lambda v, u: v.sum() > 0,
    "the largest result, by magnitude, is positive": lambda v, u: _largest(u) > 0,
    "the first result is positive": lambda v, u: u[0] > 0,
}


def _largest(numbers: Tensor) -> Tensor:
    return numbers[numbers.abs().argmax()]


def _rule_of_signs(answer: Callable) -> Words | None:
    """What all directions have in common, read off the results for six sets of features."""
    found = []
    for seed in range(6):
        features = _spread(12 + seed, 5, 100 + seed)
        result = answer(features, 3)
        if not isinstance(result, Tensor) or result.shape != (len(features), 3):
            return shape_of(result)
        right = principal_components(features, 5)
        centred = features - features.mean(0)
        for u, due in zip(result.float().unbind(1), right.unbind(1), strict=False):
            direction = torch.linalg.lstsq(centred, due[:, None]).solution[:, 0]
            found.append((direction if (u * due).sum() > 0 else -direction, u))
    return Words(
        next(
            (name for name, rule in _RULES.items() if all(rule(v, u) for v, u in found)),
            "no rule for all of them",
        )
    )


def _in_float64(answer: Callable, features: Tensor, count: int):
    return answer(features.double(), count)


_TALL = _spread(14, 5, 1), 3
_WIDE = _spread(6, 9, 2), 3
_FULL = _spread(12, 4, 3), 4
_SQUARE = _spread(5, 5, 4), 2
_LONG = _spread(40, 3, 5), 2

PRINCIPAL_COMPONENTS = Exercise(
    id="11.4",
    name="principal_components",
    title="Principal components by hand",
    difficulty=3,
    minutes=10,
    reference=principal_components,
    hints=(
        "Around which point do rows differ? And are the directions that svd or eigh give in rows "
        "or in columns, the largest first or last?",
        "Subtract `features.mean(dim=0)`. `torch.linalg.svd(centred, full_matrices=False).Vh` has "
        "the directions in rows, largest first. For each find the entry with the largest "
        "magnitude, multiply by its sign, then project: centred @ directions.T.",
        "`V = torch.linalg.svd(centred, full_matrices=False).Vh[:count]`, `largest = V.gather(1, "
        "V.abs().argmax(dim=1, keepdim=True))`, `return centred @ (V * largest.sign()).T`.",
    ),
    trials=tuple(
        trial if trial.tolerance < TOLERANCE else replace(trial, tolerance=1e-4)
        for trial in (
            Trial(
                "principal_components(features (14, 5), 3), signs aside",
                _TALL,
                _aside,
                easier=(
                    Easier("for fewer rows than numbers in each", "for more", _WIDE, _aside),
                    Easier("where all components are asked for", "where some are", _FULL, _aside),
                    Easier("for one component", "for several", (_TALL[0], 1), _aside),
                ),
            ),
            Trial(
                "principal_components(features (6, 9), 3), signs aside",
                _WIDE,
                _aside,
                easier=(Easier("for more rows than numbers in each", "for fewer", _TALL, _aside),),
            ),
            Trial("principal_components(features (12, 4), 4), signs aside", _FULL, _aside),
            Trial("principal_components(features (5, 5), 2), signs aside", _SQUARE, _aside),
            Trial("principal_components(features (40, 3), 1), signs aside", (_LONG[0], 1), _aside),
            Trial("What all directions have in common", ask=_rule_of_signs),
            *battery(
                "principal_components(features (40, 3), 2), signs aside",
                _LONG,
                build=_signs_aside,
                batched=(),
                without=("bfloat16", "gradients"),
            ),
        )
    ),
)

# 11.5 ---------------------------------------------------------------------------------------------


def _groups(n: int, d: int, k: int, seed: int) -> tuple[Tensor, Tensor]:
    """Rows without clear groups, so that centres go on moving, and centres to start from."""
    generator = _seeded(seed)
    features = torch.randn(n, d, generator=generator) * torch.linspace(2, 1, d)
    return features, torch.randn(k, d, generator=generator) * 0.5 + 0.4


def _one_far_away() -> tuple[Tensor, Tensor, int]:
    """A centre that is nobody's nearest."""
    features, centres = _groups(20, 3, 4, seed=21)
    centres[3] = torch.tensor([30.0, -40.0, 25.0])  # the last: bincount alone does not see it
    return features, centres, 3


def _centres_of(answer: Callable, *arguments):
    result = answer(*arguments)
    return result[1] if isinstance(result, (tuple, list)) and len(result) == 2 else shape_of(result)


def _kind_of_labels(answer: Callable, *arguments) -> Words | None:
    result = answer(*arguments)
    if not isinstance(result, (tuple, list)) or not all(isinstance(x, Tensor) for x in result):
        return shape_of(result)
    return Words(", ".join(f"{tuple(x.shape)} {x.dtype}".replace("torch.", "") for x in result))


_SIX_STEPS = (*_groups(30, 3, 4, seed=276), 6)  # its labels change in each step
_ONE_STEP = (*_SIX_STEPS[:2], 1)
_TWO_STEPS = (*_SIX_STEPS[:2], 2)
_EMPTY = _one_far_away()
_LOSES_ROWS = (*_groups(8, 2, 5, seed=63), 2)  # a centre that has moved, and has none in step 2
_SIX_CENTRES = (*_groups(20, 3, 6, seed=21), 3)

K_MEANS = Exercise(
    id="11.5",
    name="k_means",
    title="Groups that nobody named",
    difficulty=2,
    minutes=8,
    reference=k_means,
    hints=(
        "What are the distances of all rows to all centres in one table, and along which axis is "
        "the nearest? What is the mean of no rows?",
        "In each step: `torch.cdist(features, centres).argmin(dim=1)`, then for each centre that "
        "has rows the mean of `features[labels == number]`. Work on a clone of the centres.",
        "`centres = centres.clone()`, `for _ in range(steps):`, `labels = torch.cdist(features, "
        "centres).argmin(dim=1)`, `for number in labels.unique(): centres[number] = "
        "features[labels == number].mean(dim=0)`, and at the end `return labels, centres`.",
    ),
    trials=(
        Trial(
            "k_means(features (30, 3), 4 centres, 1): shapes and dtypes", _ONE_STEP, _kind_of_labels
        ),
        Trial("k_means(features (30, 3), 4 centres, 1)", _ONE_STEP),
        Trial(
            "k_means(features (30, 3), 4 centres, 2)",
            _TWO_STEPS,
            easier=(Easier("for one step", "for two", _ONE_STEP),),
        ),
        Trial(
            "k_means(features (30, 3), 4 centres, 6)",
            _SIX_STEPS,
            easier=(
                Easier("for one step", "for six", _ONE_STEP),
                Easier("for two steps", "for six", _TWO_STEPS),
            ),
        ),
        Trial(
            "k_means(features (20, 3), 4 centres of which one is far away, 3)",
            _EMPTY,
            easier=(Easier("where no centre is far away", "where one is", _SIX_STEPS),),
        ),
        Trial(
            "k_means(features (20, 3), 6 centres, 3)",
            _SIX_CENTRES,
            easier=(Easier("for four centres", "for six", _SIX_STEPS),),
        ),
        Trial("k_means(features (8, 2), 5 centres of which one loses its rows, 2)", _LOSES_ROWS),
        Trial(
            "k_means(features (1, 3), 2 centres, 1)",
            (_SIX_STEPS[0][:1], _SIX_STEPS[1][:2], 1),
            easier=(Easier("for several rows", "for one", _ONE_STEP),),
        ),
        Trial("k_means(features (9, 5), 2 centres, 4)", (*_groups(9, 5, 2, seed=22), 4)),
        Trial("k_means(features (7, 2), 1 centre, 2)", (*_groups(7, 2, 1, seed=23), 2)),
        Trial(
            "The centres of k_means(features (7, 2), 1 centre, 1)",
            (*_groups(7, 2, 1, seed=23), 1),
            _centres_of,
        ),
        *battery(
            "k_means(features (30, 3), 4 centres, 6)",
            _SIX_STEPS,
            batched=(),
            without=("bfloat16", "gradients"),
        ),
    ),
)

EXERCISES = (RANDOM_VISIBLE, ENCODE_VISIBLE, HIDDEN_LOSS, PRINCIPAL_COMPONENTS, K_MEANS)
