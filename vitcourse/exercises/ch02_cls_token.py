"""Chapter 2, the CLS token: prepend it, register it, read it, and see which tokens learn.

No two sizes are alike (B, N and D differ), and no class token is zero: otherwise one that is lost,
or comes from somewhere else, looks right.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from vitcourse.exercises.battery import battery
from vitcourse.exercises.compare import Words
from vitcourse.exercises.course_answers import (
    gradient_per_token,
    prepend,
)
from vitcourse.exercises.engine import Easier, Exercise, Trial
from vitcourse.model.cls_token import ClassToken, mean_pool


def _counting(*shape: int) -> Tensor:
    """1, 2, 3, ...: every number tells where it came from."""
    return torch.arange(1.0, math.prod(shape) + 1).reshape(shape)


def _waves(*shape: int) -> Tensor:
    """Fractions from -1 to 1, all different."""
    return _counting(*shape).mul(1.3).sin()


def _token(embed_dim: int) -> Tensor:
    """A class token (1, 1, D) that counts -1, -2, -3, ..."""
    return -_counting(1, 1, embed_dim)


def _grad(tensor: Tensor) -> Tensor | None:
    """`.grad`, without the warning that torch gives for tensors that never have one."""
    return tensor.grad if tensor.is_leaf else None


def _arrived(tensor: Tensor) -> Tensor | Words:
    return Words("no gradient") if _grad(tensor) is None else tensor.grad


# 2.1 ----------------------------------------------------------------------------------------------


def _gradients(prepend, tokens: Tensor, cls_token: Tensor) -> list[Tensor | Words]:
    """What comes back to the tokens and to the class token from a weighted sum of the result."""
    tokens, cls_token = tokens.clone().requires_grad_(), cls_token.clone().requires_grad_()
    result = prepend(tokens, cls_token)
    if result.requires_grad:
        (result * _counting(*result.shape)).sum().backward()
    return [_arrived(tokens), _arrived(cls_token)]


def _back_to_tokens(prepend, tokens: Tensor, cls_token: Tensor) -> Tensor | Words:
    return _gradients(prepend, tokens, cls_token)[0]


def _back_to_cls(prepend, tokens: Tensor, cls_token: Tensor) -> Tensor | Words:
    return _gradients(prepend, tokens, cls_token)[1]


def _left_on_inputs(prepend, tokens: Tensor, cls_token: Tensor) -> Words:
    prepend(tokens, cls_token)
    inputs = {"tokens": tokens, "cls_token": cls_token}
    asking = [name for name, value in inputs.items() if value.requires_grad]
    return Words(f"requires_grad is on for {' and '.join(asking)}" if asking else "nothing")


PREPEND = Exercise(
    id="2.1",
    name="prepend",
    title="One more token in front",
    difficulty=2,
    minutes=10,
    reference=prepend,
    hints=(
        "What shape must the class token have, so that it can be joined to (B, N, D) along the "
        "axis of the tokens?",
        "(B, 1, D). `expand` shows one token B times without copying it; `torch.cat` joins two "
        "tensors along an axis that you name.",
        "`torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)`; -1 means: leave this "
        "axis as it is.",
    ),
    trials=(
        Trial(
            "prepend(tokens, cls_token) of 2 x 3 x 4 tokens that count 1, 2, 3, ..., and a class "
            "token that counts -1, -2, ...",
            (_counting(2, 3, 4), _token(4)),
            easier=(Easier("for a single image", "for two", (_counting(1, 3, 4), _token(4))),),
        ),
        Trial(
            "prepend of 3 x 2 x 5 tokens, some numbers below zero",
            (_waves(3, 2, 5), _token(5)),
            easier=(
                Easier("for numbers above zero", "below zero", (_counting(3, 2, 5), _token(5))),
            ),
        ),
        Trial("prepend for a single image, 1 x 4 x 3", (_counting(1, 4, 3), _token(3))),
        Trial("prepend of 3 x 1 x 2 tokens, all zeros", (torch.zeros(3, 1, 2), _token(2))),
        Trial(
            "The gradient that reaches the class token",
            (_counting(3, 2, 5), _token(5)),
            ask=_back_to_cls,
        ),
        Trial(
            "The gradient that reaches the tokens",
            (_counting(3, 2, 5), _token(5)),
            ask=_back_to_tokens,
        ),
        Trial(
            "What is left behind on the inputs",
            (_counting(3, 2, 5), _token(5)),
            ask=_left_on_inputs,
        ),
        *battery("prepend of 4 x 2 x 5 tokens", (_waves(4, 2, 5), _waves(1, 1, 5) - 2)),
    ),
)

# 2.2 ----------------------------------------------------------------------------------------------


def _what_is_kept(answer) -> Words:
    return Words(_kept(answer(5)))


def _what_is_kept_after(answer, tokens: Tensor) -> Words:
    layer = answer(5)
    before = getattr(layer, "cls_token", None)
    layer(tokens)
    other = "" if getattr(layer, "cls_token", None) is before else ", another one than before"
    return Words(_kept(layer) + other)


def _kept(layer) -> str:
    """What sits under the name `cls_token`, in words."""
    if not isinstance(layer, nn.Module):
        return "nothing: there is no nn.Module"
    kept = getattr(layer, "cls_token", None)
    if isinstance(kept, nn.Module):
        return "a layer"
    if kept is None:
        return f"nothing{_instead(layer)}"
    if not isinstance(kept, Tensor):
        return f"a {type(kept).__name__}"
    registered = [n for n, p in layer.named_parameters(remove_duplicate=False) if p is kept]
    if registered and "cls_token" not in registered:
        return "a parameter that is registered under another name"
    if not registered:
        is_buffer = any(kept is buffer for buffer in layer.buffers())
        if is_buffer:
            return "a buffer"
        if isinstance(kept, nn.Parameter):
            return "an nn.Parameter that is not registered"
        past = "what a calculation made of a parameter" if kept.grad_fn else "a plain tensor"
        return f"{past}, not registered"
    if not kept.requires_grad:
        return "a frozen nn.Parameter"
    if kept.ndim == 3 and kept.shape[0] > 1 and kept.shape[1:] == (1, 5):
        return "an nn.Parameter with a batch axis"
    return f"a registered nn.Parameter of shape {tuple(kept.shape)}"


def _instead(layer: nn.Module) -> str:
    if list(layer.parameters()):
        return ": the parameter has another name"
    own = [value for name, value in vars(layer).items() if not name.startswith("_")]
    if any(isinstance(value, Tensor) for value in own):
        return ": a plain tensor has another name"
    for value in own:
        inside = list(value.values()) if isinstance(value, dict) else value
        if isinstance(inside, (list, tuple)) and any(isinstance(x, Tensor) for x in inside):
            return f": something is in a {type(value).__name__}"
    return ", in spite of a result" if _has_result(layer) else ""


def _has_result(layer: nn.Module) -> bool:
    try:
        return layer(_counting(3, 2, 5)) is not None
    except AttributeError:  # the token that `forward` looks for is not there
        return False


def _how_many_others(answer) -> int:
    parameters = dict(answer(5).named_parameters())
    return len(parameters.keys() - {"cls_token"}) if "cls_token" in parameters else 0


def _plant(answer) -> nn.Module:
    """A layer of the learner's, whose class token is then -1, -2, ... -5."""
    layer = answer(5)
    with torch.no_grad():
        layer.cls_token.copy_(_token(5).flatten())
    return layer


