"""Chapter 3, positions: measure that order is lost, make waves, add a table, stretch it.

No grid here is square, and no two sizes are alike; otherwise swapped axes look right.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitcourse.exercises.battery import battery
from vitcourse.exercises.course_answers import (
    equivariance_error,
)
from vitcourse.exercises.engine import Easier, Exercise, Trial
from vitcourse.model.positions import PositionEmbedding, resize_positions, sincos_1d, sincos_2d


def _random(*shape: int, seed: int = 1, dtype: torch.dtype = torch.float32) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


# 3.1 ----------------------------------------------------------------------------------------------
# In float64, so that an equivariant layer is off by no more than 1e-15. There are more images and
# more numbers in a token than tokens, so that shuffling the wrong axis raises no error.


def _adds_places(tokens: Tensor) -> Tensor:
    places = torch.tensor([-0.5, 2.0, -1.25, -1.0, 9.0, 3.0, -4.0], dtype=tokens.dtype)
    return tokens + places[: tokens.shape[1], None]


def _attends(tokens: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(tokens, tokens, tokens)


def _running_sum(tokens: Tensor) -> Tensor:
    return tokens.cumsum(dim=1)


def _adds_image_numbers(tokens: Tensor) -> Tensor:
    images = torch.arange(len(tokens)) % 7  # from 0 again, for those who run both in one batch
    return tokens + images.to(tokens.dtype)[:, None, None]


def _to_12_digits(answer, layer, tokens: Tensor, order: Tensor):
    """Of an equivariant layer: what is smaller is the processor's rounding, not the answer's."""
    error = answer(layer, tokens, order)
    return round(error, 12) if isinstance(error, float) else error


def _first_sum(tokens: Tensor) -> Tensor:
    return -tokens.cumsum(dim=1)[..., :1]


def _notices_the_last(tokens: Tensor) -> Tensor:
    last = torch.tensor([0.0, 0.0, 0.0, 0.0, 0.001], dtype=tokens.dtype)
    return tokens - last[: tokens.shape[1], None]


def _linear_layer() -> nn.Linear:
    layer = nn.Linear(6, 3).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(_random(*parameter.shape, seed=2))
    return layer


_TOKENS = _random(7, 5, 6, dtype=torch.float64)
_ORDER = torch.tensor([3, 0, 4, 2, 1])  # not its own inverse
_SWAPPED = torch.tensor([1, 0])

EQUIVARIANCE = Exercise(
    id="3.1",
    name="equivariance_error",
    title="Does a layer notice the order?",
    difficulty=2,
    minutes=10,
    reference=equivariance_error,
    hints=(
        "There are two ways to a shuffled result: shuffle the tokens and run the layer, or run the "
        "layer and shuffle what comes out. Which axis holds the tokens?",
        "`tokens[:, order]` is the shuffled input, `layer(tokens)[:, order]` the shuffled output. "
        "Both have the shape of the layer's result: subtract them.",
        "`(layer(tokens[:, order]) - layer(tokens)[:, order]).abs().max().item()`",
    ),
    trials=(
        Trial(
            "A layer that adds a different number to the token at each place",
            (_adds_places, _TOKENS, _ORDER),
            easier=(
                Easier("for two places", "for five", (_adds_places, _TOKENS[:, :2], _SWAPPED)),
                Easier("for an equivariant layer", "for others", (_attends, _TOKENS, _ORDER)),
            ),
        ),
        Trial(
            "A layer that replaces each token by the sum of the tokens up to it",
            (_running_sum, _TOKENS, _ORDER),
            easier=(Easier("for one image", "for seven", (_running_sum, _TOKENS[:1], _ORDER)),),
        ),
        Trial(
            "Attention, on 7 x 5 x 6 tokens, to 12 digits",
            (_attends, _TOKENS, _ORDER),
            ask=_to_12_digits,
        ),
        Trial(
            "An nn.Linear from 6 numbers to 3, to 12 digits",
            (_linear_layer(), _TOKENS, _ORDER),
            ask=_to_12_digits,
        ),
        Trial(
            "A layer that adds a different number to each image",
            (_adds_image_numbers, _TOKENS, _ORDER),
        ),
        Trial(
            "A layer that gives one number for each token",
            (_first_sum, _TOKENS, _ORDER),
        ),
        Trial(
            "A layer that notices only the last place, and only a little",
            (_notices_the_last, _TOKENS, _ORDER),
        ),
        *battery(
            "equivariance_error of a layer that adds up tokens",
            (_running_sum, _random(7, 5, 6, seed=2), _ORDER),
            batched=(1,),
            without=("bfloat16", "gradients"),  # the result is a plain float
        ),
    ),
)

# 3.2 ----------------------------------------------------------------------------------------------

_BETWEEN = torch.tensor([0.5, 2.25, -1.75])

SINCOS_1D = Exercise(
    id="3.2",
    name="sincos_1d",
    title="A clock with many hands",
    difficulty=3,
    minutes=15,
    reference=sincos_1d,
    hints=(
        "How many hands are there, if each takes two of the dim numbers? What are their speeds?",
        "Make the dim / 2 frequencies w as one tensor. All angles are then one multiplication, "
        "(N, 1) times (dim / 2,). Take sines and cosines, and put them side by side.",
        "`w = 10000 ** (-torch.arange(half) / half)`, `angles = positions[:, None] * w`, "
        "`torch.cat([angles.sin(), angles.cos()], dim=1)`",
    ),
    trials=(
        Trial(
            "sincos_1d(7, 6)",
            (7, 6),
            easier=(
                Easier("for dim=2", "for dim=6", (7, 2)),
                Easier("for position 0", "for later ones", (1, 6)),
            ),
        ),
        Trial("sincos_1d(5, 12)", (5, 12), easier=(Easier("for dim=6", "for dim=12", (5, 6)),)),
        Trial(
            "sincos_1d(torch.tensor([3, 0, 7]), 8)",
            (torch.tensor([3, 0, 7]), 8),
            easier=(Easier("for an int", "for a tensor of positions", (8, 8)),),
        ),
        Trial(
            "sincos_1d(torch.tensor([0.5, 2.25, -1.75]), 6)",
            (_BETWEEN, 6),
            easier=(
                Easier("from position 0 on", "below 0", (_BETWEEN[:2], 6)),
                Easier("for whole positions", "for others", (_BETWEEN.new_tensor([0, 2, 3]), 6)),
            ),
        ),
        Trial(
            "sincos_1d(torch.tensor([100, 37, 0, 5]), 4)",  # where a base of 10001 would show
            (torch.tensor([100, 37, 0, 5]), 4),
            easier=(Easier("for positions below 10", "for 37 and 100", (10, 4)),),
        ),
        Trial(
            "sincos_1d(1, 4)",
            (1, 4),
            easier=(Easier("for several positions", "for a single one", (3, 4)),),
        ),
        Trial("sincos_1d(3, 2)", (3, 2), easier=(Easier("for dim=4", "for dim=2", (3, 4)),)),
        *battery(
            "sincos_1d(torch.tensor([0.5, 2.25, -1.75]), 6)",
            (_BETWEEN, 6),
            batched=(),
            # Large positions lose digits in float32, which is what the text asks for. Gradients
            # are left open, so that NumPy and loops are right.
            without=("numbers", "float64", "bfloat16", "gradients"),
        ),
    ),
)

# 3.3 ----------------------------------------------------------------------------------------------

SINCOS_2D = Exercise(
    id="3.3",
    name="sincos_2d",
    title="Rows and columns",
    difficulty=3,
    minutes=15,
    reference=sincos_2d,
    hints=(
        "In which row and in which column is token n, if a row holds `columns` tokens?",
        "Make two tensors of length rows * columns: the row number of each token, 0 0 0 1 1 1, and "
        "its column number, 0 1 2 0 1 2. `sincos_1d` takes tensors of positions.",
        "`n = torch.arange(rows * columns)`, then "
        "`torch.cat([sincos_1d(n // columns, dim // 2), sincos_1d(n % columns, dim // 2)], dim=1)`",
    ),
    trials=(
        Trial(
            "sincos_2d((2, 3), 8): 2 rows of 3",
            ((2, 3), 8),
            easier=(
                Easier("for a square grid", "for 2 x 3", ((3, 3), 8)),
                Easier("for a single row", "for two", ((1, 3), 8)),
                Easier("for a single column", "for three", ((2, 1), 8)),
                Easier("for the first place", "for later ones", ((1, 1), 8)),
            ),
        ),
        Trial(
            "sincos_2d((5, 2), 12): 5 rows of 2",
            ((5, 2), 12),
            easier=(Easier("for 2 x 3 and dim=8", "for 5 x 2 and dim=12", ((2, 3), 8)),),
        ),
        Trial("sincos_2d((3, 3), 4): 3 rows of 3", ((3, 3), 4)),
        Trial(
            "sincos_2d((1, 101), 8): one row of 101",  # where a base of 10001 would show
            ((1, 101), 8),
            easier=(
                Easier("for several rows", "for a single one", ((2, 101), 8)),
                Easier("for a row of 9", "for a row of 101", ((1, 9), 8)),
            ),
        ),
        Trial(
            "sincos_2d((3, 1), 4): one column of 3",
            ((3, 1), 4),
            easier=(Easier("for several columns", "for a single one", ((3, 2), 4)),),
        ),
        Trial(
            "sincos_2d((1, 1), 4): a single place",
            ((1, 1), 4),
            easier=(Easier("for several places", "for a single one", ((1, 2), 4)),),
        ),
        *battery(
            "sincos_2d((2, 3), 8)",
            ((2, 3), 8),
            batched=(),
            # Nothing goes in but whole numbers.
            without=("numbers", "float64", "bfloat16", "memory", "gradients", "no_grad"),
        ),
    ),
)

# 3.4 ----------------------------------------------------------------------------------------------
# The text names the attribute, its kind and its shape; chapter 6 loads weights into it.

_N, _D = 5, 6  # num_tokens and embed_dim in all trials


def _table_of(layer) -> str:
    """What `pos_embed` is, in words: compared as a sentence, so that a message can show it."""
    table = getattr(layer, "pos_embed", None)
    if table is None:
        return "there is no attribute pos_embed"
    if isinstance(table, nn.Parameter):
        learns = "" if table.requires_grad else " that is frozen"
        return f"an nn.Parameter{learns}, {table.dtype}, shape {tuple(table.shape)}"
    if isinstance(table, nn.Module):
        return f"an nn.{type(table).__name__}"
    if isinstance(table, Tensor):
        kept = "kept as a buffer" if "pos_embed" in dict(layer.named_buffers()) else "that is plain"
        return f"a tensor {kept}, not an nn.Parameter"
    return f"of type {type(table).__name__}"


def _attribute(answer, num_tokens: int, embed_dim: int) -> str:
    return _table_of(answer(num_tokens, embed_dim))


def _filled(answer, num_tokens: int = _N):
    """The learner's layer, its table filled with random numbers, whatever kind of table it is."""
    layer = answer(num_tokens, _D)
    tables = [*layer.parameters(), *layer.buffers()] or [getattr(layer, "pos_embed", None)]
    with torch.no_grad():
        for i, table in enumerate(filter(torch.is_tensor, tables)):
            if table.is_floating_point():  # and not the numbers of the places
                table.copy_(_random(*table.shape, seed=table.numel() + 1000 * i))
    torch.default_generator.manual_seed(1)  # a table made at each call is known by its numbers
    return layer.eval()


