"""Chapter 2, the CLS token: prepend it, register it, read it, and see which tokens learn.

No two sizes are alike (B, N and D differ), and no class token is zero: otherwise one that is lost,
or comes from somewhere else, looks right.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from vitcourse.exercises.engine import Exercise, Mistake, Trial
from vitcourse.model.cls_token import ClassToken, mean_pool


def prepend(tokens: Tensor, cls_token: Tensor) -> Tensor:
    """Put the class token in front: (B, N, D) and (1, 1, D) -> (B, N + 1, D)."""
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)


def gradient_per_token(loss_of, tokens: Tensor) -> Tensor:
    """How strongly a loss pulls at each token: (B, N + 1, D) -> (B, N + 1)."""
    tokens = tokens.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_of(tokens), tokens)
    return gradient.norm(dim=-1)


def _counting(*shape: int) -> Tensor:
    """1, 2, 3, ...: every number tells where it came from."""
    return torch.arange(1.0, math.prod(shape) + 1).reshape(shape)


def _token(embed_dim: int) -> Tensor:
    """A class token (1, 1, D) that counts -1, -2, -3, ..."""
    return -_counting(1, 1, embed_dim)


def _grad(tensor: Tensor) -> Tensor | None:
    """`.grad`, without the warning that torch gives for tensors that never have one."""
    return tensor.grad if tensor.is_leaf else None


def _arrived(tensor: Tensor) -> Tensor | str:
    return "no gradient" if _grad(tensor) is None else tensor.grad


# 2.1 ----------------------------------------------------------------------------------------------


def _gradients(prepend, tokens: Tensor, cls_token: Tensor) -> list[Tensor | str]:
    """What comes back to the tokens and to the class token from a weighted sum of the result."""
    tokens, cls_token = tokens.clone().requires_grad_(), cls_token.clone().requires_grad_()
    result = prepend(tokens, cls_token)
    if result.requires_grad:
        (result * _counting(*result.shape)).sum().backward()
    return [_arrived(tokens), _arrived(cls_token)]


def _back_to_tokens(prepend, tokens: Tensor, cls_token: Tensor) -> Tensor | str:
    return _gradients(prepend, tokens, cls_token)[0]


def _back_to_cls(prepend, tokens: Tensor, cls_token: Tensor) -> Tensor | str:
    return _gradients(prepend, tokens, cls_token)[1]


def _left_on_inputs(prepend, tokens: Tensor, cls_token: Tensor) -> str:
    prepend(tokens, cls_token)
    inputs = {"tokens": tokens, "cls_token": cls_token}
    asking = [name for name, value in inputs.items() if value.requires_grad]
    return f"requires_grad is on for {' and '.join(asking)}" if asking else "nothing"


def _joined(*parts: Tensor, dim: int = 1) -> Tensor:
    return torch.cat(parts, dim=dim)


def _for_each(cls_token: Tensor, tokens: Tensor) -> Tensor:
    return cls_token.expand(len(tokens), -1, -1)


def _only_first(tokens, cls_token):
    first = torch.zeros_like(tokens[:, :1])
    first[0] = cls_token[0]
    return _joined(first, tokens)


def _first_is_replaced(tokens, cls_token):
    return _joined(_for_each(cls_token, tokens), tokens[:, 1:])


def _switches_on(which: slice):
    """A stand-in that makes some of its inputs ask for a gradient."""

    def stand_in(*inputs):
        for tensor in inputs[which]:
            tensor.requires_grad_()
        return prepend(*inputs)

    return stand_in


def _without_autograd(tokens, cls_token):
    with torch.no_grad():
        return prepend(tokens, cls_token)


_SHARED = (
    "Every image must begin with the token that was passed in, the same for all: "
    "`cls_token.expand(len(tokens), -1, -1)`."
)
_LEAVES_TRACES = "it leaves traces on its inputs"
_CUT_OFF = (
    "`detach`, `.data` and `torch.tensor(...)` copy the numbers and forget where they came from, "
    "so that nothing can be learned. Use `cls_token` itself."
)

PREPEND = Exercise(
    id="2.1",
    name="prepend",
    title="One more token in front",
    difficulty=2,
    minutes=10,
    reference=prepend,
    hints=(
        "What shape must the class token have, so that it can stand beside (B, N, D) along the "
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
        ),
        Trial(
            "prepend of 3 x 2 x 5 tokens",
            (_counting(3, 2, 5), _token(5)),
        ),
        Trial("prepend for a single image, 1 x 4 x 3", (_counting(1, 4, 3), _token(3))),
        Trial(
            "prepend of 2 x 3 x 4 tokens that are not contiguous in memory",
            (_counting(2, 4, 3).mT, _token(4)),
        ),
        Trial(
            "prepend in float64",
            (_counting(3, 2, 5).double(), _token(5).double()),
        ),
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
    ),
    mistakes=(
        Mistake(
            "the result is thrown away",
            "Your tokens come back as they went in. `torch.cat` gives a new tensor and leaves the "
            "old ones alone: return what it gives.",
            lambda tokens, cls_token: tokens.clone(),
        ),
        Mistake(
            "appended, not prepended",
            "The class token stands last. Everybody who reads it reads number 0: put it first.",
            lambda tokens, cls_token: _joined(tokens, _for_each(cls_token, tokens)),
        ),
        Mistake(
            "expand forgotten",
            "`torch.cat` does not broadcast: (1, 1, D) fits beside (B, N, D) only for B = 1. "
            "Expand the class token to (B, 1, D) first.",
            lambda tokens, cls_token: _joined(cls_token, tokens),
        ),
        Mistake(
            "expand forgotten",
            "`torch.cat` does not broadcast, so the class token must be expanded to (B, 1, D). And "
            "it stands in front: it comes first in the list.",
            lambda tokens, cls_token: _joined(tokens, cls_token),
        ),
        Mistake(
            "joined along the channels",
            "Each token became longer: you joined along the last axis. Tokens are axis 1.",
            lambda tokens, cls_token: _joined(cls_token.expand_as(tokens), tokens, dim=2),
        ),
        Mistake(
            "joined along the channels",
            "Each token became longer: you joined along the last axis. Tokens are axis 1.",
            lambda tokens, cls_token: _joined(tokens, cls_token.expand_as(tokens), dim=2),
        ),
        Mistake(
            "joined along the batch",
            "You added an image, not a token: that is axis 0. Tokens are axis 1.",
            lambda tokens, cls_token: _joined(
                cls_token.expand(1, tokens.shape[1], -1), tokens, dim=0
            ),
        ),
        Mistake(
            "a class token for every patch",
            "You put in as many class tokens as there are patches. One an image is enough: "
            "(B, 1, D).",
            lambda tokens, cls_token: _joined(cls_token.expand_as(tokens), tokens),
        ),
        Mistake(
            "the images are merged",
            "You made one sequence of all images. Keep the batch axis: (B, N + 1, D).",
            lambda tokens, cls_token: _joined(
                cls_token.reshape(1, -1), tokens.reshape(-1, tokens.shape[2]), dim=0
            ),
        ),
        Mistake(
            "the images are merged",
            "You made one sequence of all images. Keep the batch axis: (B, N + 1, D).",
            lambda tokens, cls_token: _joined(
                cls_token, tokens.reshape(1, -1, tokens.shape[2]), dim=1
            ),
        ),
        Mistake(
            "added, not prepended",
            "You added the class token to every patch. It is a token of its own: one row more.",
            lambda tokens, cls_token: tokens + cls_token,
        ),
        Mistake(
            "the first patch is lost",
            "The class token took the place of the first patch. It comes on top: N + 1 tokens.",
            _first_is_replaced,
        ),
        Mistake(
            "the last patch is lost",
            "The class token is there and the last patch is gone. It comes on top: N + 1 tokens.",
            lambda tokens, cls_token: prepend(tokens[:, :-1], cls_token),
        ),
        Mistake("not the same token for all images", _SHARED, _only_first),
        Mistake(
            "not the same token for all images",
            _SHARED,
            lambda tokens, cls_token: _joined(cls_token + tokens.mean(1, keepdim=True), tokens),
        ),
        Mistake(
            "not the token that was passed in",
            _SHARED,
            lambda tokens, cls_token: _joined(torch.zeros_like(tokens[:, :1]), tokens),
        ),
        Mistake(
            "not the token that was passed in",
            _SHARED,
            lambda tokens, cls_token: _joined(torch.randn_like(tokens[:, :1]), tokens),
        ),
        Mistake(
            "not the token that was passed in",
            _SHARED,
            lambda tokens, cls_token: _joined(torch.ones_like(tokens[:, :1]), tokens),
        ),
        Mistake(
            "only the first image",
            "Only the first image of the batch is left: (B, N + 1, D) has all of them.",
            lambda tokens, cls_token: prepend(tokens[:1], cls_token),
        ),
        Mistake(
            "the class token is cut off from learning",
            _CUT_OFF,
            lambda tokens, cls_token: prepend(tokens, cls_token.detach()),
        ),
        Mistake(
            "nothing can learn",
            "Under `no_grad`, or after a `detach`, no gradient comes back. Leave both out.",
            _without_autograd,
        ),
        Mistake(
            "the tokens are cut off from learning",
            "`detach`, `.data` and `torch.tensor(...)` copy the numbers and forget where they came "
            "from: the layers that made the tokens learn nothing. Use `tokens` itself.",
            lambda tokens, cls_token: prepend(tokens.detach(), cls_token),
        ),
        *(
            Mistake(
                _LEAVES_TRACES,
                "Whether a tensor asks for gradients is up to the caller, and `requires_grad_()` "
                "stays switched on. Leave it out: `torch.cat` passes gradients on by itself.",
                _switches_on(which),
            )
            for which in (slice(0, 1), slice(1, 2), slice(0, 2))
        ),
    ),
)

# 2.2 ----------------------------------------------------------------------------------------------

_RIGHT_KIND = "a registered nn.Parameter of shape (1, 1, 5)"


def _what_is_kept(answer) -> str:
    """What sits under the name `cls_token`, in words."""
    layer = answer(5)
    if not isinstance(layer, nn.Module):
        return "nothing: there is no nn.Module"
    kept = getattr(layer, "cls_token", None)
    if isinstance(kept, nn.Module):
        return "a layer"
    if kept is None:
        if list(layer.parameters()):
            return "nothing: the parameter has another name"
        return "nothing, in spite of a result" if _has_result(layer) else "nothing"
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


def _has_result(layer: nn.Module) -> bool:
    try:
        return layer(_counting(3, 2, 5)) is not None
    except AttributeError:  # the token that `forward` looks for is not there
        return False


def _how_many_others(answer) -> int:
    parameters = dict(answer(5).named_parameters())
    return len(parameters.keys() - {"cls_token"}) if "cls_token" in parameters else 0


def _plant(answer, dtype: torch.dtype | None = None) -> nn.Module:
    """A layer of the learner's, moved if asked for, whose class token is then -1, -2, ... -5."""
    layer = answer(5).to(dtype) if dtype else answer(5)
    with torch.no_grad():
        layer.cls_token.copy_(_token(5).flatten())
    return layer


