"""Another attention, for as long as a `with` block lasts: in our models, torchvision's, timm's.

All of them call `F.scaled_dot_product_attention` in the end. Here it is replaced.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@contextmanager
def patched_attention(
    model: nn.Module,
    wanted: Collection[int],
    attend: Callable[[int, Tensor, Tensor, Tensor], Tensor],
) -> Iterator[None]:
    """Let the blocks whose numbers are wanted attend by `attend(block, query, key, value)`.

    Query, key, value and the output are (B, heads, N, head_dim). Afterwards, also after an
    exception, the model is as it was. Meanwhile the replacement holds for all threads.

    Raises ValueError if the model is not a ViT of ours, torchvision's or timm's, or if a block
    attends with its own mask or scale; RuntimeError if a block attends twice in a pass, or if one
    that was wanted did not attend at all.
    """
    seen: set[int] = set()
    running: dict[str, int] = {}  # {"block": i, "calls": how often it has attended}
    functional: Any = F  # a module, one of whose functions is replaced
    fused = functional.scaled_dot_product_attention

    def other(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, **others):
        i = running.get("block")
        if i is None or i not in wanted:
            return fused(query, key, value, attn_mask, dropout_p, is_causal, **others)
        if attn_mask is not None or dropout_p or is_causal or any(others.values()):
            raise ValueError(f"block {i} attends with a mask, dropout or a scale of its own")
        running["calls"] += 1
        if running["calls"] > 1:
            raise RuntimeError(f"block {i} attends more than once in a pass")
        seen.add(i)
        return attend(i, query, key, value)

    with (
        _noted(blocks_of(model), running),
        _always_fused(model),
        _never_recomputed(model),
        _never_compiled(model),
    ):
        try:
            functional.scaled_dot_product_attention = other
            yield
        finally:
            functional.scaled_dot_product_attention = fused
    missing = [i for i in wanted if i not in seen]
    if missing:
        raise RuntimeError(
            f"no attention weights from blocks {missing}: call the model inside the `with` block, "
            f"uncompiled; attention must run through F.scaled_dot_product_attention"
        )


@contextmanager
def _noted(blocks: Iterable[nn.Module], running: dict[str, int]) -> Iterator[None]:
    """Let `running` say which block runs; between blocks it is empty."""

    def enter_block(i: int):
        return lambda *_: running.update(block=i, calls=0)

    hooks = [block.register_forward_pre_hook(enter_block(i)) for i, block in enumerate(blocks)]
    hooks += [block.register_forward_hook(lambda *_: running.clear()) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def _always_fused(model: nn.Module) -> Iterator[None]:
    """timm has a path that does not call the fused function, and so has nn.MultiheadAttention."""
    modules: Iterable[Any] = model.modules()
    unfused = [module for module in modules if getattr(module, "fused_attn", True) is False]
    fast_path = torch.backends.mha.get_fastpath_enabled()
    try:
        for module in unfused:
            module.fused_attn = True
        torch.backends.mha.set_fastpath_enabled(False)
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast_path)
        for module in unfused:
            module.fused_attn = False


@contextmanager
def _never_recomputed(model: nn.Module) -> Iterator[None]:
    """timm's checkpointing runs blocks a second time for the gradients, after we have gone."""
    modules: Iterable[Any] = model.modules()
    on = [module for module in modules if getattr(module, "grad_checkpointing", False) is True]
    try:
        for module in on:
            module.grad_checkpointing = False
        yield
    finally:
        for module in on:
            module.grad_checkpointing = True


@contextmanager
def _never_compiled(model: Any) -> Iterator[None]:
    """What `model.compile()` has made sees neither hooks nor our attention."""
    compiled, model._compiled_call_impl = model._compiled_call_impl, None
    try:
        yield
    finally:
        model._compiled_call_impl = compiled


def uncompiled(model: nn.Module) -> nn.Module:
    """The model that a compiled one was made from; any other model itself."""
    return getattr(model, "_orig_mod", model)


def blocks_of(model: nn.Module) -> nn.ModuleList | nn.Sequential:
    """The blocks of our model, of timm's, of torchvision's."""
    for path in ("encoder.blocks", "blocks", "encoder.layers"):
        try:
            blocks = model.get_submodule(path)
        except AttributeError:
            continue
        if isinstance(blocks, nn.ModuleList | nn.Sequential):
            return blocks
    raise ValueError(unknown_model(model))


def unknown_model(model: nn.Module) -> str:
    """Several packages call their class VisionTransformer, so the message says whose it is."""
    kind = type(model)
    hint = ""
    if kind.__module__.startswith("transformers."):
        hint = "; vitcourse.model.weights.from_huggingface makes one of ours from its weights"
    return (
        f"model must be a ViT of vitcourse, torchvision or timm, "
        f"got {kind.__module__}.{kind.__qualname__}{hint}. One of your own needs its blocks in "
        f"`blocks` and its `token_layout`: see docs/own_model.md"
    )