def _result(answer, tokens: Tensor) -> Tensor:
    return _plant(answer)(tokens)


def _pull(answer, tokens: Tensor) -> list[Tensor | Words]:
    layer = _plant(answer)
    tokens = tokens.clone().requires_grad_()
    result = layer(tokens)
    if result.requires_grad:
        (result * _counting(*result.shape)).sum().backward()
    return [_arrived(layer.cls_token), _arrived(tokens)]


def _pull_on_cls(answer, tokens: Tensor) -> Tensor | Words:
    pull = _pull(answer, tokens)[0]
    return pull if isinstance(pull, str) else pull.reshape(-1, 5).sum(0)


def _pull_on_tokens(answer, tokens: Tensor) -> Tensor | Words:
    return _pull(answer, tokens)[1]


class _MovingCopies(TorchFunctionMode):
    """As on a machine with a GPU: `parameter.to(device)` gives a copy, not the parameter."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in (Tensor.to, Tensor.cuda) and isinstance(args[0], nn.Parameter):
            return args[0].clone()
        return func(*args, **(kwargs or {}))


def _what_is_kept_with_a_gpu(answer) -> Words:
    with _MovingCopies():
        return _what_is_kept(answer)


class _EmptyIsNaN(TorchFunctionMode):
    """Fill what `torch.empty` hands out with NaN: numbers that nobody has set."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func in (torch.empty, torch.empty_like, Tensor.new_empty):
            result.detach().fill_(torch.nan)
        return result


def _start_is_set(answer) -> bool:
    with _EmptyIsNaN():
        return bool(answer(5).cls_token.isfinite().all())


