"""Chapter 9, pretrained models: the input they expect, the answer in words, and how to go on.

The pictures of 9.1 are made so that halving or doubling them gives whole numbers: an answer that
resizes bytes and rounds is then as right, to the last digit, as one that resizes floats.
"""

import copy
import math
import numbers
from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitcourse.exercises.compare import same_value
from vitcourse.exercises.engine import Exercise, Mistake, Trial
from vitcourse.model import PatchEmbedding, PositionEmbedding, VisionTransformer, resize_positions


def preprocess(
    picture: Tensor, resize: int, crop: int, mean: tuple[float, ...], std: tuple[float, ...]
) -> Tensor:
    """A photograph as the weights expect it: uint8 (3, H, W) -> float32 (3, crop, crop).

    What torchvision's `weights.transforms()` does: shorter side to `resize` (bilinear, with
    antialiasing), the middle `crop` x `crop` pixels, 0..255 to 0..1, minus mean, divided by std.
    """
    from torchvision.transforms import functional as T  # late: it takes longer than all the rest

    picture = T.resize(picture, [resize], antialias=True)
    picture = T.center_crop(picture, [crop])
    return T.normalize(T.convert_image_dtype(picture, torch.float32), list(mean), list(std))


def top_k(logits: Tensor, names: Sequence[str], k: int = 5) -> list[tuple[str, float]]:
    """The k most probable classes of one image, best first: (classes,) -> [(name, probability)]."""
    best = logits.softmax(dim=0).topk(k)
    return [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)]