def _adds(answer, tokens: Tensor, num_tokens: int = _N):
    result = _filled(answer, num_tokens)(tokens)
    return result.detach() if isinstance(result, Tensor) else result


def _while_training(answer, tokens: Tensor) -> str:
    layer = _filled(answer)
    calm, training = layer(tokens), layer.train()(tokens)
    if torch.equal(calm, training):
        return "nothing"
    return "some numbers are 0" if (training == 0).any() else "the numbers are different"


def _repeats(answer, tokens: Tensor) -> bool:
    layer = _filled(answer)
    return bool(torch.equal(layer(tokens), layer(tokens)))


def _learns(answer, tokens: Tensor) -> str:
    """What a gradient reaches."""
    layer = _filled(answer)
    result = layer(tokens)
    if not result.requires_grad:
        return "nothing"
    result.sum().backward()
    reached = [p for p in layer.parameters() if p.grad is not None]
    return ", ".join(f"a table {tuple(p.shape)}" for p in reached) or "nothing"


def _sets_no_seed(answer) -> bool:
    """After two seeds, and a layer made after each, the random numbers that follow differ."""
    followed = []
    for seed in (1, 2):
        torch.default_generator.manual_seed(seed)
        answer(_N, _D)
        followed.append(torch.rand(4))
    return not torch.equal(*followed)