CLASS_TOKEN = Exercise(
    id="2.2",
    name="ClassToken",
    title="A token that learns",
    difficulty=2,
    minutes=10,
    reference=ClassToken,
    hints=(
        "What has to know about this token besides `forward`? Think of the optimiser, of a move to "
        "a GPU, and of a file with weights.",
        "All of them know an `nn.Parameter` that is kept on `self`. It needs no batch axis: "
        "`prepend` takes care of that.",
        "In `__init__`: `self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))`. In "
        "`forward`: `return prepend(tokens, self.cls_token)`.",
    ),
    trials=(
        Trial("What `cls_token` is in ClassToken(5)", ask=_what_is_kept),
        Trial("The number of other parameters", ask=_how_many_others),
        Trial("What `cls_token` is after a call", (_counting(3, 2, 5),), ask=_what_is_kept_after),
        Trial(
            "ClassToken(5)(tokens) for 3 x 2 x 5 tokens that count 1, 2, ..., with a class token "
            "set to -1, -2, ...",
            (_counting(3, 2, 5),),
            ask=_result,
            easier=(
                Easier(
                    "in evaluation mode",
                    "in training mode",
                    (_counting(3, 2, 5),),
                    ask=lambda answer, tokens: _plant(answer).eval()(tokens),
                ),
            ),
        ),
        Trial("The same for a single image with 4 tokens", (_counting(1, 4, 5),), ask=_result),
        Trial("The same for 3 images with one token each", (_counting(3, 1, 5),), ask=_result),
        *battery("ClassToken(5)(tokens) of 4 x 2 x 5 tokens", (_waves(4, 2, 5),), build=_plant),
        Trial("The gradient that reaches `cls_token`", (_counting(3, 2, 5),), ask=_pull_on_cls),
        Trial("The gradient that reaches the tokens", (_counting(3, 2, 5),), ask=_pull_on_tokens),
        Trial(
            "What `cls_token` would be on a machine with a GPU, where `.to(device)` makes a copy",
            ask=_what_is_kept_with_a_gpu,
        ),
        Trial("Does the token start from numbers that were set?", ask=_start_is_set),
    ),
)

# 2.3 ----------------------------------------------------------------------------------------------


def _back(pool, tokens: Tensor) -> Tensor | Words:
    """The gradient that comes back to the tokens from a weighted sum of the result."""
    tokens = tokens.clone().requires_grad_()
    result = pool(tokens)
    if not result.requires_grad:
        return Words("no gradient")
    (result * _counting(*result.shape)).sum().backward()
    return tokens.grad


MEAN_POOL = Exercise(
    id="2.3",
    name="mean_pool",
    title="The mean of the patches",
    difficulty=1,
    minutes=5,
    reference=mean_pool,
    hints=(
        "Which of the N + 1 tokens are patches? How do you select all but the first along an axis?",
        "`tokens[:, 1:]` are the patches of all images. Then take the mean along the axis of the "
        "tokens, not along the channels.",
        "`return tokens[:, 1:].mean(dim=1)`.",
    ),
    trials=(
        Trial(
            "mean_pool(tokens) of 2 x 4 x 3 tokens that count 1, 2, 3, ...",
            (_counting(2, 4, 3),),
            easier=(Easier("for a single image", "for two", (_counting(1, 4, 3),)),),
        ),
        Trial(
            "mean_pool of 3 x 6 x 2 tokens with other values",
            (_counting(3, 6, 2).mul(0.7).sin(),),
            easier=(Easier("for numbers that count", "for others", (_counting(3, 6, 2),)),),
        ),
        Trial("mean_pool for a single image, 1 x 5 x 4", (_counting(1, 5, 4),)),
        Trial("mean_pool of 2 x 3 x 5 tokens: two patches per image", (_counting(2, 3, 5),)),
        Trial("mean_pool of 3 x 2 x 4 tokens: one patch per image", (_counting(3, 2, 4),)),
        Trial("mean_pool of tokens with some numbers equal to 0", (_counting(2, 4, 5) % 3,)),
        Trial("The gradient that reaches the tokens", (_counting(2, 4, 3),), ask=_back),
        *battery("mean_pool of 4 x 6 x 3 tokens", (_waves(4, 6, 3),)),
    ),
)

# 2.4 ----------------------------------------------------------------------------------------------


def _reads_cls(tokens: Tensor) -> Tensor:
    result = tokens[:, 0]
    return (result * _counting(*result.shape)).sum()


def _reads_mean(tokens: Tensor) -> Tensor:
    result = tokens[:, 1:].mean(1)
    return (result * _counting(*result.shape)).sum()