def at_size(model: VisionTransformer, image_size: tuple[int, int]) -> VisionTransformer:
    """A ViT with the same weights for images of another size (H, W), in evaluation mode.

    Positions are resized to the new grid, the class token's stays; all else is copied.
    """
    new = VisionTransformer(**(model.config | {"image_size": image_size}))
    state = model.state_dict()
    state["positions.pos_embed"] = resize_positions(
        state["positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size
    )
    new.load_state_dict(state)
    return new.to(model.head.weight).eval()


def frozen_features(model: VisionTransformer, images: Tensor, batch_size: int = 32) -> Tensor:
    """What the head gets to read: (B, C, H, W) -> (B, D), the class token after the last norm."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = [model.forward_features(part)[:, 0] for part in images.split(batch_size)]
    model.train(was_training)
    return torch.cat(features)


def fine_tuning_groups(
    model: VisionTransformer, num_classes: int, head_lr: float, body_lr: float
) -> list[dict]:
    """Give the model a new head, all zeros, and torch.optim a learning rate for every parameter."""
    body = [p for name, p in model.named_parameters() if not name.startswith("head.")]
    model.head = nn.Linear(model.head.in_features, num_classes).to(model.head.weight)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    return [
        {"params": list(model.head.parameters()), "lr": head_lr},
        {"params": body, "lr": body_lr},
    ]


# 9.1 ----------------------------------------------------------------------------------------------

_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_MEAN, _STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.4)


def _drawn(height: int, width: int, seed: int) -> Tensor:
    """A picture of 0, 64, 128 and 192: half or twice as large, bilinear gives whole numbers."""
    generator = torch.Generator().manual_seed(seed)
    return (64 * torch.randint(4, (3, height, width), generator=generator)).to(torch.uint8)


def _ramps(height: int, width: int) -> Tensor:
    """Brighter to the right in channels 0 and 2, brighter downwards in channel 1.

    Slanted a little, so that rounding errors differ from row to row and have a mean near 0.
    """
    x, y = torch.arange(width), torch.arange(height)[:, None]
    return torch.stack([8 * x + 3 * y, 8 * y + 3 * x, 8 * x + 3 * y]).div(5).to(torch.uint8)


def _new_side(answer: Callable, height: int, width: int, resize: int, crop: int):
    """How long the longer side becomes, to half a pixel, from how steep the two ramps are."""
    result = answer(_ramps(height, width), resize, crop, (0.5,) * 3, (0.25,) * 3)
    if not isinstance(result, Tensor):
        return type(result).__name__
    if result.shape != (3, crop, crop) or not result.is_floating_point():
        return f"{tuple(result.shape)}, {result.dtype}"
    right, down = result[0].double().mean(0), result[1].double().mean(1)
    steps = torch.arange(crop).double() - (crop - 1) / 2
    x, y = float((steps * right).sum()), float((steps * down).sum())
    if not (math.isfinite(x / (y or math.nan)) and x):
        return "not to be seen"
    ratio = y / x if width > height else x / y
    side = resize * max(height, width) / min(height, width) * ratio
    return round(2 * side) / 2


def _proportional(height: int, width: int, resize: int) -> tuple[int, int]:
    short, long = min(height, width), max(height, width)
    new = int(resize * long / short)
    return (resize, new) if height <= width else (new, resize)


def _with_long(to_int):
    """Sizes whose longer side is made whole in another way."""

    def size(height, width, resize):
        new = to_int(resize * max(height, width) / min(height, width))
        return (resize, new) if height <= width else (new, resize)

    return size


def _longer(height, width, resize):
    short, long = min(height, width), max(height, width)
    new = int(resize * short / long)
    return (new, resize) if height <= width else (resize, new)


def _float_resize(x: Tensor, size, mode: str, antialias: bool) -> Tensor:
    more = {} if mode == "nearest" else {"antialias": antialias}
    return F.interpolate(x[None].float(), size=size, mode=mode, **more)[0]


def _byte_resize(x: Tensor, size, mode: str, antialias: bool) -> Tensor:
    """As torch resizes bytes: in fixed point, rounded after each direction."""
    more = {} if mode == "nearest" else {"antialias": antialias}
    return F.interpolate(x[None], size=size, mode=mode, **more)[0].float()


def _rounded_resize(x: Tensor, size, mode: str, antialias: bool) -> Tensor:
    return _float_resize(x, size, mode, antialias).round().clamp(0, 255)


def _scaled_resize(x: Tensor, size, mode: str, antialias: bool) -> Tensor:
    height, width = x.shape[1:]
    scale = min(size) / min(height, width)
    return F.interpolate(x[None].float(), scale_factor=scale, mode=mode, antialias=antialias)[0]


def _aligned_resize(x: Tensor, size, mode: str, antialias: bool) -> Tensor:
    return F.interpolate(x[None].float(), size, mode=mode, antialias=antialias, align_corners=True)[
        0
    ]


def _middle(x: Tensor, crop: int) -> Tensor:
    """The middle; black is put around what is smaller, as torchvision does it."""
    rows, columns = (max(crop - side, 0) for side in x.shape[1:])
    x = F.pad(x, (columns // 2, (columns + 1) // 2, rows // 2, (rows + 1) // 2))
    top, left = round((x.shape[1] - crop) / 2), round((x.shape[2] - crop) / 2)
    return x[:, top : top + crop, left : left + crop]


def _middle_or_less(x: Tensor, crop: int) -> Tensor:
    """What slices leave of a picture that is too small."""
    top, left = (max(side - crop, 0) // 2 for side in x.shape[1:])
    return x[:, top : top + crop, left : left + crop]


def _column(values) -> Tensor:
    return torch.tensor(values)[:, None, None]


def _standard(x: Tensor, mean, std) -> Tensor:
    return (x / 255 - _column(mean)) / _column(std)


def _prepared(
    size=_proportional,
    first=lambda x, resize, crop: x,
    resized=_float_resize,
    mode="bilinear",
    antialias=True,
    cut=_middle,
    scaled=_standard,
    give=lambda x: x,
):
    """A stand-in whose steps are replaced one by one."""

    def stand_in(picture, resize, crop, mean, std):
        x = first(picture, resize, crop)
        if size:
            x = resized(x, size(*x.shape[1:], resize), mode, antialias)
        return give(scaled(cut(x.float(), crop), mean, std))

    return stand_in


_ROUNDINGS = (_float_resize, _rounded_resize, _byte_resize)


def _however_rounded(name: str, says: str, **steps) -> Iterator[Mistake]:
    """The same mistake made on floats, on floats rounded, and on bytes."""
    for resized in _ROUNDINGS:
        yield Mistake(name, says, _prepared(resized=resized, **steps))


def _square_first(x: Tensor, resize: int, crop: int) -> Tensor:
    return _middle(x, min(x.shape[1:]))


def _share_first(x: Tensor, resize: int, crop: int) -> Tensor:
    return _middle(x, round(min(x.shape[1:]) * crop / resize))


def _crop_then_resize(resized) -> Callable:
    """Resizes what was cropped to the size of the crop, so that shapes are right."""

    def stand_in(picture, resize, crop, mean, std, first=_square_first):
        x = resized(first(picture, resize, crop), (crop, crop), "bilinear", True)
        return _standard(x.float(), mean, std)

    return stand_in


def _own_statistics(x: Tensor, mean, std) -> Tensor:
    x = x / 255
    return (x - x.mean((1, 2), keepdim=True)) / x.std((1, 2), keepdim=True)


_ONE_SIDE = (
    "A single number, `resize`, is the *shorter* side; the other keeps the proportion. With two "
    "numbers everything gets squeezed, and the model never saw squeezed things."
)
_ORDER = (
    "Mean and std are those of values from 0 to 1: divide by 255 first, then subtract the mean and "
    "divide by std."
)
_TO_CROP = (
    "The shorter side becomes `resize`, which is more than `crop`; then the rim is cut off. Yours "
    "shows more of the picture than in training, and everything in it smaller."
)
_CUT_FIRST = (
    "Yours cuts first and resizes then, so that the model sees things at another scale, or other "
    "pixels at the rim. Resize the whole picture, then cut out the middle."
)
_WHOLE = (
    "The longer side is cut down to a whole number of pixels, as torchvision does it: "
    "int(resize * long / short)."
)
_LAST_AXIS = (
    "Three numbers beside (3, H, W): they are matched with the last axis, the columns. Give them "
    "shape (3, 1, 1): `torch.tensor(mean)[:, None, None]`."
)
_DTYPE = "Asked is float32, as the weights are."

PREPROCESS = Exercise(
    id="9.1",
    name="preprocess",
    title="What the weights were trained on",
    difficulty=2,
    minutes=10,
    reference=preprocess,
    hints=(
        "Four steps, in which order? And of which numbers, 0 to 255 or 0 to 1, are mean and std?",
        "Resize the shorter side, cut out the middle, divide by 255, then standardise each "
        "channel. `torchvision.transforms.v2.functional` (TF) has resize, center_crop, to_dtype "
        "and normalize; `resize` takes a list with one number for the shorter side.",
        "`x = TF.resize(picture, [resize], antialias=True)`, "
        "`x = TF.center_crop(x, [crop])`, `x = TF.to_dtype(x, torch.float32, scale=True)`, "
        "`return TF.normalize(x, mean, std)`.",
    ),
    trials=(
        Trial(
            "preprocess(picture (3, 40, 56), resize=20, crop=12, ...)",
            (_drawn(40, 56, 1), 20, 12, _MEAN, _STD),
        ),
        Trial(
            "preprocess(picture (3, 48, 32), resize=16, crop=8, ...)",
            (_drawn(48, 32, 2).permute(1, 2, 0).contiguous().permute(2, 0, 1), 16, 8, *_IMAGENET),
        ),
        Trial(
            "preprocess(a picture smaller than that, (3, 12, 9), resize=18, crop=12, ...)",
            (_drawn(12, 9, 3), 18, 12, _MEAN, _STD),
        ),
        Trial(
            "A picture of 100 x 114 pixels, resize=75: its width before the cut",
            (100, 114, 75, 64),
            _new_side,
        ),
        Trial(
            "A picture of 114 x 100 pixels, resize=75: its height before the cut",
            (114, 100, 75, 64),
            _new_side,
        ),
    ),
    mistakes=(
        *_however_rounded(
            "no antialiasing",
            "Where a picture shrinks, each new pixel should be a mean over all the old ones below "
            "it. Yours picks a few of them: antialias=True.",
            antialias=False,
        ),
        *_however_rounded("squeezed to a square", _ONE_SIDE, size=lambda h, w, r: (r, r)),
        *_however_rounded(
            "the longer side is resized",
            "Yours makes the longer side `resize` pixels long. It should be the shorter one.",
            size=_longer,
        ),
        *(
            Mistake("the shorter side becomes `crop`", _TO_CROP, stand_in)
            for resized in _ROUNDINGS
            for stand_in in (
                lambda picture, resize, crop, mean, std, resized=resized: _prepared(
                    resized=resized
                )(picture, crop, crop, mean, std),
                _crop_then_resize(resized),
            )
        ),
        *(
            Mistake(
                "squeezed to a square",
                _ONE_SIDE,
                lambda picture, resize, crop, mean, std, resized=resized: _standard(
                    resized(picture, (crop, crop), "bilinear", True), mean, std
                ),
            )
            for resized in _ROUNDINGS
        ),
        *_however_rounded(
            "cropped at the corner",
            "Yours keeps the upper left corner. The middle is where photographers put things.",
            cut=lambda x, crop: x[:, :crop, :crop],
        ),
        Mistake("not resized", "Yours cuts from the picture as it is.", _prepared(size=None)),
        Mistake(
            "not resized",
            "Yours cuts from the picture as it is.",
            _prepared(size=None, cut=_middle_or_less),
        ),
        *_however_rounded(
            "not cropped", "Yours resizes and leaves the rim on.", cut=lambda x, c: x
        ),
        *(
            Mistake(
                "cropped before it is resized",
                _CUT_FIRST,
                lambda picture, resize, crop, mean, std, resized=resized: _crop_then_resize(
                    resized
                )(picture, resize, crop, mean, std, _share_first),
            )
            for resized in _ROUNDINGS
        ),
        *_however_rounded(
            "cropped before it is resized",
            _CUT_FIRST,
            first=lambda x, resize, crop: _middle(x, crop),
            cut=lambda x, crop: x,
        ),
        *_however_rounded("bicubic, not bilinear", "These weights want bilinear.", mode="bicubic"),
        Mistake(
            "nearest, not bilinear",
            "Yours picks single pixels. Asked is bilinear, with antialiasing.",
            _prepared(mode="nearest"),
        ),
        Mistake(
            "align_corners=True",
            "That puts the corner pixels on top of each other and stretches what is between. "
            "Leave it out.",
            _prepared(resized=_aligned_resize),
        ),
        Mistake("the longer side is rounded", _WHOLE, _prepared(size=_with_long(round))),
        Mistake("the longer side is rounded", _WHOLE, _prepared(size=_with_long(math.ceil))),
        Mistake(
            "resized by a factor",
            "scale_factor=... keeps on computing with a side that is no whole number. Give `size` "
            "in pixels.",
            _prepared(resized=_scaled_resize),
        ),
        *_however_rounded(
            "rows and columns swapped",
            "Sizes are (height, width), and a picture is (3, H, W): rows first.",
            size=lambda h, w, r: _proportional(h, w, r)[::-1],
        ),
        Mistake(
            "turned on its side",
            "Rows and columns of your result are exchanged.",
            _prepared(give=lambda x: x.transpose(1, 2)),
        ),
        Mistake(
            "mean and std swapped",
            "Subtract the mean, divide by std.",
            _prepared(scaled=lambda x, mean, std: _standard(x, std, mean)),
        ),
        Mistake(
            "normalised before the division by 255",
            _ORDER,
            _prepared(scaled=lambda x, mean, std: (x - _column(mean)) / _column(std) / 255),
        ),
        Mistake(
            "no division by 255",
            _ORDER,
            _prepared(scaled=lambda x, mean, std: (x - _column(mean)) / _column(std)),
        ),
        Mistake(
            "divided by 255 twice",
            "Yours is dark: to_dtype(..., scale=True), ToTensor and convert_image_dtype have "
            "divided by 255 already.",
            _prepared(scaled=lambda x, mean, std: _standard(x / 255, mean, std)),
        ),
        Mistake(
            "divided by 256",
            "White is 255 and should become 1.",
            _prepared(scaled=lambda x, mean, std: _standard(x * (255 / 256), mean, std)),
        ),
        Mistake(
            "not normalised",
            "Yours ends with values from 0 to 1. Minus mean, divided by std is missing.",
            _prepared(scaled=lambda x, mean, std: x / 255),
        ),
        Mistake(
            "not divided by std",
            "Yours subtracts the mean and stops there.",
            _prepared(scaled=lambda x, mean, std: x / 255 - _column(mean)),
        ),
        Mistake(
            "the mean is not subtracted",
            "Yours divides by std without subtracting the mean first.",
            _prepared(scaled=lambda x, mean, std: x / 255 / _column(std)),
        ),
        Mistake(
            "the mean is subtracted last",
            "First minus mean, then divided by std: mind the brackets.",
            _prepared(scaled=lambda x, mean, std: x / 255 / _column(std) - _column(mean)),
        ),
        Mistake(
            "the mean is subtracted last",
            "First minus mean, then divided by std: mind the brackets.",
            _prepared(scaled=lambda x, mean, std: x / 255 - _column(mean) / _column(std)),
        ),
        Mistake(
            "multiplied by std",
            "Divide by std: afterwards the values spread by about 1.",
            _prepared(scaled=lambda x, mean, std: (x / 255 - _column(mean)) * _column(std)),
        ),
        Mistake(
            "the mean is added",
            "That is the way back, from the model's numbers to a picture. Subtract.",
            _prepared(scaled=lambda x, mean, std: (x / 255 + _column(mean)) / _column(std)),
        ),
        Mistake(
            "the mean is added",
            "That is the way back, from the model's numbers to a picture. Subtract and divide.",
            _prepared(scaled=lambda x, mean, std: x / 255 * _column(std) + _column(mean)),
        ),
        Mistake(
            "mean and std along the last axis",
            _LAST_AXIS,
            _prepared(scaled=lambda x, mean, std: x / 255 - torch.tensor(mean)),
        ),
        Mistake(
            "mean and std along the last axis",
            _LAST_AXIS,
            _prepared(scaled=lambda x, mean, std: x / 255 - torch.tensor(mean)[:, None]),
        ),
        Mistake(
            "one mean for all channels",
            "Each channel has its own mean and its own std.",
            _prepared(scaled=lambda x, mean, std: (x / 255 - mean[0]) / std[0]),
        ),
        Mistake(
            "one mean for all channels",
            "Each channel has its own mean and its own std.",
            _prepared(
                scaled=lambda x, mean, std: (
                    (x / 255 - torch.tensor(mean).mean()) / torch.tensor(std).mean()
                )
            ),
        ),
        Mistake(
            "the picture's own mean and std",
            "Yours makes every picture equally bright. Asked are the numbers that come with the "
            "weights.",
            _prepared(scaled=_own_statistics),
        ),
        Mistake(
            "the picture's own mean and std",
            "Yours makes every picture equally bright. Asked are the numbers that come with the "
            "weights.",
            _prepared(scaled=lambda x, mean, std: (x / 255 - (x / 255).mean()) / (x / 255).std()),
        ),
        Mistake(
            "mean and std are typed in",
            "Your numbers are those of ImageNet, whatever is passed. Other weights come with "
            "others: use the arguments.",
            _prepared(scaled=lambda x, mean, std: _standard(x, *_IMAGENET)),
        ),
        Mistake(
            "mean and std are typed in",
            "You use 0.5 and 0.5, whatever is passed. Use the arguments.",
            _prepared(scaled=lambda x, mean, std: _standard(x, (0.5,) * 3, (0.5,) * 3)),
        ),
        *(
            Mistake(
                "256 and 224 are typed in",
                "Use the arguments `resize` and `crop`: other weights want other sizes.",
                lambda picture, resize, crop, mean, std, resized=resized: _prepared(
                    resized=resized
                )(picture, 256, 224, mean, std),
            )
            for resized in _ROUNDINGS
        ),
        Mistake(
            "blue first",
            "Your channels come in the order blue, green, red. The picture has red first, and so "
            "had the training.",
            _prepared(first=lambda x, resize, crop: x.flip(0)),
        ),
        Mistake(
            "blue first",
            "Your channels come in the order blue, green, red. The picture has red first, and so "
            "had the training.",
            _prepared(give=lambda x: x.flip(0)),
        ),
        *_however_rounded(
            "channels last",
            "Asked is (3, crop, crop), channels first.",
            give=lambda x: x.permute(1, 2, 0),
        ),
        *_however_rounded(
            "cut to 0..1",
            "Normalised values may be negative or more than 1. Leave them as they are.",
            give=lambda x: x.clamp(0, 1),
        ),
        *_however_rounded(
            "a batch of one",
            "Asked is one picture, (3, crop, crop). The batch comes later: `[None]`.",
            give=lambda x: x[None],
        ),
        *_however_rounded(
            "bytes, not floats",
            "Bytes can be neither negative nor between two numbers: all is lost that the "
            "normalisation did.",
            give=lambda x: x.to(torch.uint8),
        ),
        Mistake(
            "float64", _DTYPE + " (NumPy makes float64.)", _prepared(give=lambda x: x.double())
        ),
        Mistake("float16", _DTYPE, _prepared(give=lambda x: x.half())),
    ),
)

# 9.2 ----------------------------------------------------------------------------------------------

_NAMES = ("owl", "tram", "kiwi", "oboe", "lynx", "sled", "fern", "yurt", "moth", "flute", "pie")
_SCORES = torch.tensor([0.3, 2.1, -1.2, 3.4, 0.9, -0.4, 1.6, 2.6, -2.0, 0.1, 1.1])


def _tidy(value):
    """numpy's numbers and texts are numbers and texts."""
    if isinstance(value, (list, tuple)):
        return [_tidy(v) for v in value]
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return float(value)
    return str(value) if isinstance(value, str) else value


def _answers(answer: Callable, *arguments):
    result = answer(*arguments)
    return _tidy(result) if isinstance(result, (list, tuple)) else result


def _ranked(
    probable=lambda logits: logits.softmax(0),
    best=lambda p, k: p.topk(k),
    value=lambda v: v,
    name=lambda names, i, rank: names[i],
    pair=lambda name, p: (name, p),
    give=lambda pairs: pairs,
    count=lambda k: k,
):
    """A stand-in whose steps are replaced one by one."""

    def stand_in(logits, names, k=5):
        values, indices = best(probable(logits), count(k))
        values = value(values)
        if isinstance(values, Tensor):
            values = values.tolist()
        return give(
            [
                pair(name(names, i, rank), v)
                for rank, (v, i) in enumerate(zip(values, indices.tolist(), strict=True))
            ]
        )

    return stand_in


def _position_as_batch(logits, names, k=5):
    best = logits.softmax(1).topk(k)
    return [(names[i], p) for p, i in zip(best.values, best.indices, strict=True)]


_RENORMALISED = (
    "Yours sum to 1 over the k best alone. The others are possible, too: softmax over all "
    "classes, then topk."
)
_PLAIN = "Asked are plain Python numbers: `.item()`, or `.tolist()` for all at once."

TOP_K = Exercise(
    id="9.2",
    name="top_k",
    title="The five best answers",
    difficulty=1,
    minutes=5,
    reference=top_k,
    hints=(
        "What turns scores into probabilities, over how many classes? And what does `topk` give "
        "besides values?",
        "`logits.softmax(dim=0)` over all classes, then `.topk(k)`: its indices are places in "
        "`names`. `.tolist()` makes plain numbers.",
        "`best = logits.softmax(0).topk(k)`, then a list of `(names[i], p)` for "
        "`p, i in zip(best.values.tolist(), best.indices.tolist())`.",
    ),
    trials=(
        Trial("top_k(logits of 11 classes, names, 3)", (_SCORES, _NAMES, 3), _answers),
        Trial("top_k(logits, names)", (_SCORES, list(_NAMES)), _answers),
        Trial("top_k(logits, names, k=1)", (_SCORES, _NAMES, 1), _answers),
        Trial("top_k(logits of 4 classes, names, k=4)", (_SCORES[:4] * 2, _NAMES[:4], 4), _answers),
        Trial("top_k(logits, names), all names alike", (_SCORES, ("crane",) * 11), _answers),
    ),
    mistakes=(
        Mistake(
            "no softmax",
            "Yours are the logits. Probabilities lie between 0 and 1: softmax.",
            _ranked(lambda z: z),
        ),
        Mistake(
            "softmax after topk", _RENORMALISED, _ranked(lambda z: z, value=lambda v: v.softmax(0))
        ),
        Mistake(
            "softmax after topk",
            _RENORMALISED,
            _ranked(value=lambda v: v / v.sum()),
        ),
        Mistake(
            "softmax twice",
            "Two times softmax makes everything equally probable. Once is enough.",
            _ranked(lambda z: z.softmax(0).softmax(0)),
        ),
        Mistake(
            "sigmoid, not softmax",
            "Sigmoid answers yes or no for each class by itself; the values do not share 1 among "
            "them. These classes exclude each other: softmax.",
            _ranked(lambda z: z.sigmoid()),
        ),
        Mistake(
            "log-probabilities",
            "Yours are logarithms: softmax, not log_softmax.",
            _ranked(lambda z: z.log_softmax(0)),
        ),
        Mistake(
            "scores divided by their sum",
            "Scores may be negative; softmax takes exp of each before it divides by the sum.",
            _ranked(lambda z: z / z.sum()),
        ),
        Mistake(
            "per cent", "Asked is a probability from 0 to 1.", _ranked(lambda z: 100 * z.softmax(0))
        ),
        Mistake(
            "rounded",
            "Return the probability as it is; rounding is for printing.",
            _ranked(value=lambda v: [round(p, 2) for p in v.tolist()]),
        ),
        Mistake(
            "rounded",
            "Return the probability as it is; rounding is for printing.",
            _ranked(value=lambda v: [round(p, 3) for p in v.tolist()]),
        ),
        Mistake(
            "worst first",
            "The most probable class should come first.",
            _ranked(give=lambda pairs: pairs[::-1]),
        ),
        Mistake(
            "the least probable ones",
            "Yours are the k worst. (sort() begins with the smallest.)",
            _ranked(best=lambda p, k: p.topk(k, largest=False)),
        ),
        Mistake(
            "the least probable ones",
            "Yours are the k worst. (sort() begins with the smallest.)",
            _ranked(best=lambda p, k: p.topk(k, largest=False), give=lambda pairs: pairs[::-1]),
        ),
        Mistake(
            "the first k classes",
            "Yours are the first k names, not the k most probable.",
            _ranked(best=lambda p, k: (p[:k], torch.arange(k))),
        ),
        Mistake(
            "in the order of the classes",
            "The right classes, but not the most probable first.",
            _ranked(
                best=lambda p, k: (p[(i := p.topk(k).indices.sort().values)], i),
            ),
        ),
        Mistake(
            "in the order of the names",
            "The right classes, sorted by the alphabet. The most probable comes first.",
            _ranked(give=sorted),
        ),
        Mistake(
            "indices, not names",
            "Who knows what class 207 is? names[i].",
            _ranked(name=lambda names, i, rank: i),
        ),
        Mistake(
            "indices, not names",
            "Who knows what class 207 is? names[i].",
            _ranked(name=lambda names, i, rank: str(i)),
        ),
        Mistake(
            "names do not go with their probabilities",
            "Your probabilities are sorted, your names are not. The indices of topk say which "
            "names belong to them.",
            _ranked(name=lambda names, i, rank: names[rank]),
        ),
        Mistake(
            "names off by one",
            "Class i is names[i]: both count from 0.",
            _ranked(name=lambda names, i, rank: names[i - 1]),
        ),
        Mistake(
            "names off by one",
            "Class i is names[i]: both count from 0.",
            _ranked(name=lambda names, i, rank: names[(i + 1) % len(names)]),
        ),
        Mistake(
            "names off by one",
            "Class i is names[i]: both count from 0.",
            _ranked(name=lambda names, i, rank: names[i + 1]),
        ),
        Mistake("k is not used", "Yours gives five, whatever k is.", _ranked(count=lambda k: 5)),
        Mistake(
            "k is not used",
            "Yours gives all classes, whatever k is.",
            _ranked(best=lambda p, k: p.sort(descending=True)),
        ),
        Mistake("only the best one", "Asked are the k best.", _ranked(count=lambda k: 1)),
        Mistake(
            "only the best one",
            "Asked is a list of the k best.",
            _ranked(count=lambda k: 1, give=lambda pairs: pairs[0]),
        ),
        Mistake("tensors, not numbers", _PLAIN, _ranked(value=lambda v: list(v))),
        Mistake(
            "numbers as text",
            "A probability is a number; leave the formatting to whoever prints it.",
            _ranked(value=lambda v: [f"{p:.1%}" for p in v.tolist()]),
        ),
        Mistake(
            "numbers as text",
            "A probability is a number; leave the formatting to whoever prints it.",
            _ranked(value=lambda v: [f"{p:.2f}" for p in v.tolist()]),
        ),
        Mistake(
            "the probability first",
            "Asked is (name, probability).",
            _ranked(pair=lambda n, p: (p, n)),
        ),
        Mistake(
            "only the names",
            "Asked are pairs, (name, probability).",
            _ranked(pair=lambda n, p: n),
        ),
        Mistake(
            "only the probabilities",
            "Asked are pairs, (name, probability).",
            _ranked(pair=lambda n, p: p),
        ),
        Mistake(
            "two lists, not pairs",
            "Asked is one list of pairs: zip joins the two.",
            _ranked(give=lambda pairs: tuple(map(list, zip(*pairs, strict=True)))),
        ),
        Mistake("a dict, not a list", "Asked is a list of pairs.", _ranked(give=dict)),
        Mistake(
            "it expects a batch",
            "The logits of one image have one axis, (classes,): softmax(dim=0).",
            _position_as_batch,
        ),
        Mistake(
            "it expects a batch",
            "The logits are those of one image, (classes,), and [0] takes the first class of it.",
            lambda z, names, k=5: _ranked()(z[0], names, k),
        ),
    ),
)

# 9.3 ----------------------------------------------------------------------------------------------

_CONFIG = {
    "patch_size": 4,
    "in_channels": 2,
    "num_classes": 5,
    "embed_dim": 12,
    "depth": 1,
    "num_heads": 3,
    "mlp_dim": 20,
    "dropout": 0.1,
}
_POSITIONS = "positions.pos_embed"
_BODY = ("patch_embed", "class_token", "positions", "encoder")


def _images(count: int, height: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(height * width)
    return torch.randn(count, 2, height, width, generator=generator)


def _vit(image_size=(8, 12), training: bool = False, **config) -> VisionTransformer:
    """A tiny model, with all its parameters well away from where they start."""
    state = torch.random.get_rng_state()
    model = VisionTransformer(**(_CONFIG | config), image_size=image_size)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
        model.positions.pos_embed.mul_(3)
    torch.random.set_rng_state(state)  # what an answer draws does not depend on this model
    return model.train(training)


def _scores_at(answer: Callable, old, new):
    """The scores of the model for the new size; whatever is no model comes back as it is."""
    result = answer(_vit(old), new)
    if not isinstance(result, nn.Module):
        return result
    with torch.no_grad():
        return result.eval()(_images(3, *new).to(next(result.parameters()).dtype))


def _scores_in_training(answer: Callable):
    result = answer(_vit(dropout=1.0), (16, 8))
    if not isinstance(result, nn.Module):
        return result
    with torch.no_grad():
        return result.train()(_images(3, 16, 8))


def _is_evaluating(answer) -> bool:
    result = answer(_vit(training=True), (16, 8))
    return not any(module.training for module in result.modules())


def _old_is_as_it_was(answer) -> bool:
    """Its weights, the size of its images, and that it is another object than the new one."""
    model, images = _vit(), _images(2, 8, 12)
    before = copy.deepcopy((model.state_dict(), model.config))
    result = answer(model, (16, 8))
    if result is model or not same_value(before, (model.state_dict(), model.config)):
        return False
    with torch.no_grad():
        return model.eval()(images).shape == (2, 5)


def _mode_afterwards(answer) -> bool:
    model = _vit(training=True)
    answer(model, (16, 8))
    return all(module.training for module in model.modules())


def _is_another_model(answer) -> bool:
    model = _vit()
    return answer(model, (8, 12)) is not model


def _is_independent(new_size):
    """Train the new model: does the old one stay as it is?"""

    def ask(answer) -> bool:
        model = _vit()
        before = copy.deepcopy(model.state_dict())
        result = answer(model, new_size)
        with torch.no_grad():
            for parameter in result.parameters():
                parameter.add_(1)
        return same_value(before, model.state_dict())

    return ask


def _can_be_trained(answer) -> bool:
    result = answer(_vit(dropout=0.0), (16, 8))
    try:
        result(_images(2, 16, 8)).square().sum().backward()
    except RuntimeError:
        return False
    return all(parameter.grad is not None for parameter in result.parameters())


def _stretch(pos: Tensor, old, new, **how) -> Tensor:
    """The places resized as an image, in another way than resize_positions does."""
    (rows, columns), dim = old, pos.shape[2]
    image = pos[:, 1:].transpose(1, 2).reshape(1, dim, rows, columns)
    image = F.interpolate(image, size=new, **how)
    return torch.cat([pos[:, :1], image.flatten(2).transpose(1, 2)], dim=1)


def _in_a_row(pos: Tensor, count: int, prefix: int) -> Tensor:
    """All places in one long line, resized as a sound would be."""
    line = F.interpolate(pos[:, prefix:].transpose(1, 2), size=count - prefix, mode="linear")
    return torch.cat([pos[:, :prefix], line.transpose(1, 2)], dim=1)


def _sized(
    positions=resize_positions,
    config=lambda config: config,
    size=lambda size: size,
    keep=lambda name: True,
    strict=True,
    assign=False,
    give=lambda new, model: new.eval(),
):
    """A stand-in whose steps are replaced one by one. positions(pos, old_grid, new_grid)."""

    def stand_in(model, image_size):
        new = VisionTransformer(**(config(model.config) | {"image_size": size(image_size)}))
        state = {name: tensor for name, tensor in model.state_dict().items() if keep(name)}
        if _POSITIONS in state:
            grids = model.patch_embed.grid_size, new.patch_embed.grid_size
            state[_POSITIONS] = positions(state[_POSITIONS], *grids)
        new.load_state_dict(state, strict=strict, assign=assign)
        return give(new, model)

    return stand_in


def _reshaped(model: VisionTransformer, image_size, share: bool = False) -> VisionTransformer:
    """Give this very model another size."""
    patches = model.patch_embed
    old = patches.grid_size
    new = PatchEmbedding(
        image_size, patches.patch_size, patches.in_channels, model.head.in_features
    )
    new.proj = patches.proj
    model.patch_embed = new
    pos = resize_positions(model.positions.pos_embed.detach(), old, new.grid_size)
    if share:
        model.positions = PositionEmbedding(pos.shape[1], pos.shape[2])
    model.positions.pos_embed = nn.Parameter(pos)
    return model.eval()


def _shallow(model, image_size):
    """A copy that has modules of its own at the top, and the old ones everywhere else."""
    new = copy.copy(model)
    new._modules = dict(model._modules)
    return _reshaped(new, image_size, share=True)


def _around_the_old(model, image_size):
    """Where the size is the same, resize_positions gives back the old tensor."""
    new = _sized()(model, image_size)
    if new.patch_embed.grid_size == model.patch_embed.grid_size:
        new.positions.pos_embed = nn.Parameter(model.positions.pos_embed.detach())
    return new


def _without(*names: str):
    return lambda config: {name: value for name, value in config.items() if name not in names}


def _square_root(pos, old, new):
    side = int((pos.shape[1] - 1) ** 0.5)
    return resize_positions(pos, (side, side), new)


def _tiled(pos, old, new):
    count = new[0] * new[1]
    times = -(-count // (pos.shape[1] - 1))
    return torch.cat([pos[:, :1], pos[:, 1:].repeat(1, times, 1)[:, :count]], dim=1)


def _put_in_eval_first(model, image_size):
    return _sized()(model.eval(), image_size)


_SWAPPED = (
    "Grids are (rows, columns), and images (height, width). On a square nobody notices; this one "
    "is none."
)
_CLASS = (
    "The class token has no place in the image. Its position stays as it is; only the others are "
    "resized (num_prefix_tokens=1)."
)
_FILTER = (
    "Right places, another filter. Weights are compared with others' results, so use the "
    "course's resize_positions: bicubic, with antialiasing."
)
_SHARED = (
    "The two models have tensors in common: training the new one would change the old one. Copy "
    "(load_state_dict copies; with assign=True, or a Parameter around an old tensor, nothing is "
    "copied)."
)
_NO_TRAINING = (
    "The new model cannot be trained: its parameters have no gradient, or were made in "
    "inference_mode."
)


def _frozen(new, model):
    return new.eval().requires_grad_(False)


def _made_in_inference_mode(model, image_size):
    with torch.inference_mode():
        return _sized()(model, image_size)


def _flip_grid(pos, old, new):
    return resize_positions(pos, old[::-1], new)


AT_SIZE = Exercise(
    id="9.3",
    name="at_size",
    title="The same model for another image size",
    difficulty=3,
    minutes=15,
    reference=at_size,
    hints=(
        "Which one of all the tensors has a shape that depends on the image size? What do you know "
        "about the grid it was made for?",
        "Make a new VisionTransformer from `model.config` with another image_size. Take the old "
        "state dict, replace the positions by resized ones (`patch_embed.grid_size` has the rows "
        "and columns of each model), and load it.",
        '`new = VisionTransformer(**(model.config | {"image_size": image_size}))`, '
        '`state = model.state_dict()`, `state["positions.pos_embed"] = resize_positions(state['
        '"positions.pos_embed"], model.patch_embed.grid_size, new.patch_embed.grid_size)`, '
        "`new.load_state_dict(state)`, `return new.eval()`.",
    ),
    trials=(
        Trial("Scores, from 8 x 32 pixels to 16 x 16", ((8, 32), (16, 16)), _scores_at),
        Trial("Scores, from 12 x 12 pixels to 8 x 20", (12, (8, 20)), _scores_at),
        Trial("Scores, from 16 x 12 pixels to 8 x 16", ((16, 12), (8, 16)), _scores_at),
        Trial("Scores, from 8 x 12 pixels to the same", ((8, 12), (8, 12)), _scores_at),
        Trial("Scores in training mode, with dropout=1.0", ask=_scores_in_training),
        Trial("Is the new model in evaluation mode, if the old one is not?", ask=_is_evaluating),
        Trial("Is it a new model, even for the same size?", ask=_is_another_model),
        Trial("Has the old model the same weights and size as before?", ask=_old_is_as_it_was),
        Trial("Is an old model in training mode still in it?", ask=_mode_afterwards),
        Trial("Does the old model stay if the new one is trained?", ask=_is_independent((16, 8))),
        Trial("Does it also stay for the same size?", ask=_is_independent((8, 12))),
        Trial("Can the new model be trained?", ask=_can_be_trained),
    ),
    mistakes=(
        Mistake(
            "the class token's position is resized",
            _CLASS,
            _sized(lambda pos, old, new: _in_a_row(pos, 1 + new[0] * new[1], 0)),
        ),
        Mistake(
            "the class token's position is lost",
            "Yours has a zero, or something else, where the class token's position was.",
            _sized(
                lambda pos, old, new: torch.cat(
                    [0 * pos[:, :1], resize_positions(pos, old, new)[:, 1:]], 1
                )
            ),
        ),
        Mistake(
            "the class token's position comes last",
            "The class token stands first, and so does its position.",
            _sized(lambda pos, old, new: resize_positions(pos, old, new).roll(-1, 1)),
        ),
        Mistake(
            "resized in one long row",
            "Tokens beside each other in the row may be far apart in the image. Make it a grid "
            "again, and resize that: resize_positions.",
            _sized(lambda pos, old, new: _in_a_row(pos, 1 + new[0] * new[1], 1)),
        ),
        Mistake(
            "rows and columns swapped",
            _SWAPPED,
            _sized(lambda pos, old, new: resize_positions(pos, old, new[::-1])),
        ),
        Mistake("rows and columns swapped", _SWAPPED, _sized(_flip_grid)),
        Mistake(
            "rows and columns swapped",
            _SWAPPED,
            _sized(lambda pos, old, new: resize_positions(pos, old[::-1], new[::-1])),
        ),
        Mistake(
            "the old grid is taken for a square",
            "The root of the number of patches is the side of a square. The old images need not "
            "be square: model.patch_embed.grid_size.",
            _sized(_square_root),
        ),
        Mistake(
            "width before height",
            "image_size is (height, width). You pass it on the other way round.",
            _sized(size=lambda size: size[::-1]),
        ),
        Mistake(
            "pixels for patches",
            "resize_positions wants grids, in patches: pixels divided by patch_size.",
            lambda model, image_size: _sized(
                lambda pos, old, new: resize_positions(
                    pos, model.patch_embed.image_size, tuple(image_size)
                )
            )(model, image_size),
        ),
        Mistake(
            "another filter",
            _FILTER,
            _sized(lambda *grid: _stretch(*grid, mode="bilinear")),
        ),
        Mistake(
            "another filter",
            _FILTER,
            _sized(lambda *grid: _stretch(*grid, mode="bilinear", antialias=True)),
        ),
        Mistake("another filter", _FILTER, _sized(lambda *grid: _stretch(*grid, mode="nearest"))),
        Mistake("another filter", _FILTER, _sized(lambda *grid: _stretch(*grid, mode="bicubic"))),
        Mistake(
            "another filter",
            _FILTER,
            _sized(lambda *grid: _stretch(*grid, mode="bicubic", align_corners=True)),
        ),
        Mistake(
            "another filter",
            _FILTER,
            _sized(lambda *grid: _stretch(*grid, mode="bilinear", align_corners=True)),
        ),
        Mistake(
            "the positions are not resized",
            "The new grid has another number of places, so that the old table does not fit. "
            "resize_positions stretches it.",
            _sized(lambda pos, old, new: pos),
        ),
        Mistake(
            "resized only if their number differs",
            "2 x 8 places are as many as 4 x 4, and stand elsewhere. Compare the grids, or resize "
            "in any case.",
            _sized(
                lambda pos, old, new: (
                    pos if math.prod(old) == math.prod(new) else resize_positions(pos, old, new)
                )
            ),
        ),
        Mistake(
            "the positions are cut off",
            "Yours takes the first positions of the old table. They belong to other places.",
            _sized(lambda pos, old, new: pos[:, : 1 + new[0] * new[1]]),
        ),
        Mistake(
            "the positions are repeated",
            "Yours begins again at the first position when the table ends.",
            _sized(_tiled),
        ),
        Mistake(
            "random positions",
            "The new model's positions are those that it was born with. Nothing says so: that is "
            "what strict=False is for, and why to avoid it.",
            _sized(keep=lambda name: name != _POSITIONS, strict=False),
        ),
        Mistake(
            "all positions are zero",
            "The model has lost where each patch was. Resize the old ones.",
            _sized(lambda pos, old, new: resize_positions(0 * pos, old, new)),
        ),
        Mistake(
            "only the positions are copied",
            "The new model has random weights everywhere else.",
            _sized(keep=lambda name: name == _POSITIONS, strict=False),
        ),
        Mistake(
            "nothing is copied",
            "The new model has the right size and random weights.",
            _sized(keep=lambda name: False, strict=False),
        ),
        Mistake(
            "the head is not copied",
            "The new model has a random head. It is asked the same question: copy it, too.",
            _sized(keep=lambda name: not name.startswith("head."), strict=False),
        ),
        Mistake(
            "only the encoder is copied",
            "Patches, class token, positions and head are random in the new model.",
            _sized(keep=lambda name: name.startswith("encoder."), strict=False),
        ),
        Mistake(
            "dropout is lost",
            "The new model has dropout 0. Evaluation does not show it, training does. Pass on all "
            "of model.config.",
            _sized(config=_without("dropout")),
        ),
        Mistake(
            "the number of heads is lost",
            "No shape depends on num_heads, so that nothing complains; the scores are wrong. Pass "
            "on all of model.config.",
            _sized(config=_without("num_heads")),
        ),
        Mistake(
            "the number of heads is lost",
            "No shape depends on num_heads, so that nothing complains; the scores are wrong. Pass "
            "on all of model.config.",
            _sized(config=_without("num_heads", "dropout")),
        ),
        Mistake(
            "the number of classes is lost",
            "The new model has 1000 classes, as by default. Pass on all of model.config.",
            _sized(config=_without("num_classes")),
        ),
        Mistake(
            "the number of channels is lost",
            "The new model takes images with 3 channels, as by default. Pass on all of "
            "model.config.",
            _sized(config=_without("in_channels")),
        ),
        Mistake(
            "the old model is changed",
            "You give the old model another size and return it. Asked is a new one: "
            "VisionTransformer(...), or copy.deepcopy.",
            _reshaped,
        ),
        Mistake(
            "the old model is changed",
            "You return the old model itself where the size is the same. Asked is a new one.",
            lambda model, image_size: (
                model.eval()
                if tuple(image_size) == model.patch_embed.image_size
                else _sized()(model, image_size)
            ),
        ),
        Mistake("tensors are shared", _SHARED, _sized(assign=True)),
        Mistake("tensors are shared", _SHARED, _shallow),
        Mistake("tensors are shared", _SHARED, _around_the_old),
        Mistake(
            "left in training mode",
            "A new module is in training mode, with dropout: `.eval()`.",
            _sized(give=lambda new, model: new),
        ),
        Mistake(
            "left in training mode",
            "The new model copies the mode of the old one. Asked is evaluation mode: `.eval()`.",
            _sized(give=lambda new, model: new.train(model.training)),
        ),
        Mistake(
            "the old model is put in evaluation mode",
            "The old model should stay as it was, its mode included: call `.eval()` on the new "
            "one.",
            _put_in_eval_first,
        ),
        Mistake("it cannot be trained", _NO_TRAINING, _sized(give=_frozen)),
        Mistake("it cannot be trained", _NO_TRAINING, _made_in_inference_mode),
        Mistake(
            "a state dict, not a model",
            "Those are the right tensors. Load them into a new VisionTransformer and return that.",
            _sized(give=lambda new, model: new.state_dict()),
        ),
        Mistake(
            "another dtype",
            "The old model is float32, yours is not.",
            _sized(give=lambda new, model: new.eval().double()),
        ),
        Mistake(
            "another dtype",
            "The old model is float32, yours is not.",
            _sized(give=lambda new, model: new.eval().half()),
        ),
    ),
)

# 9.4 ----------------------------------------------------------------------------------------------


class _Log:
    """Notes how the model is called: how many images, in which mode, with gradients or without."""

    def __init__(self, model: VisionTransformer) -> None:
        self.sizes: list[int] = []
        self.modes: list[bool] = []
        self.recorded: list[bool] = []
        model.patch_embed.register_forward_pre_hook(self._note)
        self._dropout = model.dropout

    def __deepcopy__(self, memo: dict) -> "_Log":
        return self

    def _note(self, module: nn.Module, inputs: tuple) -> None:
        self.sizes.append(len(inputs[0]))
        self.modes.append(self._dropout.training)
        learn = any(p.requires_grad for p in (*module.parameters(), inputs[0]))
        self.recorded.append(torch.is_grad_enabled() and learn)


def _features(answer: Callable, images: Tensor, *batch_size: int, training: bool = False):
    return answer(_vit(training=training, dropout=0.5), images, *batch_size)


def _while_training(answer: Callable, images: Tensor, *batch_size: int):
    return _features(answer, images, *batch_size, training=True)


def _mode_after(training: bool):
    def ask(answer) -> bool:
        model = _vit(training=training)
        before = set(model.modules())  # what is new or missing is another question
        answer(model, _images(4, 8, 12), 3)
        return all(m.training is training for m in model.modules() if m in before)

    return ask


def _records(answer) -> bool:
    model = _vit()
    log = _Log(model)
    result = answer(model, _images(4, 8, 12), 3)
    return any(log.recorded) or bool(getattr(result, "requires_grad", False))


def _largest_batch(answer) -> bool:
    model = _vit()
    log = _Log(model)
    answer(model, _images(7, 8, 12), 2)  # `chunk(2)` would make batches of 4 and 3
    return max(log.sizes, default=0) > 2


def _model_as_it_was(answer) -> bool:
    """The same parts, the same weights."""
    model = _vit()
    before = copy.deepcopy(model.state_dict())
    modules = dict(model.named_modules())
    answer(model, _images(4, 8, 12), 3)
    return same_value(before, model.state_dict()) and modules == dict(model.named_modules())


def _nothing_left(answer) -> bool:
    model = _vit()
    answer(model, _images(4, 8, 12), 3)
    return not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


def _gradients_on(answer) -> bool:
    model = _vit()
    with torch.enable_grad():  # whatever the answer left behind ends here
        answer(model, _images(4, 8, 12), 3)
        return torch.is_grad_enabled()


def _still_learns(answer) -> bool:
    model = _vit()
    answer(model, _images(4, 8, 12), 3)
    return all(parameter.requires_grad for parameter in model.parameters())


def _collected(
    read=lambda model, images: model.forward_features(images)[:, 0],
    mode="eval, restored",
    gradients=False,
    starts=lambda count, size: range(0, count, size),
    size=lambda size, count: size,
    join=torch.cat,
    before=lambda model: None,
    after=lambda model: None,
):
    """A stand-in whose steps are replaced one by one."""

    def stand_in(model, images, batch_size=32):
        was_training, count = model.training, len(images)
        step = size(batch_size, count)
        before(model)
        if "eval" in mode:
            model.eval()
        with torch.set_grad_enabled(gradients):
            parts = [read(model, images[i : i + step]) for i in starts(count, step)]
        if "restored" in mode:
            model.train(was_training)
        elif "train" in mode:
            model.train()
        after(model)
        return join(parts)

    return stand_in


def _before_the_norm(model, images):
    x = model.embed(images)
    for block in model.encoder.blocks:
        x = block(x)
    return x[:, 0]


def _normed_twice(model, images):
    return model.encoder.norm(model.forward_features(images)[:, 0])


def _whole_batches(count, size):
    return range(0, count - size + 1, size)


def _one_by_one_left(count, size):
    return [*range(0, count, size)][:-1]


def _remove_head(model):
    model.head = nn.Identity()


def _freeze(model):
    model.requires_grad_(False)


def _patches_of(read_one):
    return lambda model, images: read_one(model.forward_features(images))


_TRAINING_MODE = (
    "The model computes in training mode, with dropout, so that the features are noisy. no_grad "
    "does not change that; model.eval() does."
)
_LEFT_IN_EVAL = (
    "A model that came in training mode goes in evaluation mode, and trains on without dropout. "
    "Remember model.training, and at the end: model.train(was_training)."
)
_RECORDED = (
    "torch records what it would need for backward(), for every image. eval() does not switch that "
    "off; `with torch.no_grad():` does."
)
_SHORT = (
    "The images beyond the last full batch are missing. A slice may be short: "
    "range(0, len(images), batch_size) takes them along."
)
_HOOK = (
    "Your hook stays on the model and is called for ever after: keep what register_..._hook gives "
    "you, and call its remove()."
)
_HEAD = "Yours goes through the head. Asked is what the head reads: model.forward_features."

FROZEN_FEATURES = Exercise(
    id="9.4",
    name="frozen_features",
    title="Features from a frozen model",
    difficulty=2,
    minutes=10,
    reference=frozen_features,
    hints=(
        "What does the head read: which token, before or after the last norm? And what has to be "
        "restored at the end?",
        "`model.forward_features(images)` gives all tokens after the last norm, class token first. "
        "Evaluation mode and no_grad around it, slice by slice; then torch.cat, and "
        "model.train(was_training).",
        "`was_training = model.training`, `model.eval()`, inside `with torch.no_grad():` a list of "
        "`model.forward_features(part)[:, 0] for part in images.split(batch_size)`, then "
        "`model.train(was_training)` and `return torch.cat(features)`.",
    ),
    trials=(
        Trial("frozen_features of 7 images in batches of 3", (_images(7, 8, 12), 3), _features),
        Trial("frozen_features of 6 images in batches of 3", (_images(6, 8, 12), 3), _features),
        Trial("frozen_features of 2 images", (_images(2, 8, 12),), _features),
        Trial(
            "frozen_features of a model in training mode", (_images(5, 8, 12), 2), _while_training
        ),
        Trial("Is a model in training mode still in it afterwards?", ask=_mode_after(True)),
        Trial("Is a model in evaluation mode still in it afterwards?", ask=_mode_after(False)),
        Trial("Are gradients recorded?", ask=_records),
        Trial("Does the model ever get more than batch_size images at once?", ask=_largest_batch),
        Trial("Has the model the same parts and weights afterwards?", ask=_model_as_it_was),
        Trial("Are all hooks removed afterwards?", ask=_nothing_left),
        Trial("Are gradients switched on afterwards, as before?", ask=_gradients_on),
        Trial("Can the model be trained afterwards, all of it?", ask=_still_learns),
    ),
    mistakes=(
        Mistake("the head is applied", _HEAD, _collected(lambda model, images: model(images))),
        Mistake(
            "the head is applied",
            _HEAD,
            _collected(lambda model, images: model(images).softmax(1)),
        ),
        Mistake(
            "the mean of the patches",
            "This head reads the class token, which stands first: [:, 0].",
            _collected(_patches_of(lambda tokens: tokens[:, 1:].mean(1))),
        ),
        Mistake(
            "the mean of all tokens",
            "This head reads the class token, which stands first: [:, 0].",
            _collected(_patches_of(lambda tokens: tokens.mean(1))),
        ),
        Mistake(
            "the last token",
            "The class token stands first, not last: [:, 0].",
            _collected(_patches_of(lambda tokens: tokens[:, -1])),
        ),
        Mistake(
            "the first patch",
            "Token 1 is the first patch. The class token is token 0.",
            _collected(_patches_of(lambda tokens: tokens[:, 1])),
        ),
        Mistake(
            "all tokens",
            "Asked is (B, D): of each image the class token alone, [:, 0].",
            _collected(_patches_of(lambda tokens: tokens)),
        ),
        Mistake(
            "all tokens",
            "Asked is (B, D): of each image the class token alone, [:, 0].",
            _collected(_patches_of(lambda tokens: tokens.flatten(1))),
        ),
        Mistake(
            "the first image of each batch",
            "`[0]` takes the first image with all its tokens. `[:, 0]` takes the first token of "
            "each image.",
            _collected(_patches_of(lambda tokens: tokens[0])),
        ),
        Mistake(
            "an axis too many",
            "Asked is (B, D). `[:, 0]` drops the axis of the tokens, `[:, :1]` keeps it.",
            _collected(_patches_of(lambda tokens: tokens[:, :1])),
        ),
        Mistake(
            "before the last norm",
            "The head reads the class token after encoder.norm.",
            _collected(_before_the_norm),
        ),
        Mistake(
            "normed twice",
            "forward_features ends with the norm already.",
            _collected(_normed_twice),
        ),
        Mistake(
            "before the encoder",
            "Yours is what enters the encoder: there, the class token has seen nothing yet.",
            _collected(lambda model, images: model.embed(images)[:, 0]),
        ),
        Mistake("the last short batch is left out", _SHORT, _collected(starts=_whole_batches)),
        Mistake("the last short batch is left out", _SHORT, _collected(starts=_one_by_one_left)),
        Mistake(
            "only the first batch",
            "A `return` inside the loop ends it after one batch.",
            _collected(starts=lambda count, size: [0]),
        ),
        Mistake(
            "only the last batch",
            "Each batch overwrites the one before: collect them in a list.",
            _collected(join=lambda parts: parts[-1]),
        ),
        Mistake(
            "in another order",
            "Feature i must belong to image i.",
            _collected(join=lambda parts: torch.cat(parts[::-1])),
        ),
        Mistake(
            "in another order",
            "Feature i must belong to image i.",
            _collected(join=lambda parts: torch.cat(parts).flip(0)),
        ),
        Mistake(
            "joined along the wrong axis",
            "Batches follow each other along axis 0: torch.cat(features).",
            _collected(join=lambda parts: torch.cat(parts, dim=1)),
        ),
        Mistake(
            "joined along the wrong axis",
            "torch.stack makes a new axis. Batches follow each other along axis 0: "
            "torch.cat(features).",
            _collected(join=torch.stack),
        ),
        Mistake(
            "a list, not a tensor",
            "Asked is one tensor, (B, D): torch.cat(features).",
            _collected(join=list),
        ),
        Mistake(
            "a list, not a tensor",
            "Asked is one tensor, (B, D).",
            _collected(join=lambda parts: [row for part in parts for row in part]),
        ),
        Mistake(
            "a list, not a tensor",
            "Asked is one tensor, (B, D).",
            _collected(join=lambda parts: torch.cat(parts).tolist()),
        ),
        Mistake(
            "float64", "The model gives float32.", _collected(join=lambda p: torch.cat(p).double())
        ),
        Mistake("eval() is forgotten", _TRAINING_MODE, _collected(mode="restored")),
        Mistake(
            "neither eval() nor no_grad()",
            "The model computes in training mode, and torch records what nobody needs: "
            "model.eval(), and `with torch.no_grad():`.",
            _collected(mode="restored", gradients=True),
        ),
        Mistake("gradients are recorded", _RECORDED, _collected(gradients=True)),
        Mistake(
            "gradients are recorded",
            "detach() at the end is late: by then torch has recorded everything. "
            "`with torch.no_grad():`.",
            _collected(gradients=True, join=lambda parts: torch.cat(parts).detach()),
        ),
        Mistake("the model is left in evaluation mode", _LEFT_IN_EVAL, _collected(mode="eval")),
        Mistake(
            "gradients are recorded, and the model is left in evaluation mode",
            "`with torch.no_grad():` around the calls; at the end model.train(was_training).",
            _collected(mode="eval", gradients=True),
        ),
        Mistake(
            "the model is always left in training mode",
            "A model that came in evaluation mode should go in it: model.train(was_training).",
            _collected(mode="eval, train"),
        ),
        Mistake(
            "all images at once",
            "batch_size is not used. With many photographs at once, memory runs out.",
            _collected(size=lambda size, count: count),
        ),
        Mistake(
            "the head is gone",
            "You replaced model.head and left it so. Put it back; or use model.forward_features, "
            "which does not need it.",
            _collected(before=_remove_head),
        ),
        Mistake(
            "a hook is left",
            _HOOK,
            _collected(after=lambda model: model.head.register_forward_pre_hook(lambda *_: None)),
        ),
        Mistake(
            "a hook is left",
            _HOOK,
            _collected(after=lambda model: model.encoder.register_forward_hook(lambda *_: None)),
        ),
        Mistake(
            "the model stays frozen",
            "requires_grad=False remains after your function: nobody could train the model any "
            "more. `with torch.no_grad():` is enough.",
            _collected(after=_freeze),
        ),
        Mistake(
            "gradients stay switched off",
            "torch.set_grad_enabled(False) goes on for ever, for everyone. "
            "`with torch.no_grad():` ends by itself.",
            _collected(after=lambda model: torch.set_grad_enabled(False)),
        ),
    ),
)

# 9.5 ----------------------------------------------------------------------------------------------


class _Tuned:
    """A model after the answer, and which learning rate torch.optim has for each parameter."""

    def __init__(self, answer: Callable, num_classes: int = 3, **rates: float) -> None:
        self.model = _vit()
        self.before = copy.deepcopy(self.model.state_dict())
        self.old_head = list(self.model.head.parameters())
        self.result = answer(self.model, num_classes, *(rates or {"h": 0.01, "b": 0.001}).values())

    def rates(self) -> dict[int, list[float]]:
        """All the rates of each parameter, by its id. Raises what torch.optim raises."""
        optimizer = torch.optim.SGD(self.result, lr=77.0)
        found: dict[int, list[float]] = {}
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                found.setdefault(id(parameter), []).append(group["lr"])
        return found

    def head(self) -> list[Tensor]:
        return list(self.model.head.parameters())

    def body(self) -> list[Tensor]:
        return [p for name, p in self.model.named_parameters() if not name.startswith("head.")]


def _kind_of_result(answer) -> str:
    result = _Tuned(answer).result
    if result is None:
        return None
    if isinstance(result, (list, tuple)):
        return "groups" if all(isinstance(group, dict) for group in result) else "no dicts"
    return type(result).__name__


def _head_shape(answer):
    head = _Tuned(answer).model.head
    return tuple(head.weight.shape) if isinstance(head, nn.Linear) else type(head).__name__


def _has_bias(answer) -> bool:
    return getattr(_Tuned(answer).model.head, "bias", None) is not None


def _head_is_zero(name: str):
    def ask(answer) -> bool:
        values = getattr(_Tuned(answer).model.head, name, None)
        return values is not None and not values.any()

    return ask


def _head_dtype(answer) -> str:
    return str(next(_Tuned(answer).model.head.parameters()).dtype)


def _rates_of(part: str):
    def ask(answer):
        tuned = _Tuned(answer, h=0.02, b=0.0005)
        rates = tuned.rates()
        wanted = getattr(tuned, part)()
        return [float(lr) for lr in sorted({r for p in wanted for r in rates.get(id(p), [])})]

    return ask


def _in_the_groups(part: str):
    """How many of these parameters torch.optim would train."""

    def ask(answer) -> int:
        tuned = _Tuned(answer)
        rates = tuned.rates()
        return sum(id(parameter) in rates for parameter in getattr(tuned, part)())

    return ask


def _groups_alone(answer) -> int:
    """How many parameters in the groups are not (any more) the model's."""
    tuned = _Tuned(answer)
    own = {id(parameter) for parameter in tuned.model.parameters()}
    return sum(parameter not in own for parameter in tuned.rates())


def _learns(part: str):
    def ask(answer) -> bool:
        return all(parameter.requires_grad for parameter in getattr(_Tuned(answer), part)())

    return ask


def _body_as_it_was(answer) -> bool:
    tuned = _Tuned(answer)
    body = [
        {name: tensor for name, tensor in state.items() if name.split(".")[0] in _BODY}
        for state in (tuned.before, tuned.model.state_dict())
    ]
    return same_value(*body)


def _split_body(model: VisionTransformer) -> list[nn.Parameter]:
    return [p for name, p in model.named_parameters() if not name.startswith("head.")]


def _new_head(
    inputs=lambda model: model.head.in_features,
    outputs=lambda count: count,
    bias=True,
    zero=("weight", "bias"),
    dtype=torch.float32,
):
    def make(model, num_classes):
        head = nn.Linear(inputs(model), outputs(num_classes), bias=bias, dtype=dtype)
        for name in zero:
            if getattr(head, name) is not None:
                nn.init.zeros_(getattr(head, name))
        model.head = head

    return make


def _with_before(model, num_classes, layer):
    """A new head behind a layer, which may be the old head."""
    inputs = getattr(layer, "out_features", model.head.in_features)
    linear = nn.Linear(inputs, num_classes)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    model.head = nn.Sequential(layer, linear)


def _two_groups(model, old_head, head_lr, body_lr):
    return [
        {"params": list(model.head.parameters()), "lr": head_lr},
        {"params": _split_body(model), "lr": body_lr},
    ]


def _grouped(make=None, groups=_two_groups, before=None, after=lambda model: None):
    """A stand-in whose steps are replaced one by one."""
    make = make or _new_head()

    def stand_in(model, num_classes, head_lr, body_lr):
        old_head = list(model.head.parameters())
        early = before(model, old_head, head_lr, body_lr) if before else None
        make(model, num_classes)
        result = early or groups(model, old_head, head_lr, body_lr)
        after(model)
        return result

    return stand_in


def _with_groups(head, body):
    """Groups with other contents: head(model, old_head) and body(model, old_head)."""

    def groups(model, old_head, head_lr, body_lr):
        return [
            {"params": head(model, old_head), "lr": head_lr},
            {"params": body(model, old_head), "lr": body_lr},
        ]

    return groups


def _heads(model, old_head):
    return list(model.head.parameters())


def _bodies(model, old_head):
    return _split_body(model)


def _used_up(model, old_head, head_lr, body_lr):
    groups = _two_groups(model, old_head, head_lr, body_lr)
    for group in groups:
        group["params"] = iter(group["params"])
        list(group["params"])
    return groups


def _without_rates(model, old_head, head_lr, body_lr):
    return [{"params": group["params"]} for group in _two_groups(model, old_head, 0, 0)]


def _freeze_body(model):
    for parameter in _split_body(model):
        parameter.requires_grad_(False)


def _fresh_body(model):
    for module in model.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)


def _on_a_copy(model, *rest):
    return _grouped()(copy.deepcopy(model), *rest)


def _beside(model, num_classes, head_lr, body_lr, name=None):
    """A new head that nobody calls: held by no one, or by the model under another name."""
    head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    body = list(model.parameters()) if name else _split_body(model)
    if name:
        setattr(model, name, head)
    return [{"params": list(head.parameters()), "lr": head_lr}, {"params": body, "lr": body_lr}]


def _only_of(kind: str):
    def body(model, old_head):
        named = [(n, p) for n, p in model.named_parameters() if not n.startswith("head.")]
        return [p for name, p in named if name.endswith(kind)]

    return body


_OLD_HEAD = (
    "The groups hold the parameters of the old head, which is no longer in the model, and the new "
    "ones are missing. Make the new head first, then ask for parameters."
)
_TWICE = (
    "The head's parameters belong to the whole model, too. Leave them out of the body, or torch "
    "refuses: some parameters appear in more than one parameter group."
)
_NOT_ZERO = (
    "A new nn.Linear is random, so that the fine-tuning starts by unlearning. "
    "nn.init.zeros_ for weight and bias."
)
_FROZEN = (
    "With requires_grad=False nothing of the body is trained. That would be a linear probe; here "
    "the body learns, too, slowly."
)
_MISSING = (
    "Some of the body's parameters are in no group: they would never be trained. Everything whose "
    'name does not begin with "head." belongs in.'
)
_NAMES_ONLY = (
    "torch.optim wants the parameters themselves: the second half of each pair in "
    "named_parameters()."
)

FINE_TUNING_GROUPS = Exercise(
    id="9.5",
    name="fine_tuning_groups",
    title="Two learning rates",
    difficulty=2,
    minutes=10,
    reference=fine_tuning_groups,
    hints=(
        "Which parameters does `model.parameters()` give before you replace the head, and which "
        "afterwards? How do you tell the head's from the others?",
        "First the new head: nn.Linear(model.head.in_features, num_classes), weights and bias set "
        'to zero. Then two dicts with "params" and "lr": model.head.parameters(), and all '
        'parameters whose name does not begin with "head.".',
        "`model.head = nn.Linear(model.head.in_features, num_classes)`, `nn.init.zeros_` twice, "
        '`body = [p for n, p in model.named_parameters() if not n.startswith("head.")]`, '
        '`return [{"params": list(model.head.parameters()), "lr": head_lr}, {"params": body, '
        '"lr": body_lr}]`.',
    ),
    trials=(
        Trial("What it returns", ask=_kind_of_result),
        Trial("The shape of the new head's weight, for 3 classes", ask=_head_shape),
        Trial("Has the new head a bias?", ask=_has_bias),
        Trial("Is the new head's weight zero?", ask=_head_is_zero("weight")),
        Trial("Is the new head's bias zero?", ask=_head_is_zero("bias")),
        Trial("The new head's dtype", ask=_head_dtype),
        Trial("Parameters of the new head in the groups", ask=_in_the_groups("head")),
        Trial("Parameters of the body in the groups", ask=_in_the_groups("body")),
        Trial("Parameters in the groups that are not the model's", ask=_groups_alone),
        Trial("The head's learning rates, head_lr=0.02, body_lr=0.0005", ask=_rates_of("head")),
        Trial("The body's learning rates, head_lr=0.02, body_lr=0.0005", ask=_rates_of("body")),
        Trial("Can the new head be trained?", ask=_learns("head")),
        Trial("Can the body be trained, all of it?", ask=_learns("body")),
        Trial("Has the body its weights still?", ask=_body_as_it_was),
    ),
    mistakes=(
        Mistake(
            "the old head's parameters",
            _OLD_HEAD,
            _grouped(before=_two_groups),
        ),
        Mistake(
            "the old head's parameters",
            _OLD_HEAD,
            _grouped(groups=_with_groups(lambda model, old: old, _bodies)),
        ),
        Mistake(
            "the old head's parameters, too",
            "The old head is in a group beside the new one. It is no longer part of the model.",
            _grouped(groups=_with_groups(_heads, lambda m, old: _split_body(m) + old)),
        ),
        Mistake(
            "the old head's parameters, too",
            "The old head is in a group beside the new one. It is no longer part of the model.",
            _grouped(groups=_with_groups(lambda m, old: [*_heads(m, old), *old], _bodies)),
        ),
        Mistake(
            "the head is in both groups",
            _TWICE,
            _grouped(groups=_with_groups(_heads, lambda model, old: list(model.parameters()))),
        ),
        Mistake(
            "the head is in both groups",
            _TWICE,
            _grouped(groups=_with_groups(*[lambda model, old: list(model.parameters())] * 2)),
        ),
        Mistake(
            "the learning rates are swapped",
            "head_lr is for the head, body_lr for all the rest.",
            _grouped(groups=lambda m, old, head_lr, body_lr: _two_groups(m, old, body_lr, head_lr)),
        ),
        Mistake(
            "one learning rate for all",
            "Every parameter has head_lr. The body should learn at body_lr.",
            _grouped(groups=lambda m, old, head_lr, body_lr: _two_groups(m, old, head_lr, head_lr)),
        ),
        Mistake(
            "one learning rate for all",
            "Every parameter has body_lr. The head is new and needs head_lr.",
            _grouped(groups=lambda m, old, head_lr, body_lr: _two_groups(m, old, body_lr, body_lr)),
        ),
        Mistake(
            "the learning rates are typed in",
            "Use the arguments head_lr and body_lr.",
            _grouped(groups=lambda m, old, head_lr, body_lr: _two_groups(m, old, 1e-3, 1e-5)),
        ),
        Mistake(
            "the learning rates are typed in",
            "Use the arguments head_lr and body_lr.",
            _grouped(groups=lambda m, old, head_lr, body_lr: _two_groups(m, old, 1e-3, 1e-4)),
        ),
        Mistake(
            "no learning rate in the groups",
            'Without "lr" a group gets the rate of the optimiser, the same for all.',
            _grouped(groups=_without_rates),
        ),
        Mistake(
            "the body is missing",
            "Only the head is in the groups: that would be a linear probe. All other parameters "
            "belong in a group with body_lr.",
            _grouped(groups=lambda *arguments: _two_groups(*arguments)[:1]),
        ),
        Mistake(
            "the head is missing",
            "The new head is in no group: it would stay at zero for ever.",
            _grouped(groups=lambda *arguments: _two_groups(*arguments)[1:]),
        ),
        Mistake(
            "only the encoder",
            _MISSING,
            _grouped(groups=_with_groups(_heads, lambda m, old: list(m.encoder.parameters()))),
        ),
        Mistake(
            "only the blocks",
            _MISSING,
            _grouped(
                groups=_with_groups(_heads, lambda m, old: list(m.encoder.blocks.parameters()))
            ),
        ),
        Mistake(
            "class token and positions are missing",
            _MISSING,
            _grouped(
                groups=_with_groups(
                    _heads,
                    lambda m, old: [*m.patch_embed.parameters(), *m.encoder.parameters()],
                )
            ),
        ),
        Mistake(
            "weights without biases",
            _MISSING,
            _grouped(groups=_with_groups(_heads, _only_of("weight"))),
        ),
        Mistake(
            "weights without biases",
            "Biases are parameters, too: model.head.parameters() gives both.",
            _grouped(groups=_with_groups(lambda m, old: [m.head.weight], _bodies)),
        ),
        Mistake(
            "weights without biases",
            "Biases are parameters, too: model.head.parameters() gives both.",
            _grouped(groups=_with_groups(lambda m, old: [m.head.weight], _only_of("weight"))),
        ),
        Mistake(
            "the head's bias is in the body's group",
            "Weight and bias of the head both learn at head_lr.",
            _grouped(
                groups=_with_groups(
                    lambda m, old: [m.head.weight], lambda m, old: [*_split_body(m), m.head.bias]
                )
            ),
        ),
        Mistake("the body is frozen", _FROZEN, _grouped(after=_freeze_body)),
        Mistake(
            "the body is frozen",
            _FROZEN,
            _grouped(groups=lambda *a: _two_groups(*a)[:1], after=_freeze_body),
        ),
        Mistake(
            "the whole model is frozen",
            "With requires_grad=False nothing can be trained, not even the head.",
            _grouped(after=lambda model: model.requires_grad_(False)),
        ),
        Mistake(
            "the body starts anew",
            "You reset the body's weights, and with them all that the model has learned.",
            _grouped(after=_fresh_body),
        ),
        Mistake("the new head is not zero", _NOT_ZERO, _grouped(_new_head(zero=()))),
        Mistake("the new head is not zero", _NOT_ZERO, _grouped(_new_head(zero=("weight",)))),
        Mistake("the new head is not zero", _NOT_ZERO, _grouped(_new_head(zero=("bias",)))),
        Mistake(
            "the new head has no bias",
            "Asked is weight and bias, as nn.Linear has them by default.",
            _grouped(_new_head(bias=False)),
        ),
        Mistake(
            "a wrong number of classes",
            "The new head should have num_classes outputs. Yours keeps those of the old one.",
            _grouped(
                lambda model, num_classes: _new_head(outputs=lambda n: model.head.out_features)(
                    model, num_classes
                )
            ),
        ),
        Mistake(
            "a wrong number of classes",
            "The new head should have num_classes outputs, no more and no less.",
            _grouped(_new_head(outputs=lambda n: n + 1)),
        ),
        Mistake(
            "a wrong number of inputs",
            "The head reads tokens of D numbers: model.head.in_features. Yours begins with the "
            "number of old classes, behind the old head.",
            _grouped(_new_head(inputs=lambda model: model.head.out_features)),
        ),
        Mistake(
            "a wrong number of inputs",
            "The head reads tokens of D numbers: model.head.in_features. 768 is that of ViT-B.",
            _grouped(_new_head(inputs=lambda model: 768)),
        ),
        Mistake(
            "the head is not replaced",
            "model.head is the old one still: model.head = nn.Linear(...).",
            _grouped(lambda model, num_classes: None),
        ),
        Mistake(
            "the head is not replaced",
            "You make a new head, and the model keeps the old one: model.head = ...",
            _beside,
        ),
        Mistake(
            "the head is not replaced",
            "The new head has another name, and `forward` goes on calling model.head.",
            lambda model, *rest: _beside(model, *rest, name="classifier"),
        ),
        Mistake(
            "more than a Linear",
            "Asked is one nn.Linear, with nothing before it: no dropout, no norm.",
            _grouped(lambda model, n: _with_before(model, n, nn.Dropout(0.1))),
        ),
        Mistake(
            "more than a Linear",
            "The new head takes the old one's place. Yours reads the old scores.",
            _grouped(lambda model, n: _with_before(model, n, model.head)),
        ),
        Mistake(
            "another dtype",
            "The model is float32, and so its head must be.",
            _grouped(_new_head(dtype=torch.float64)),
        ),
        Mistake(
            "another dtype",
            "The model is float32, and so its head must be.",
            _grouped(_new_head(dtype=torch.float16)),
        ),
        Mistake(
            "names, not parameters",
            _NAMES_ONLY,
            _grouped(
                groups=_with_groups(
                    lambda m, old: [n for n, _ in m.named_parameters() if n.startswith("head.")],
                    lambda m, old: [n for n, _ in m.named_parameters() if n[:5] != "head."],
                )
            ),
        ),
        Mistake(
            "values, not parameters",
            "state_dict() and .data give the values cut off from the model: torch.optim would move "
            "them and see no gradient. Use parameters().",
            _grouped(
                groups=_with_groups(
                    lambda m, old: [p.detach() for p in m.head.parameters()],
                    lambda m, old: [p.detach() for p in _split_body(m)],
                )
            ),
        ),
        Mistake(
            "an iterator that is used up",
            "parameters() and generators can be gone through once. Yours has been, so that "
            "torch.optim finds nothing in it: make a list.",
            _grouped(groups=_used_up),
        ),
        Mistake(
            "an optimiser, not groups",
            "Return the list of groups; which optimiser gets them is decided elsewhere.",
            _grouped(groups=lambda *arguments: torch.optim.AdamW(_two_groups(*arguments))),
        ),
        Mistake(
            "an optimiser, not groups",
            "Return the list of groups; which optimiser gets them is decided elsewhere.",
            _grouped(groups=lambda *arguments: torch.optim.SGD(_two_groups(*arguments), lr=0.1)),
        ),
        Mistake(
            "one dict, not a list",
            'Asked is a list of dicts, each with "params" and "lr".',
            _grouped(
                groups=lambda m, old, head_lr, body_lr: {
                    "params": list(m.parameters()),
                    "lr": head_lr,
                }
            ),
        ),
        Mistake(
            "one dict, not a list",
            'Asked is a list of dicts, each with "params" and "lr".',
            _grouped(groups=lambda *a: dict(zip(("head", "body"), _two_groups(*a), strict=True))),
        ),
        Mistake(
            "lists without dicts",
            'Asked is a list of dicts, each with "params" and "lr".',
            _grouped(groups=lambda *a: [group["params"] for group in _two_groups(*a)]),
        ),
        Mistake(
            "lists without dicts",
            'Asked is a list of dicts, each with "params" and "lr".',
            _grouped(groups=lambda *a: [tuple(group.values()) for group in _two_groups(*a)]),
        ),
        Mistake(
            "a copy of the model is changed",
            "The model that was passed keeps its old head. Change `model` itself.",
            _on_a_copy,
        ),
    ),
)

EXERCISES = (PREPROCESS, TOP_K, AT_SIZE, FROZEN_FEATURES, FINE_TUNING_GROUPS)