def _starts_small(answer) -> bool:
    return all(bool((p.detach().abs() < 10).all()) for p in answer(50, 64).parameters())


EMBEDDING = Exercise(
    id="3.4",
    name="PositionEmbedding",
    title="A table that learns",
    difficulty=2,
    minutes=10,
    reference=PositionEmbedding,
    hints=(
        "What has to be made once, in `__init__`, so that an optimiser can find it?",
        "An `nn.Parameter` of shape (1, num_tokens, embed_dim). Adding it to (B, num_tokens, "
        "embed_dim) broadcasts over the images. Any other number of tokens deserves an error.",
        "`self.pos_embed = nn.Parameter(0.02 * torch.randn(1, num_tokens, embed_dim))`; in "
        "`forward`: raise ValueError if `tokens.shape[1] != self.pos_embed.shape[1]`, then "
        "`return tokens + self.pos_embed`.",
    ),
    trials=(
        Trial("PositionEmbedding(5, 6).pos_embed", (_N, _D), ask=_attribute),
        Trial("PositionEmbedding(3, 8).pos_embed", (3, 8), ask=_attribute),
        Trial(
            "PositionEmbedding(5, 6), its table filled with random numbers, on 3 x 5 x 6 tokens",
            (_random(3, _N, _D),),
            ask=_adds,
            easier=(Easier("for one image", "for three", (_random(1, _N, _D),), _adds),),
        ),
        Trial("The same, called twice", (_random(3, _N, _D),), ask=_repeats),
        Trial("What is different while training", (_random(3, _N, _D),), ask=_while_training),
        Trial("What a gradient reaches", (_random(3, _N, _D),), ask=_learns),
        Trial(  # first the two that broadcasting lets through
            "PositionEmbedding(5, 6) on a single token",
            (_random(3, 1, _D),),
            ask=_adds,
            raises=ValueError,
        ),
        Trial(
            "PositionEmbedding(1, 6) on 5 tokens",
            (_random(3, _N, _D), 1),
            ask=_adds,
            raises=ValueError,
        ),
        Trial(
            "PositionEmbedding(5, 6) on 4 tokens",
            (_random(3, 4, _D),),
            ask=_adds,
            raises=ValueError,
        ),
        Trial(
            "PositionEmbedding(5, 6) on 6 tokens",
            (_random(3, 6, _D),),
            ask=_adds,
            raises=ValueError,
        ),
        Trial("Start values small enough not to drown the tokens", ask=_starts_small),
        Trial("Does a seed set outside still count after a layer is made?", ask=_sets_no_seed),
        *battery(
            "PositionEmbedding(5, 6) on 3 x 5 x 6 tokens",
            (_random(3, _N, _D),),
            build=_filled,
            without=("modes",),  # training is asked above
        ),
    ),
)