def _result(answer, tokens: Tensor) -> Tensor:
    return _plant(answer)(tokens)


def _result_in_eval(answer, tokens: Tensor) -> Tensor:
    return _plant(answer).eval()(tokens)


def _result_in_double(answer, tokens: Tensor) -> Tensor:
    return _plant(answer, torch.float64)(tokens.double())


def _pull(answer, tokens: Tensor) -> list[Tensor | str]:
    layer = _plant(answer)
    tokens = tokens.clone().requires_grad_()
    result = layer(tokens)
    if result.requires_grad:
        (result * _counting(*result.shape)).sum().backward()
    return [_arrived(layer.cls_token), _arrived(tokens)]


def _pull_on_cls(answer, tokens: Tensor) -> Tensor | str:
    pull = _pull(answer, tokens)[0]
    return pull if isinstance(pull, str) else pull.reshape(-1, 5).sum(0)


def _pull_on_tokens(answer, tokens: Tensor) -> Tensor | str:
    return _pull(answer, tokens)[1]


class _MovingCopies(TorchFunctionMode):
    """As on a machine with a GPU: `parameter.to(device)` gives a copy, not the parameter."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in (Tensor.to, Tensor.cuda) and isinstance(args[0], nn.Parameter):
            return args[0].clone()
        return func(*args, **(kwargs or {}))


def _what_is_kept_with_a_gpu(answer) -> str:
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


class _Variant(nn.Module):
    """A class token whose parts the mistakes replace."""

    def __init__(self, embed_dim):
        super().__init__()
        self.make(embed_dim)

    def make(self, embed_dim):
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)


def _with(**methods) -> type:
    return type("ClassToken", (_Variant,), methods)


def _keep(value):
    """A `make` that keeps what `value` gives under the name `cls_token`."""

    def make(self, embed_dim):
        self.cls_token = value(torch.zeros(1, 1, embed_dim))

    return make


def _keep_buffer(self, embed_dim):
    self.register_buffer("cls_token", torch.zeros(1, 1, embed_dim))


def _keep_in_a_list(self, embed_dim):
    self.cls_token = [nn.Parameter(torch.zeros(1, 1, embed_dim))]


def _keep_embedding(self, embed_dim):
    self.cls_token = nn.Embedding(1, embed_dim)


def _keep_linear(self, embed_dim):
    self.cls_token = nn.Linear(embed_dim, embed_dim)


def _keep_size(self, embed_dim):
    self.embed_dim = embed_dim


def _keep_nothing(self, embed_dim):
    pass


def _keep_under_another_name(self, embed_dim):
    self.token = nn.Parameter(torch.zeros(1, 1, embed_dim))


def _keep_elsewhere_in_a_list(self, embed_dim):
    self.tokens = [nn.Parameter(torch.zeros(1, 1, embed_dim))]


def _keep_and(layer):
    def make(self, embed_dim):
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.extra = layer(embed_dim)

    return make


def _keep_shape(*shape):
    """A `make` for a parameter of another shape, with D for -1."""

    def make(self, embed_dim):
        self.cls_token = nn.Parameter(
            torch.zeros([embed_dim if size < 0 else size for size in shape])
        )

    return make


def _reshaped(self, tokens):
    return prepend(tokens, self.cls_token.reshape(1, 1, -1))


def _fills_zeros(self, tokens):
    batch, count, size = tokens.shape
    result = torch.zeros(batch, count + 1, size)
    result[:, :1] = self.cls_token
    result[:, 1:] = tokens
    return result


def _by(prepend):
    return lambda self, tokens: prepend(tokens, self.cls_token)


_NOT_REGISTERED = (
    "`parameters()` does not list it, so that no optimiser trains it, `.to(...)` leaves it behind "
    "and `state_dict()` forgets it. Keep an `nn.Parameter` itself on `self`."
)
_BATCH = (
    "The token is the same for every image, so it knows nothing of batches: shape (1, 1, D). "
    "Expand it in `forward`, where you see how many images there are."
)
_NAME = "Keep it as `self.cls_token`: under this name published weights and chapter 6 look for it."
_NOT_ASKED = "Asked is one token and nothing else to learn; norms and positions come later."

CLASS_TOKEN = Exercise(
    id="2.2",
    name="ClassToken",
    title="A token that learns",
    difficulty=2,
    minutes=10,
    reference=ClassToken,
    hints=(
        "Who has to know this token besides `forward`? Think of the optimiser, of a move to a GPU, "
        "and of a file with weights.",
        "An `nn.Parameter` that is kept on `self` is known to all of them. It needs no batch axis: "
        "`prepend` takes care of that.",
        "In `__init__`: `self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))`. In "
        "`forward`: `return prepend(tokens, self.cls_token)`.",
    ),
    trials=(
        Trial("What `cls_token` is in ClassToken(5)", ask=_what_is_kept),
        Trial("The number of other parameters", ask=_how_many_others),
        Trial(
            "ClassToken(5)(tokens) for 3 x 2 x 5 tokens that count 1, 2, ..., with a class token "
            "set to -1, -2, ...",
            (_counting(3, 2, 5),),
            ask=_result,
        ),
        Trial(
            "The same for a single image with 4 tokens",
            (_counting(1, 4, 5),),
            ask=_result,
        ),
        Trial("The same after `.eval()`", (_counting(3, 2, 5),), ask=_result_in_eval),
        Trial("The same after `.to(torch.float64)`", (_counting(3, 2, 5),), ask=_result_in_double),
        Trial("The gradient that reaches `cls_token`", (_counting(3, 2, 5),), ask=_pull_on_cls),
        Trial("The gradient that reaches the tokens", (_counting(3, 2, 5),), ask=_pull_on_tokens),
        Trial(
            "What `cls_token` would be on a machine with a GPU, where `.to(device)` makes a copy",
            ask=_what_is_kept_with_a_gpu,
        ),
        Trial("Does the token start from numbers that somebody has set?", ask=_start_is_set),
    ),
    mistakes=(
        Mistake("a plain tensor", _NOT_REGISTERED, _with(make=_keep(lambda zeros: zeros))),
        Mistake(
            "a plain tensor",
            _NOT_REGISTERED,
            _with(make=_keep(lambda zeros: zeros.requires_grad_())),
        ),
        Mistake(
            "hidden in a list",
            "nn.Module does not look into lists. " + _NOT_REGISTERED,
            _with(
                make=_keep_in_a_list,
                forward=lambda self, tokens: prepend(tokens, self.cls_token[0]),
            ),
        ),
        Mistake(
            "a parameter that is not registered",
            "nn.Module sees parameters on `self` itself, not in lists or dicts. " + _NOT_REGISTERED,
            _with(
                make=_keep_elsewhere_in_a_list,
                cls_token=property(lambda self: self.tokens[0]),
            ),
        ),
        Mistake(
            "a buffer is not learned",
            "A buffer moves and is saved, but nothing trains it. `nn.Parameter` is all three.",
            _with(make=_keep_buffer),
        ),
        Mistake(
            "Parameter(...).to(device)",
            "What `.to(device)` gives back is a plain tensor as soon as it has to copy, and nobody "
            "registers that. Keep the parameter itself; move the whole module: `model.to(device)`.",
            _with(make=_keep(lambda zeros: nn.Parameter(zeros).to("cpu"))),
        ),
        Mistake(
            "the parameter is wrapped in a calculation",
            "What `nn.Parameter(...) * 0.02`, `.clone()` or `.to(device)` gives is a plain tensor. "
            "Calculate first, then wrap the result: `nn.Parameter(0.02 * ...)`.",
            _with(make=_keep(lambda zeros: nn.Parameter(zeros) * 0.02)),
        ),
        Mistake("a batch axis", _BATCH, _with(make=_keep_shape(32, 1, -1))),
        Mistake(
            "a batch axis",
            _BATCH,
            _with(
                make=_keep_shape(32, 1, -1),
                forward=lambda self, tokens: _joined(self.cls_token, tokens),
            ),
        ),
        Mistake(
            "a batch axis",
            _BATCH,
            _with(
                make=_keep_shape(32, 1, -1),
                forward=lambda self, tokens: _joined(self.cls_token[: len(tokens)], tokens),
            ),
        ),
        Mistake(
            "another shape than (1, 1, D)",
            "It works, but published weights have (1, 1, D): keep that shape.",
            _with(make=_keep_shape(-1), forward=_reshaped),
        ),
        Mistake(
            "another shape than (1, 1, D)",
            "It works, but published weights have (1, 1, D): keep that shape.",
            _with(make=_keep_shape(1, -1), forward=_reshaped),
        ),
        Mistake(
            "another shape than (1, 1, D)",
            "Axes are (image, token, channel). Published weights have (1, 1, D): keep that shape.",
            _with(make=_keep_shape(1, -1, 1), forward=_reshaped),
        ),
        Mistake(
            "another name than cls_token",
            _NAME,
            _with(
                make=_keep_under_another_name,
                forward=lambda self, tokens: prepend(tokens, self.token),
            ),
        ),
        Mistake(
            "another name than cls_token",
            "A property is not registered: a file with weights has the name of the parameter "
            "itself. " + _NAME,
            _with(
                make=_keep_under_another_name,
                cls_token=property(lambda self: self.token),
            ),
        ),
        Mistake(
            "a layer for a parameter",
            "A layer keeps its numbers under a longer name and in another shape. One bare "
            "`nn.Parameter` is enough.",
            _with(
                make=_keep_embedding,
                forward=lambda self, tokens: prepend(tokens, self.cls_token.weight[None]),
            ),
        ),
        Mistake(
            "a layer for a parameter",
            "The class token is not computed from anything: one bare `nn.Parameter` is enough.",
            _with(
                make=_keep_linear,
                forward=lambda self, tokens: _joined(
                    self.cls_token(tokens.mean(1, keepdim=True)), tokens
                ),
            ),
        ),
        Mistake(
            "it is not kept on self",
            "Without `self.` it is a local variable, gone at the end of `__init__`.",
            _with(make=_keep_nothing),
        ),
        Mistake(
            "made anew in every call",
            "A token made in `forward` starts afresh each time and never learns. Make it in "
            "`__init__` and keep it on `self`.",
            _with(
                make=_keep_size,
                forward=lambda self, tokens: prepend(
                    tokens, nn.Parameter(torch.zeros(1, 1, self.embed_dim))
                ),
            ),
        ),
        Mistake(
            "a frozen parameter",
            "`requires_grad=False` keeps it from learning. Leave that out.",
            _with(make=_keep(lambda zeros: nn.Parameter(zeros, requires_grad=False))),
        ),
        Mistake("more is learned than the token", _NOT_ASKED, _with(make=_keep_and(nn.LayerNorm))),
        Mistake(
            "more is learned than the token",
            _NOT_ASKED,
            _with(
                make=_keep_and(nn.LayerNorm),
                forward=lambda self, tokens: self.extra(prepend(tokens, self.cls_token)),
            ),
        ),
        Mistake(
            "positions are added already",
            _NOT_ASKED,
            _with(
                make=_keep_and(lambda d: nn.ParameterList([torch.zeros(1, 1, d)])),
                forward=lambda self, tokens: prepend(tokens, self.cls_token) + self.extra[0],
            ),
        ),
        Mistake(
            "something stays behind when the layer moves",
            "Tensors made in `forward` are float32 and on the CPU unless you say more. Better: "
            "`expand` and `cat`, which follow the parameter.",
            _with(forward=_fills_zeros),
        ),
        Mistake(
            "the numbers are never set",
            "`torch.empty` hands out memory as it is, with whatever stood in it. `torch.zeros` "
            "will do, or `torch.randn` times something small.",
            _with(make=_keep(lambda zeros: nn.Parameter(torch.empty(zeros.shape)))),
        ),
        Mistake(
            "only while training",
            "After `.eval()` the class token is missing. It is part of the model, always: leave "
            "out `self.training`.",
            _with(
                forward=lambda self, tokens: (
                    prepend(tokens, self.cls_token) if self.training else tokens
                )
            ),
        ),
        *(
            Mistake(mistake.name, mistake.says, _with(forward=_by(mistake.stand_in)))
            for mistake in PREPEND.mistakes
            if mistake.name != _LEAVES_TRACES
        ),
    ),
)

# 2.3 ----------------------------------------------------------------------------------------------


def _back(pool, tokens: Tensor) -> Tensor | str:
    """The gradient that comes back to the tokens from a weighted sum of the result."""
    tokens = tokens.clone().requires_grad_()
    result = pool(tokens)
    if not result.requires_grad:
        return "no gradient"
    (result * _counting(*result.shape)).sum().backward()
    return tokens.grad


def _zeroed_in_place(tokens):
    with torch.no_grad():
        tokens[:, 0] = 0
    return tokens.sum(1) / (tokens.shape[1] - 1)


_WITH_CLS = (
    "The class token is in your mean. Number 0 is no patch: take the mean of `tokens[:, 1:]`."
)

MEAN_POOL = Exercise(
    id="2.3",
    name="mean_pool",
    title="The mean of the patches",
    difficulty=1,
    minutes=5,
    reference=mean_pool,
    hints=(
        "Which of the N + 1 tokens are patches? How do you write all but the first of an axis?",
        "`tokens[:, 1:]` are the patches of all images. Then take the mean along the axis of the "
        "tokens, not along the channels.",
        "`return tokens[:, 1:].mean(dim=1)`.",
    ),
    trials=(
        Trial(
            "mean_pool(tokens) of 2 x 4 x 3 tokens that count 1, 2, 3, ...", (_counting(2, 4, 3),)
        ),
        Trial(
            "mean_pool of 3 x 6 x 2 tokens with other values",
            (_counting(3, 6, 2).mul(0.7).sin(),),
        ),
        Trial("mean_pool for a single image, 1 x 5 x 4", (_counting(1, 5, 4),)),
        Trial("mean_pool of 2 x 3 x 5 tokens: two patches an image", (_counting(2, 3, 5),)),
        Trial("mean_pool in float64", (_counting(3, 6, 2).double(),)),
        Trial("The gradient that reaches the tokens", (_counting(2, 4, 3),), ask=_back),
    ),
    mistakes=(
        Mistake("the class token is in the mean", _WITH_CLS, lambda tokens: tokens.mean(1)),
        Mistake(
            "the class token is in the mean",
            "You added up all tokens and divided by the number of patches. Leave number 0 out of "
            "the sum, too.",
            lambda tokens: tokens.sum(1) / (tokens.shape[1] - 1),
        ),
        Mistake(
            "divided by N + 1",
            "The sum is right; divide it by the number of patches N, not by N + 1.",
            lambda tokens: tokens[:, 1:].sum(1) / tokens.shape[1],
        ),
        Mistake(
            "divided by N - 1",
            "The sum is right; divide it by the number of patches N.",
            lambda tokens: tokens[:, 1:].sum(1) / (tokens.shape[1] - 2),
        ),
        Mistake(
            "the class token alone",
            "That is `cls_pool`. Here the patches speak: all tokens but number 0.",
            lambda tokens: tokens[:, 0],
        ),
        Mistake(
            "the sum, not the mean",
            "Divide by the number of patches, so that the result does not grow with the image.",
            lambda tokens: tokens[:, 1:].sum(1),
        ),
        Mistake(
            "the last patch is left out, not the class token",
            "`[:, :-1]` leaves out the last token. The class token is the first: `[:, 1:]`.",
            lambda tokens: tokens[:, :-1].mean(1),
        ),
        Mistake(
            "the first patch is left out as well",
            "Only token 0 is no patch: `[:, 1:]`.",
            lambda tokens: tokens[:, 2:].mean(1),
        ),
        Mistake(
            "mean over the channels",
            "You averaged the D numbers of each token. Average the tokens: axis 1.",
            lambda tokens: tokens[:, 1:].mean(2),
        ),
        Mistake(
            "mean over the batch",
            "You mixed the images: axis 0 is the batch. Average the tokens: axis 1.",
            lambda tokens: tokens[:, 1:].mean(0),
        ),
        Mistake(
            "mean over the batch",
            "You mixed the images: axis 0 is the batch. Average the tokens: axis 1.",
            lambda tokens: tokens[:, 1:].mean((0, 1)),
        ),
        Mistake(
            "mean over everything",
            "`mean()` without an axis gives one number. Average the tokens: axis 1.",
            lambda tokens: tokens[:, 1:].mean(),
        ),
        Mistake(
            "the first image is left out, not the class token",
            "`tokens[1:]` cuts the first axis, the images. The tokens are the second: `[:, 1:]`.",
            lambda tokens: tokens[1:].mean(1),
        ),
        Mistake(
            "a channel is left out, not the class token",
            "You cut the last axis. The tokens are axis 1: `[:, 1:]`.",
            lambda tokens: tokens[:, :, 1:].mean(1),
        ),
        Mistake(
            "the axis of the tokens is still there",
            "One vector an image is (B, D): `keepdim=True` leaves (B, 1, D).",
            lambda tokens: tokens[:, 1:].mean(1, keepdim=True),
        ),
        Mistake(
            "the maximum, not the mean",
            "You took the largest value of each channel. Asked is the mean.",
            lambda tokens: tokens[:, 1:].amax(1),
        ),
        Mistake(
            "only the first image",
            "Only the first image is left: (B, D) has all of them.",
            lambda tokens: tokens[:1, 1:].mean(1),
        ),
        Mistake(
            "no gradient comes back",
            "Something cuts the result off from the tokens: `detach`, `.data` or `no_grad`.",
            lambda tokens: mean_pool(tokens.detach()),
        ),
        Mistake(
            "it changes its input",
            "You set the class token to zero where it stands, in the caller's tokens. Leave it "
            "out: `tokens[:, 1:]`.",
            _zeroed_in_place,
        ),
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


def _classifies(tokens: Tensor) -> Tensor:
    """A head with weights that want gradients of their own."""
    weight = nn.Parameter(_counting(4, tokens.shape[2]).sin())
    return F.cross_entropy(tokens.mean(1) @ weight.T, torch.zeros(len(tokens), dtype=torch.long))


def _waves(*shape: int) -> Tensor:
    return _counting(*shape).mul(1.3).sin()


def _asked_twice(answer, loss_of, tokens: Tensor) -> Tensor:
    answer(loss_of, tokens)
    return answer(loss_of, tokens)


def _from_a_layer(answer, loss_of, tokens: Tensor) -> Tensor:
    layer = nn.Linear(tokens.shape[2], 3)
    with torch.no_grad():
        layer.weight.copy_(_waves(*layer.weight.shape))
        layer.bias.zero_()
    return answer(loss_of, layer(tokens)).detach()


def _left_behind(answer, loss_of, tokens: Tensor) -> str:
    answer(loss_of, tokens)
    if tokens.grad is not None:
        return "a gradient in tokens.grad"
    return "requires_grad is on" if tokens.requires_grad else "nothing"


def _earlier_gradient(answer, loss_of, tokens: Tensor) -> str:
    tokens.requires_grad_()
    tokens.grad = torch.ones_like(tokens)
    answer(loss_of, tokens)
    if not tokens.requires_grad:
        return "no longer asked for"
    if tokens.grad is None:
        return "gone"
    return "as it was" if bool((tokens.grad == 1).all()) else "changed"


def _raw(loss_of, tokens: Tensor) -> Tensor:
    tokens = tokens.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_of(tokens), tokens)[0]


def _from(measure):
    """A stand-in that measures the raw gradient (B, N + 1, D) in another way."""
    return lambda loss_of, tokens: measure(_raw(loss_of, tokens))


def _on_the_caller(loss_of, tokens):
    tokens.requires_grad_()
    loss_of(tokens).backward()
    return _grad(tokens).norm(dim=-1)


def _retains_on_the_caller(loss_of, tokens):
    tokens.requires_grad_()
    tokens.retain_grad()
    return _on_the_caller(loss_of, tokens)


def _zeroes_on_the_caller(loss_of, tokens):
    asked = tokens.requires_grad
    lengths = _retains_on_the_caller(loss_of, tokens)
    tokens.grad.zero_()
    if not asked:
        tokens.requires_grad_(False)
    return lengths


def _clears_on_the_caller(loss_of, tokens):
    asked = tokens.requires_grad
    lengths = _retains_on_the_caller(loss_of, tokens)
    tokens.grad = None
    if not asked:
        tokens.requires_grad_(False)
    return lengths


def _clears_first(loss_of, tokens):
    tokens.grad = None
    return gradient_per_token(loss_of, tokens)


def _switches_the_caller_off(loss_of, tokens):
    lengths = _asks_the_caller(loss_of, tokens)
    tokens.requires_grad_(False)
    return lengths


def _asks_the_caller(loss_of, tokens):
    tokens.requires_grad_()
    return torch.autograd.grad(loss_of(tokens), tokens)[0].norm(dim=-1)


def _not_a_leaf(loss_of, tokens):
    tokens = tokens.clone().requires_grad_()
    loss_of(tokens).backward()
    return _grad(tokens).norm(dim=-1)


def _switches_the_caller_on(loss_of, tokens):
    tokens.requires_grad = True  # unlike `requires_grad_()`, refused for the result of a layer
    return _without_asking(loss_of, tokens)


def _without_asking(loss_of, tokens):
    return torch.autograd.grad(loss_of(tokens), tokens)[0].norm(dim=-1)


def _without_asking_backward(loss_of, tokens):
    loss_of(tokens).backward()
    return _grad(tokens).norm(dim=-1)


def _asks_too_late(loss_of, tokens):
    tokens = tokens.detach().clone()
    loss = loss_of(tokens)
    return torch.autograd.grad(loss, tokens.requires_grad_())[0].norm(dim=-1)


def _asks_another(loss_of, tokens):
    leaf = tokens.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_of(tokens), leaf)[0].norm(dim=-1)


def _reads_another(loss_of, tokens):
    loss_of(tokens.detach().clone().requires_grad_()).backward()
    return tokens.detach().grad.norm(dim=-1)


_ONE_LENGTH_EACH = (
    "Each token has D numbers; take the length over these, `norm(dim=-1)`: (B, N + 1)."
)
_ASK = (
    "Autograd follows only tensors that ask for it. First a copy with `requires_grad_()`, then the "
    "loss of that same copy."
)
_COPY = (
    "Work on a copy of your own: `tokens.detach().clone().requires_grad_()`. Otherwise gradients "
    "pile up on the caller's tensor."
)

GRADIENT = Exercise(
    id="2.4",
    name="gradient_per_token",
    title="Which tokens learn?",
    difficulty=3,
    minutes=15,
    reference=gradient_per_token,
    hints=(
        "Which tensor must ask for gradients, so that you can read off what comes back to it?",
        "A copy of the tokens, cut off from their past and asking for gradients. Compute the loss "
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
    ),
    mistakes=(
        *(
            Mistake("the loss does not see a tensor that asks for gradients", _ASK, stand_in)
            for stand_in in (
                _without_asking,
                _without_asking_backward,
                _asks_too_late,
                _asks_another,
                _reads_another,
            )
        ),
        Mistake(
            "the gradient is read off a tensor that is no leaf",
            "Autograd keeps `.grad` for leaves only: tensors without a past. `detach()` first, "
            "then `requires_grad_()`.",
            _not_a_leaf,
        ),
        Mistake("it leaves traces on the tokens", _COPY, _on_the_caller),
        Mistake("it leaves traces on the tokens", _COPY, _asks_the_caller),
        Mistake("it leaves traces on the tokens", _COPY, _switches_the_caller_on),
        Mistake("it leaves traces on the tokens", _COPY, _retains_on_the_caller),
        Mistake("it leaves traces on the tokens", _COPY, _zeroes_on_the_caller),
        Mistake(
            "requires_grad is always switched off",
            "The tokens may have asked before, and tokens from a layer refuse to be switched off. "
            "Work on a copy of your own: `tokens.detach().clone().requires_grad_()`.",
            _switches_the_caller_off,
        ),
        *(
            Mistake(
                "an earlier gradient is lost",
                "`tokens.grad` belongs to the caller, who may still need what it holds. Work on a "
                "copy: `tokens.detach().clone().requires_grad_()`.",
                stand_in,
            )
            for stand_in in (_clears_first, _clears_on_the_caller)
        ),
        Mistake("the gradient itself, not its length", _ONE_LENGTH_EACH, _from(lambda g: g)),
        Mistake(
            "signs kept",
            "You added up the numbers of each gradient: plus and minus cancel. Take the length.",
            _from(lambda g: g.sum(-1)),
        ),
        Mistake(
            "signs kept",
            "You averaged the numbers of each gradient: plus and minus cancel. Take the length.",
            _from(lambda g: g.mean(-1)),
        ),
        Mistake(
            "absolute values, not the length",
            "You added up absolute values. The length is the root of the sum of squares.",
            _from(lambda g: g.abs().sum(-1)),
        ),
        Mistake(
            "absolute values, not the length",
            "You averaged absolute values. The length is the root of the sum of squares.",
            _from(lambda g: g.abs().mean(-1)),
        ),
        Mistake(
            "the largest value, not the length",
            "You took the largest absolute value. The length is the root of the sum of squares.",
            _from(lambda g: g.abs().amax(-1)),
        ),
        Mistake(
            "the square of the length",
            "You added up squares. Take the root.",
            _from(lambda g: g.square().sum(-1)),
        ),
        Mistake("the length over the tokens", _ONE_LENGTH_EACH, _from(lambda g: g.norm(dim=1))),
        Mistake("one length for all", _ONE_LENGTH_EACH, _from(lambda g: g.norm())),
        Mistake("one length for an image", _ONE_LENGTH_EACH, _from(lambda g: g.norm(dim=(1, 2)))),
        Mistake(
            "the images are merged",
            "Keep the batch axis: one length for each token of each image, (B, N + 1).",
            _from(lambda g: g.norm(dim=-1).mean(0)),
        ),
        Mistake(
            "the images are merged",
            "Keep the batch axis: one length for each token of each image, (B, N + 1).",
            _from(lambda g: g.norm(dim=-1).sum(0)),
        ),
        Mistake(
            "the images are merged",
            "Keep the batch axis: one length for each token of each image, (B, N + 1).",
            _from(lambda g: g.norm(dim=(0, 2))),
        ),
        Mistake(
            "only the first image",
            "Only the first image is left: (B, N + 1) has all of them.",
            _from(lambda g: g[:1].norm(dim=-1)),
        ),
        Mistake(
            "yes or no, not how much",
            "Asked is how strong the gradient is, not whether there is one.",
            _from(lambda g: g.norm(dim=-1) > 0),
        ),
        Mistake(
            "yes or no, not how much",
            "Asked is how strong the gradient is, not whether there is one.",
            _from(lambda g: g.abs().sum(-1) > 0),
        ),
        Mistake(
            "shares, not lengths",
            "You divided by the sum. Give the lengths as they are; shares come later.",
            _from(lambda g: F.normalize(g.norm(dim=-1), p=1, dim=-1)),
        ),
        Mistake(
            "the tokens, not their gradient",
            "These are the lengths of the tokens. Measure what autograd sends back to them.",
            lambda loss_of, tokens: tokens.norm(dim=-1),
        ),
    ),
)

EXERCISES = (PREPEND, CLASS_TOKEN, MEAN_POOL, GRADIENT)