def _attends_then_reads_cls(tokens: Tensor) -> Tensor:
    weights = (tokens @ tokens.mT).softmax(-1)
    return _reads_cls(weights @ tokens)


def _multiplies(tokens: Tensor) -> Tensor:
    """A loss whose gradient grows as the tokens do."""
    return (tokens[:, 0] * tokens.mean(1)).sum()


def _classifies(tokens: Tensor) -> Tensor:
    """A head with weights that want gradients of their own."""
    weight = nn.Parameter(_counting(4, tokens.shape[2]).sin())
    return F.cross_entropy(tokens.mean(1) @ weight.T, torch.zeros(len(tokens), dtype=torch.long))


def _where_zero(answer, loss_of, tokens: Tensor) -> Tensor:
    return (answer(loss_of, tokens) == 0).int()


def _asked_twice(answer, loss_of, tokens: Tensor) -> Tensor:
    answer(loss_of, tokens)
    return answer(loss_of, tokens)


def _from_a_layer(answer, loss_of, tokens: Tensor) -> Tensor:
    layer = nn.Linear(tokens.shape[2], 3)
    with torch.no_grad():
        layer.weight.copy_(_waves(*layer.weight.shape))
        layer.bias.zero_()
    return answer(loss_of, layer(tokens)).detach()


def _left_behind(answer, loss_of, tokens: Tensor) -> Words:
    answer(loss_of, tokens)
    if tokens.grad is not None:
        return Words("a gradient in tokens.grad")
    return Words("requires_grad is on" if tokens.requires_grad else "nothing")


def _earlier_gradient(answer, loss_of, tokens: Tensor) -> Words:
    tokens.requires_grad_()
    tokens.grad = torch.ones_like(tokens)
    answer(loss_of, tokens)
    if not tokens.requires_grad:
        return Words("no longer asked for")
    if tokens.grad is None:
        return Words("gone")
    return Words("as it was" if bool((tokens.grad == 1).all()) else "changed")


GRADIENT = Exercise(
    id="2.4",
    name="gradient_per_token",
    title="Which tokens learn?",
    difficulty=3,
    minutes=15,
    reference=gradient_per_token,
    hints=(
        "Which tensor must ask for gradients, so that you can read off what comes back to it?",
        "A copy of the tokens, cut off from their past, that asks for gradients. Compute the loss "
        "from it, let autograd go back, and take the length of what arrives at each token.",
        "`tokens = tokens.detach().clone().requires_grad_()`, then "
        "`(gradient,) = torch.autograd.grad(loss_of(tokens), tokens)`, then "
        "`gradient.norm(dim=-1)`.",
    ),
    trials=(
        Trial(
            "For 2 x 4 x 3 tokens and a loss that reads the class token only",
            (_reads_cls, _counting(2, 4, 3)),
        ),
        Trial(
            "For 2 x 4 x 3 tokens and a loss that reads the mean of the patches",
            (_reads_mean, _counting(2, 4, 3)),
        ),
        Trial(
            "Where the result is exactly 0 (1 for yes), for a loss that reads the class token only",
            (_reads_cls, _counting(2, 4, 3)),
            ask=_where_zero,
        ),
        Trial(
            "For 3 x 5 x 2 tokens and a loss that reads the class token after attention",
            (_attends_then_reads_cls, _waves(3, 5, 2)),
        ),
        Trial(
            "For 3 x 5 x 2 tokens and the cross-entropy of a linear head",
            (_classifies, _waves(3, 5, 2)),
        ),
        Trial(
            "What is left behind on the tokens that were passed in",
            (_attends_then_reads_cls, _waves(3, 5, 2)),
            ask=_left_behind,
        ),
        Trial(
            "A gradient that the tokens held before",
            (_attends_then_reads_cls, _waves(3, 5, 2)),
            ask=_earlier_gradient,
        ),
        Trial(
            "The second of two calls with the same tokens",
            (_attends_then_reads_cls, _waves(3, 5, 2)),
            ask=_asked_twice,
        ),
        Trial(
            "For tokens that come straight from a layer",
            (_attends_then_reads_cls, _waves(3, 5, 2)),
            ask=_from_a_layer,
        ),
        *battery(
            "gradient_per_token of 4 x 5 x 2 tokens and a loss that multiplies them",
            (_multiplies, _waves(4, 5, 2)),
            batched=(1,),
            # left open by the text; not every way to a length knows bfloat16
            without=("gradients", "no_grad", "bfloat16"),
        ),
    ),
)

EXERCISES = (PREPEND, CLASS_TOKEN, MEAN_POOL, GRADIENT)
