"""Chapter 9, pretrained models: the input they expect, the answer in words, and what comes next.

The pictures of 9.1 are made so that halving or doubling them gives whole numbers: an answer that
resizes bytes and rounds is then as right, to the last digit, as one that resizes floats.
"""

import copy
import inspect
import math
import numbers
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from vitcourse.exercises.battery import CIRCUMSTANCES, battery
from vitcourse.exercises.compare import Words, same_value
from vitcourse.exercises.course_answers import (
    at_size,
    fine_tuning_groups,
    frozen_features,
    linear_probe,
    preprocess,
    top_k,
)
from vitcourse.exercises.engine import Easier, Exercise, Trial
from vitcourse.model import VisionTransformer

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
        return "cannot be measured"
    ratio = y / x if width > height else x / y
    side = resize * max(height, width) / min(height, width) * ratio
    return round(2 * side) / 2


def _whole_side(height: int, width: int) -> Easier:
    where = "where the longer side is a whole number", "where it must be rounded down to one"
    return Easier(*where, (height, width, 75, 64), _new_side)


def _all_but(*names: str) -> tuple[str, ...]:
    """What `battery` leaves out: bytes and models are not for all of its circumstances."""
    return tuple(name for name in CIRCUMSTANCES if name not in names)


_WIDE = _drawn(40, 56, 1), 20, 12, _MEAN, _STD
_UPRIGHT = _drawn(48, 32, 2), 16, 8, *_IMAGENET
_CHANNELS_LAST = _UPRIGHT[0].permute(1, 2, 0).contiguous().permute(2, 0, 1), *_UPRIGHT[1:]
_ENLARGED = _drawn(12, 9, 3), 18, 12, _MEAN, _STD
_SQUARE = _drawn(24, 24, 4), 12, 8, _MEAN, _STD
_ONE_PIXEL = torch.tensor([64, 128, 192]).to(torch.uint8)[:, None, None].repeat(1, 4, 12), 1, 1

