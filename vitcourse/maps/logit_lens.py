"""What would the model answer if it stopped here? Its own last norm and head, on every layer.

The head was trained on the last layer only. What it makes of earlier ones is a reading, not the
model's opinion: where a layer writes in another basis, the lens reads noise.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from vitcourse.maps.patched import uncompiled


@torch.no_grad()
def logit_lens(model: nn.Module, states: Tensor) -> Tensor:
    """Logits of every token at every depth: states (..., N, D) -> (..., N, num_classes).

    `states` are those of `hidden_states`. [:, -1, 0] are the model's own logits if it answers from
    its class token. If it answers from the mean of its patches, these are the mean of the patches'
    last logits, unless it normalises after the mean. Distilled models have a second head: it reads
    the distillation token, token 1.

    Raises ValueError if the model has no head, or one that reads no single token.
    Source: nostalgebraist 2020, "interpreting GPT: the logit lens"; for ViTs Vilas et al. 2023,
    "Analyzing Vision Transformers for Image Classification in Class Embedding Space".
    """
    model = uncompiled(model)
    norm, head = read_out(model)
    if states.ndim < 2:
        raise ValueError(f"states must have shape (..., N, D), got {tuple(states.shape)}")
    normed = norm(states)
    logits = head(normed)
    second_head = getattr(model, "head_dist", None)
    if isinstance(second_head, nn.Linear):
        logits[..., 1, :] = second_head(normed[..., 1, :])
    return logits


def read_out(model: nn.Module) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
    """The last norm, and the head: (..., D) -> (..., D) and (..., D) -> (..., num_classes)."""
    name = type(model).__name__
    if getattr(model, "attn_pool", None) is not None:
        raise ValueError(f"{name} answers from a pooling by attention: no token has an answer")
    norms = [*_found(model, "encoder.norm", "encoder.ln", "norm"), *_found(model, "fc_norm")]
    heads = [*_found(model, "pre_logits"), *_found(model, "head", "heads")]
    if not norms or not any(isinstance(m, nn.Linear) for head in heads for m in head.modules()):
        raise ValueError(
            f"{name} has no head to read with: a last norm (norm) and a head with a linear layer "
            f"(head or heads) are needed"
        )
    return nn.Sequential(*norms), nn.Sequential(*heads)


def _found(model: nn.Module, *paths: str) -> list[nn.Module]:
    """The first of these modules that there is."""
    for path in paths:
        try:
            return [model.get_submodule(path)]
        except AttributeError:
            continue
    return []