# 3.5 ----------------------------------------------------------------------------------------------


def _table(tokens: int) -> Tensor:
    return _random(1, tokens, 5, seed=3)


def _dtype_of(answer, pos_embed, old_grid, new_grid) -> str:
    return str(answer(pos_embed, old_grid, new_grid).dtype)


def _keeps_cls(answer, pos_embed, old_grid, new_grid) -> bool:
    cls = pos_embed[:, :1].clone()
    return torch.equal(answer(pos_embed, old_grid, new_grid)[:, :1], cls)


RESIZE = Exercise(
    id="3.5",
    name="resize_positions",
    title="Positions for another grid",
    difficulty=4,
    minutes=20,
    reference=resize_positions,
    hints=(
        "Which rows of the table have a place in the image, and which one does not? What does the "
        "rest look like, if you take each channel by itself?",
        "Split off the prefix. The rest, (1, N, D), is an image with D channels: bring it into "
        "(1, D, rows, columns), `F.interpolate` it, bring it back, and put the prefix in front.",
        '`image = rearrange(places.float(), "b (h w) d -> b d h w", h=rows)`, then '
        '`F.interpolate(image, size=new_grid, mode="bicubic", antialias=True)`, then '
        '`rearrange(image, "b d h w -> b (h w) d").to(pos_embed.dtype)`',
    ),
    trials=(
        Trial(
            "A table (1, 1 + 12, 5) from a grid of 2 x 6 to 5 x 9",
            (_table(13), (2, 6), (5, 9)),
            easier=(
                Easier("for square grids", "for 2 x 6 to 5 x 9", (_table(10), (3, 3), (4, 4))),
                Easier("without a prefix", "with CLS in front", (_table(12), (2, 6), (5, 9), 0)),
            ),
        ),
        Trial(
            "A table (1, 1 + 40, 5) from a grid of 8 x 5 to 3 x 4",
            (_table(41), (8, 5), (3, 4)),
            easier=(
                Easier("for a larger grid", "for a smaller one", (_table(13), (2, 6), (5, 9))),
            ),
        ),
        Trial(
            "A table (1, 1 + 9, 5) from a grid of 3 x 3 to 4 x 4",
            (_table(10), (3, 3), (4, 4)),
        ),
        Trial(
            "A table (1, 1 + 12, 5) from a grid of 3 x 4 to 4 x 3: as many, but other places",
            (_table(13), (3, 4), (4, 3)),
        ),
        Trial(
            "A table (1, 1 + 12, 5) from a grid of 3 x 4 to 3 x 4: the same",
            (_table(13), (3, 4), (3, 4)),
            easier=(Easier("for another grid", "for the same", (_table(13), (3, 4), (4, 3))),),
        ),
        Trial(
            "A table (1, 1 + 4, 5) from a grid of 1 x 4 to 3 x 1",
            (_table(5), (1, 4), (3, 1)),
            easier=(Easier("for several rows and columns", "for 1", (_table(13), (3, 4), (4, 3))),),
        ),
        Trial(
            "A table (1, 1 + 6, 5) from a grid of 3 x 2 to 1 x 1",
            (_table(7), (3, 2), (1, 1)),
            easier=(Easier("for several new places", "for one", (_table(7), (3, 2), (1, 4))),),
        ),
        Trial(
            "A table (1, 2 + 12, 5) with num_prefix_tokens=2, from 3 x 4 to 2 x 7",
            (_table(14), (3, 4), (2, 7), 2),
            easier=(Easier("with one prefix token", "with two", (_table(13), (3, 4), (2, 7))),),
        ),
        Trial(
            "A table (1, 12, 5) with num_prefix_tokens=0, from 3 x 4 to 6 x 5",
            (_table(12), (3, 4), (6, 5), 0),
            easier=(Easier("with one prefix token", "with none", (_table(13), (3, 4), (6, 5))),),
        ),
        Trial(
            "The dtype for a table in float64",
            (_table(13).double(), (3, 4), (2, 7)),
            ask=_dtype_of,
            easier=(Easier("in float32", "in float64", (_table(13), (3, 4), (2, 7)), _dtype_of),),
        ),
        Trial(
            "The dtype for a table in bfloat16",
            (_table(13).bfloat16(), (3, 4), (2, 7)),
            ask=_dtype_of,
            errors_alike=True,
            easier=(Easier("in float32", "in bfloat16", (_table(13), (3, 4), (2, 7)), _dtype_of),),
        ),
        Trial(
            "The dtype for a table in float64 whose grid stays the same",
            (_table(13).double(), (3, 4), (3, 4)),
            ask=_dtype_of,
        ),
        Trial(
            "Does CLS of a table in float64 stay as it is, to the last digit?",
            (_table(13).double() / 3, (3, 4), (2, 7)),
            ask=_keeps_cls,
        ),
        *battery(
            "A table (1, 1 + 12, 5) from a grid of 2 x 6 to 5 x 9",
            (_table(13), (2, 6), (5, 9)),
            batched=(),
            # Both dtypes are asked above; the text leaves `view` and gradients open.
            without=("float64", "bfloat16", "memory", "gradients"),
        ),
    ),
)

EXERCISES = (EQUIVARIANCE, SINCOS_1D, SINCOS_2D, EMBEDDING, RESIZE)