PREPROCESS = Exercise(
    id="9.1",
    name="preprocess",
    title="What the weights were trained on",
    difficulty=2,
    minutes=10,
    reference=preprocess,
    hints=(
        "Which four steps, in which order? And do mean and std belong to values from 0 to 255, or "
        "from 0 to 1?",
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
            _WIDE,
            easier=(
                Easier("for a square picture", "for a wide one", _SQUARE),
                Easier("for an upright picture", "for a wide one", _UPRIGHT),
            ),
        ),
        Trial(
            "preprocess(picture (3, 48, 32), resize=16, crop=8, ...)",
            _UPRIGHT,
            easier=(Easier("for a wide picture", "for an upright one", _WIDE),),
        ),
        Trial(
            "preprocess(a picture smaller than that, (3, 12, 9), resize=18, crop=12, ...)",
            _ENLARGED,
            easier=(Easier("where a picture is reduced", "where one is enlarged", _UPRIGHT),),
        ),
        Trial(
            "A picture of 100 x 114 pixels, resize=75: its width before the cut",
            (100, 114, 75, 64),
            _new_side,
            easier=(_whole_side(100, 120),),
        ),
        Trial(
            "A picture of 114 x 100 pixels, resize=75: its height before the cut",
            (114, 100, 75, 64),
            _new_side,
            easier=(_whole_side(120, 100),),
        ),
        Trial(
            "preprocess(picture (3, 24, 24), resize=12, crop=8, ...)",
            _SQUARE,
            easier=(Easier("for a picture that is not square", "for a square one", _WIDE),),
        ),
        Trial(
            "preprocess(picture (3, 48, 32), channels last in memory, resize=16, crop=8, ...)",
            _CHANNELS_LAST,
            easier=(Easier("with channels first in memory", "with channels last", _UPRIGHT),),
        ),
        Trial(
            "preprocess(picture (3, 4, 12) of one colour, resize=1, crop=1, ...)",
            (*_ONE_PIXEL, _MEAN, _STD),
            easier=(Easier("for crop=12", "for crop=1", _WIDE),),
        ),
        *battery("preprocess(picture, ...)", _WIDE, batched=(), without=_all_but("left alone")),
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


def _of_a_list(answer: Callable, logits: Tensor):
    return _answers(answer, logits, list(_NAMES))


def _in_any_order(answer: Callable, *arguments):
    result = _answers(answer, *arguments)
    return sorted(result, key=repr) if isinstance(result, list) else result


def _of(k: int, right: str) -> Easier:
    return Easier(right, "for k=3", (_SCORES, _NAMES, k), _answers)


def _called(answer: Callable) -> Callable:
    return lambda *arguments: _answers(answer, *arguments)


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
        Trial(
            "top_k(logits of 11 classes, names, 3)",
            (_SCORES, _NAMES, 3),
            _answers,
            easier=(_of(1, "for k=1"), _of(5, "for k=5"), _of(11, "where k is all classes")),
        ),
        Trial("top_k(logits, names)", (_SCORES,), _of_a_list),
        Trial("top_k(logits, names, k=1)", (_SCORES, _NAMES, 1), _answers),
        Trial("top_k(logits of 1 class, names, k=1)", (_SCORES[:1], _NAMES[:1], 1), _answers),
        Trial("top_k(logits of 4 classes, names, k=4)", (_SCORES[:4] * 2, _NAMES[:4], 4), _answers),
        Trial(
            "top_k(logits, names), all names the same",
            (_SCORES, ("crane",) * 11),
            _answers,
            easier=(Easier("where names differ", "where not", (_SCORES, _NAMES), _answers),),
        ),
        Trial(
            "top_k(logits, names, 3), two classes with the same score",
            (_SCORES.clamp(max=2.6), _NAMES, 3),
            _in_any_order,
            easier=(Easier("where scores differ", "where not", (_SCORES, _NAMES, 3), _answers),),
        ),
        *battery(
            "top_k(logits, names, 1)",
            (_SCORES, _NAMES, 1),
            build=_called,
            batched=(),
            without=("bfloat16", "gradients", "modes"),
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
_BODY = ("patch_embed", "class_token", "positions", "encoder")


def _images(count: int, height: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(height * width)
    return torch.randn(count, 2, height, width, generator=generator)


def _vit(image_size=(8, 12), training: bool = False, **config) -> VisionTransformer:
    """A tiny model, with all its parameters well away from where they start."""
    return copy.deepcopy(_made(image_size, *config.items())).train(training)


@lru_cache
def _made(image_size, *config) -> VisionTransformer:
    state = torch.random.get_rng_state()
    model = VisionTransformer(**(_CONFIG | dict(config)), image_size=image_size)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
        model.positions.pos_embed.mul_(3)
    torch.random.set_rng_state(state)  # what an answer draws does not depend on this model
    return model


def _scores_at(answer: Callable, old, new):
    """The scores of the model for the new size; whatever is no model comes back as it is."""
    result = answer(_vit(old, depth=2), new)
    if not isinstance(result, nn.Module):
        return result
    with torch.no_grad():
        return result.eval()(_images(3, *new).to(next(result.parameters()).dtype))


def _sizes(old: int | tuple[int, int], new: tuple[int, int], *easier: tuple) -> Trial:
    """Scores at another size; `easier` are the words and sizes of easier questions."""
    height, width = (old, old) if isinstance(old, int) else old
    says = f"from {height} x {width} to {'the same' if new == old else f'{new[0]} x {new[1]}'}"
    others = tuple(Easier(words, says, tuple(sizes), _scores_at) for words, *sizes in easier)
    return Trial(f"Scores, {says} pixels", (old, new), _scores_at, easier=others)


def _scores_of_second(answer: Callable):
    """Of a model for 16 x 8 pixels, made for 8 x 20."""
    first = answer(_vit((8, 12)), (16, 8))
    if not isinstance(first, nn.Module):
        return first
    return _scores_at(lambda model, size: answer(first, size), (8, 12), (8, 20))


def _size_kept(answer: Callable) -> Words:
    patches = answer(_vit((8, 12)), (16, 8)).patch_embed
    names = "image_size", "grid_size", "num_patches"
    return Words(", ".join(f"{name} {getattr(patches, name)}" for name in names))


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


def _gradients_on(answer, *arguments) -> bool:
    with torch.enable_grad():  # whatever the answer left behind ends here
        answer(_vit(), *arguments)
        return torch.is_grad_enabled()


def _gradients_off(answer, *arguments) -> bool:
    with torch.no_grad():
        answer(_vit(), *arguments)
        return torch.is_grad_enabled()


def _still_learns(answer, *arguments) -> bool:
    model = _vit()
    answer(model, *arguments)
    return all(parameter.requires_grad for parameter in model.parameters())


AT_SIZE = Exercise(
    id="9.3",
    name="at_size",
    title="The same model for another image size",
    difficulty=3,
    minutes=15,
    reference=at_size,
    hints=(
        "Which of all the tensors has a shape that depends on the image size? What do you know "
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
        _sizes((8, 32), (16, 16), ("from square to square", 16, (24, 24))),
        _sizes(12, (8, 20), ("to square", 12, (16, 16))),
        _sizes((16, 12), (8, 16), ("from square", 12, (8, 16))),
        _sizes((8, 12), (8, 12), ("to another size", (8, 12), (16, 8))),
        Trial("Scores, from 8 x 12 to 16 x 8, and from there to 8 x 20", ask=_scores_of_second),
        Trial("What the new model keeps of its size, 16 x 8 pixels", ask=_size_kept),
        Trial("Scores in training mode, with dropout=1.0", ask=_scores_in_training),
        Trial("Is the new model in evaluation mode when the old one is not?", ask=_is_evaluating),
        Trial("Is it a new model, even for the same size?", ask=_is_another_model),
        Trial(
            "Does the old model have the same weights and size as before?", ask=_old_is_as_it_was
        ),
        Trial("Is an old model in training mode still in training mode?", ask=_mode_afterwards),
        Trial("Does training the new model leave the old one alone?", ask=_is_independent((16, 8))),
        Trial("Is that so for the same size, too?", ask=_is_independent((8, 12))),
        Trial("Can the new model be trained?", ask=_can_be_trained),
        Trial(
            "Are gradients recorded afterwards, as before?", inputs=((16, 8),), ask=_gradients_on
        ),
        Trial(
            "Can the old model be trained afterwards, all of it?",
            inputs=((16, 8),),
            ask=_still_learns,
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
    return answer(_vit(training=training, depth=3, dropout=0.5), images, *batch_size)


def _while_training(answer: Callable, images: Tensor, *batch_size: int):
    return _features(answer, images, *batch_size, training=True)


def _mode_after(training: bool):
    def ask(answer, *arguments) -> bool:
        model = _vit(training=training)
        before = set(model.modules())  # what is new or missing is another question
        answer(model, *arguments)
        return all(m.training is training for m in model.modules() if m in before)

    return ask


def _records(answer) -> Words:
    model = _vit()
    log = _Log(model)
    result = answer(model, _images(4, 8, 12), 3)
    seen = {
        "the model's work": any(log.recorded),
        "the result": getattr(result, "requires_grad", 0),
    }
    return Words(" and ".join(name for name, recorded in seen.items() if recorded))


def _more_than_two(answer) -> bool:
    model = _vit()
    log = _Log(model)
    answer(model, _images(7, 8, 12), 2)  # `chunk(2)` would make batches of 4 and 3
    return max(log.sizes, default=0) > 2


def _default_batch_size(answer) -> Any:
    return inspect.signature(answer).parameters["batch_size"].default


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


class _Reader(nn.Module):
    """The answer with a model of its own, so that `battery` can ask it as it asks a module."""

    def __init__(self, answer: Callable) -> None:
        super().__init__()
        self.answer, self.model = answer, _vit(dropout=0.5)

    def forward(self, images: Tensor) -> Tensor:
        return self.answer(self.model, images, 3)


_SEVEN, _SIX = (_images(7, 8, 12), 3), (_images(6, 8, 12), 3)

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
        Trial(
            "frozen_features of 7 images in batches of 3",
            _SEVEN,
            _features,
            easier=(
                Easier("where all batches are full", "where one is short", _SIX, _features),
                Easier("for one batch", "for several", (_SIX[0][:3], 3), _features),
                Easier("for one image", "for several", (_SIX[0][:1], 3), _features),
            ),
        ),
        Trial(
            "frozen_features of 6 images in batches of 3",
            _SIX,
            _features,
            easier=(Easier("for a short last batch", "where all are full", _SEVEN, _features),),
        ),
        Trial("frozen_features of 2 images", (_images(2, 8, 12),), _features),
        Trial(
            "frozen_features of a model in training mode",
            _SEVEN,
            _while_training,
            easier=(Easier("in evaluation mode", "in training mode", _SEVEN, _features),),
        ),
        Trial(
            "Is a model in training mode still in that mode?", inputs=_SEVEN, ask=_mode_after(True)
        ),
        Trial(
            "Is a model in evaluation mode still in that mode?",
            inputs=_SEVEN,
            ask=_mode_after(False),
        ),
        Trial("What is recorded for gradients", ask=_records),
        Trial("With batch_size=2, are there ever more than 2 images at once?", ask=_more_than_two),
        Trial("The default of batch_size", ask=_default_batch_size),
        Trial("Does the model have the same parts and weights afterwards?", ask=_model_as_it_was),
        Trial("Are all hooks removed afterwards?", ask=_nothing_left),
        Trial("Are gradients recorded afterwards, as before?", inputs=_SEVEN, ask=_gradients_on),
        Trial(
            "Under torch.no_grad(), are they recorded afterwards?",
            inputs=_SEVEN,
            ask=_gradients_off,
        ),
        Trial("Can the model be trained afterwards, all of it?", inputs=_SEVEN, ask=_still_learns),
        *battery(
            "frozen_features of images",
            _SEVEN[:1],
            build=_Reader,
            without=("float64", "bfloat16", "modes", "left alone"),
        ),
    ),
)

# 9.5 ----------------------------------------------------------------------------------------------


def _described(pictures: int, columns: int, classes: int, seed: int) -> tuple[Tensor, Tensor]:
    """Features of which each column has a mean and a spread of its own, and labels."""
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(pictures, columns, generator=generator)
    features = features * torch.linspace(0.5, 3, columns) + torch.linspace(4, -2, columns)
    labels = torch.randint(classes, (pictures,), generator=generator)
    labels[:classes] = torch.arange(classes)  # each occurs
    return features, labels


def _parted(pictures: int, learn: int, test: int, seed: int) -> tuple[Tensor, Tensor]:
    mixed = torch.randperm(pictures, generator=torch.Generator().manual_seed(seed))
    return mixed[:learn], mixed[-test:]


def _unseen_class() -> tuple[Tensor, ...]:
    """The last class is among the test pictures only."""
    features, labels = _described(10, 3, 3, seed=43)
    labels = torch.cat([labels[:6].clamp(max=1), torch.tensor([3, 0, 3, 2])])
    return features, labels, torch.arange(6), torch.arange(6, 10)


def _constant_column() -> tuple[Tensor, ...]:
    """A feature that is the same for all pictures: its std is 0."""
    features, labels = _described(12, 4, 2, seed=45)
    features[:, 1] = 0.25
    return features, labels, *_parted(12, 8, 4, seed=46)


_PROBED = (*_described(16, 4, 3, seed=40), *_parted(16, 10, 6, seed=41))

LINEAR_PROBE = Exercise(
    id="9.5",
    name="linear_probe",
    title="A linear probe",
    difficulty=3,
    minutes=15,
    reference=linear_probe,
    hints=(
        "May anything about the test pictures be known when the probe is fitted, even their mean? "
        "What would a layer without a bias have to say of a picture that is average in everything?",
        "Mean and std are those of features[learn]; all features are shifted and scaled by them, "
        "then comes a column of ones. With X the rows of `learn` and T their targets, W solves "
        "(X^T X + penalty I) W = X^T T; the scores are the rows of `test` times W.",
        "`x = (features - mean) / (std + 1e-6)`, `x = torch.cat([x, torch.ones(len(x), 1)], dim=1)`"
        ", `seen = x[learn]`, `target = 2 * F.one_hot(labels)[learn].float() - 1`, then `W = "
        "torch.linalg.solve(seen.T @ seen + penalty * torch.eye(x.shape[1]), seen.T @ target)` "
        "and `return x[test] @ W`.",
    ),
    trials=tuple(
        replace(trial, tolerance=1e-4, errors_alike=True)
        for trial in (
            Trial(
                "linear_probe of features (16, 4), 3 classes, 10 to learn from, 6 to test on",
                _PROBED,
                easier=(
                    Easier(
                        "where the pictures to learn from are tested",
                        "where others are",
                        (*_PROBED[:3], _PROBED[2]),
                    ),
                ),
            ),
            Trial("linear_probe of the same, penalty=0.5", (*_PROBED, 0.5)),
            Trial(
                "linear_probe of features (15, 5), where not all pictures are used",
                (*_described(15, 5, 2, seed=42), *_parted(15, 7, 4, seed=44)),
            ),
            Trial(
                "linear_probe of features (10, 3), where two classes occur in the test only",
                _unseen_class(),
                easier=(Easier("where each class is seen", "where one is not", _PROBED),),
            ),
            Trial(
                "linear_probe of features (12, 4), where one is the same for all pictures",
                _constant_column(),
                easier=(Easier("where all features vary", "where one does not", _PROBED),),
            ),
            Trial(
                "linear_probe of features (9, 6), 5 pictures to learn from, one to test on",
                (*_described(9, 6, 4, seed=47), *_parted(9, 5, 1, seed=48)),
            ),
            *battery(
                "linear_probe of features (14, 3), 2 classes",
                (*_described(14, 3, 2, seed=49), *_parted(14, 9, 5, seed=50)),
                batched=(),
                without=("float64", "bfloat16", "numbers", "gradients", "left alone"),
            ),
        )
    ),
)

# 9.6 ----------------------------------------------------------------------------------------------


class _Tuned:
    """A model after the answer, and which learning rate torch.optim has for each parameter."""

    def __init__(self, answer: Callable, num_classes: int = 3, **rates: float) -> None:
        self.model = _vit()
        self.before = copy.deepcopy(self.model.state_dict())
        self.kept = list(self.model.parameters())
        self.result = answer(self.model, num_classes, *(rates or {"h": 0.01, "b": 0.001}).values())

    def rates(self) -> dict[int, list[float | str]]:
        """All the rates of each parameter, by its id. Groups are read as torch.optim reads them.

        (It is not asked itself: its first call imports so much that a busy computer needs seconds.)
        """
        found: dict[int, list[float | str]] = {}
        for group in self.result:
            for p in _contents(group):
                self.kept.append(p)  # ids are those of living things
                found.setdefault(id(p), []).append(group.get("lr", "that of the optimiser"))
        return found

    def missing(self, part: str) -> Words:
        """The names of the parameters that are in no group."""
        rates, own = self.rates(), {id(p) for p in getattr(self, part)()}
        names = [n for n, p in self.model.named_parameters() if id(p) in own and id(p) not in rates]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return Words(", ".join(names[:3]) + more)

    def head(self) -> list[Tensor]:
        return list(self.model.head.parameters())

    def body(self) -> list[Tensor]:
        return [p for name, p in self.model.named_parameters() if not name.startswith("head.")]


def _contents(group: dict) -> list:
    parameters = group["params"]
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p[1] if isinstance(p, tuple) else p for p in parameters]  # (name, parameter)


def _kind_of_result(answer) -> Words | None:
    result = _Tuned(answer).result
    if result is None:
        return None
    if not isinstance(result, (list, tuple)):
        return Words(f"it is of type {type(result).__name__}")
    if not all(isinstance(group, dict) for group in result):
        return Words("not all of them are dicts")
    if not all("params" in group for group in result):
        return Words('dicts without "params"')
    parameters = [p for group in result for p in _contents(group)]
    kinds = {type(p).__name__ for p in parameters if not isinstance(p, Tensor)}
    return Words("dicts of parameters" + "".join(f", but some are of type {k}" for k in kinds))


def _head_shape(num_classes: int):
    def ask(answer) -> Words:
        head = _Tuned(answer, num_classes).model.head
        if not isinstance(head, nn.Linear):
            return Words(f"the head is of type {type(head).__name__}")
        return Words(f"shape {tuple(head.weight.shape)}")

    return ask


def _has_bias(answer) -> bool:
    return getattr(_Tuned(answer).model.head, "bias", None) is not None


def _head_is_zero(name: str):
    def ask(answer) -> bool:
        values = getattr(_Tuned(answer).model.head, name, None)
        return values is not None and not values.any()

    return ask


def _head_dtype(answer) -> Words:
    return Words(next(_Tuned(answer).model.head.parameters()).dtype)


def _rates_of(part: str):
    def ask(answer):
        tuned = _Tuned(answer, h=0.02, b=0.0005)
        rates = tuned.rates()
        wanted = getattr(tuned, part)()
        return sorted({r for p in wanted for r in rates.get(id(p), [])}, key=str)

    return ask


def _in_no_group(part: str):
    return lambda answer: _Tuned(answer).missing(part)


def _groups_alone(answer) -> int:
    """How many parameters in the groups are not (any more) the model's."""
    tuned = _Tuned(answer)
    own = {id(parameter) for parameter in tuned.model.parameters()}
    return sum(parameter not in own for parameter in tuned.rates())


def _more_than_once(answer) -> int:
    return sum(len(rates) > 1 for rates in _Tuned(answer).rates().values())


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


_ARGUMENTS = 3, 0.02, 0.0005

FINE_TUNING_GROUPS = Exercise(
    id="9.6",
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
        Trial("What is in the list that it returns", ask=_kind_of_result),
        Trial("The new head's weight, for 3 classes", ask=_head_shape(3)),
        Trial("The new head's weight, for 1 class", ask=_head_shape(1)),
        Trial("Does the new head have a bias?", ask=_has_bias),
        Trial("Is the new head's weight zero?", ask=_head_is_zero("weight")),
        Trial("Is the new head's bias zero?", ask=_head_is_zero("bias")),
        Trial("The new head's dtype", ask=_head_dtype),
        Trial("Parameters that are in the groups more than once", ask=_more_than_once),
        Trial("Parameters of the new head in no group", ask=_in_no_group("head")),
        Trial("Parameters of the body in no group", ask=_in_no_group("body")),
        Trial("Parameters in the groups that are not the model's", ask=_groups_alone),
        Trial("The head's learning rates, head_lr=0.02, body_lr=0.0005", ask=_rates_of("head")),
        Trial("The body's learning rates, head_lr=0.02, body_lr=0.0005", ask=_rates_of("body")),
        Trial("Can the new head be trained?", ask=_learns("head")),
        Trial("Can the body be trained, all of it?", ask=_learns("body")),
        Trial("Does the body still have its weights?", ask=_body_as_it_was),
        Trial(
            "Is a model in training mode still in that mode?",
            inputs=_ARGUMENTS,
            ask=_mode_after(True),
        ),
        Trial(
            "Is a model in evaluation mode still in that mode?",
            inputs=_ARGUMENTS,
            ask=_mode_after(False),
        ),
        Trial(
            "Are gradients recorded afterwards, as before?", inputs=_ARGUMENTS, ask=_gradients_on
        ),
    ),
)

EXERCISES = (PREPROCESS, TOP_K, AT_SIZE, FROZEN_FEATURES, LINEAR_PROBE, FINE_TUNING_GROUPS)
