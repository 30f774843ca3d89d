"""The course's own answers to exercises whose subject is no part of the model or the maps.

All others are in `vitcourse.model` and `vitcourse.maps`, where one looks for them.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitcourse.maps import attention_gradients, class_token_map
from vitcourse.model import (
    MLP,
    LayerScale,
    MultiHeadSelfAttention,
    VisionTransformer,
    merge_heads,
    patch_angles,
    resize_positions,
    split_heads,
    turn,
)
from vitcourse.model.encoder import LAYER_NORM_EPS

# Chapter 0 ----------------------------------------------------------------------------------------


def count_values(image: torch.Tensor) -> int:
    """How many numbers an image of shape (C, H, W) holds."""
    channels, height, width = image.shape
    return channels * height * width


# Chapter 2 ----------------------------------------------------------------------------------------


def prepend(tokens: Tensor, cls_token: Tensor) -> Tensor:
    """Put the class token in front: (B, N, D) and (1, 1, D) -> (B, N + 1, D)."""
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)


def gradient_per_token(loss_of, tokens: Tensor) -> Tensor:
    """How strongly a loss pulls at each token: (B, N + 1, D) -> (B, N + 1)."""
    tokens = tokens.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_of(tokens), tokens)
    return gradient.norm(dim=-1)


# Chapter 3 ----------------------------------------------------------------------------------------


def equivariance_error(layer, tokens: Tensor, order: Tensor) -> float:
    """How much it matters whether tokens (B, N, D) are shuffled before the layer or after it.

    The largest absolute difference between layer(tokens[:, order]) and layer(tokens)[:, order].
    """
    before, after = layer(tokens[:, order]), layer(tokens)[:, order]
    return (before - after).abs().max().item()


# Chapter 4 ----------------------------------------------------------------------------------------


def from_torch(theirs: nn.MultiheadAttention) -> MultiHeadSelfAttention:
    """Our layer with torch's numbers, so that both give the same output."""
    ours = MultiHeadSelfAttention(theirs.embed_dim, theirs.num_heads)
    with torch.no_grad():
        ours.qkv.weight.copy_(theirs.in_proj_weight)
        ours.qkv.bias.copy_(theirs.in_proj_bias)
        ours.proj.weight.copy_(theirs.out_proj.weight)
        ours.proj.bias.copy_(theirs.out_proj.bias)
    return ours


# Chapter 5 ----------------------------------------------------------------------------------------


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-6) -> Tensor:
    """Give every token mean 0 and variance 1, then scale and shift: (..., D) -> (..., D).

    Source: section 3 in Ba et al. 2016.
    """
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x - mean).square().mean(dim=-1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias


def mixes_images(model: nn.Module, images: Tensor) -> bool:
    """Whether the result for some image depends on the other images of its batch.

    Compares every image alone with the same image in the batch, in evaluation mode. Differences
    of up to 1e-5 of the largest output are taken for rounding.
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        together = model(images)
        alone = torch.cat([model(image[None]) for image in images])
    model.train(was_training)
    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())


def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.TransformerEncoder:
    """PyTorch's own encoder, set up to compute what Encoder computes: (B, N, D) -> (B, N, D)."""
    layer = nn.TransformerEncoderLayer(
        embed_dim,
        num_heads,
        dim_feedforward=mlp_dim,
        dropout=dropout,
        activation="gelu",
        layer_norm_eps=LAYER_NORM_EPS,
        batch_first=True,
        norm_first=True,
    )
    last = nn.LayerNorm(embed_dim, eps=LAYER_NORM_EPS)
    encoder = nn.TransformerEncoder(layer, depth, norm=last, enable_nested_tensor=False)
    for parameter in encoder.parameters():
        if parameter.ndim > 1:  # its layers are copies of one: let each start anew
            nn.init.xavier_uniform_(parameter)
    return encoder


# Chapter 6 ----------------------------------------------------------------------------------------


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


class PaperHead(nn.Module):
    """Scores from the class token, by both heads of the paper: (B, N + 1, D) -> (B, num_classes).

    Source: section 3.1 in Dosovitskiy et al. 2021: "a MLP with one hidden layer at pre-training
    time and [...] a single linear layer at fine-tuning time"; the tanh is in their code.
    """

    def __init__(
        self, embed_dim: int, num_classes: int, representation_size: int | None = None
    ) -> None:
        super().__init__()
        self.pre_logits = nn.Sequential()
        if representation_size is not None:
            self.pre_logits.append(nn.Linear(embed_dim, representation_size))
            self.pre_logits.append(nn.Tanh())
        self.head = nn.Linear(representation_size or embed_dim, num_classes)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.pre_logits(tokens[:, 0]))


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


# Chapter 7 ----------------------------------------------------------------------------------------


def schedule(step: int, steps: int, warmup: int) -> float:
    """The share of the peak learning rate in `step`: a line up, then half a cosine down to 0.

    Source: Loshchilov & Hutter 2017 (the cosine), Goyal et al. 2017 (the warm-up).
    """
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / (steps - warmup)
    return 0.5 * (1 + math.cos(math.pi * progress))


def scene_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of both questions: logits (B, 16), labels (B, 2) -> a scalar."""
    what = F.cross_entropy(logits[:, :8], labels[:, 0])
    where = F.cross_entropy(logits[:, 8:], labels[:, 1])
    return (what + where) / 2


def train_step(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    """One step on one batch; returns the loss of the batch before the step."""
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()


def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    """Train for `steps` steps under the schedule; returns the loss of each."""
    peaks = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for step in range(steps):
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * schedule(step, steps, warmup)
        images, labels = batch_at(step)
        losses.append(train_step(model, images, labels, optimizer))
    return losses


def accuracy(
    model: nn.Module, images: Tensor, labels: Tensor, batch_size: int = 256
) -> dict[str, float]:
    """The share of right answers to each question, batch by batch, in evaluation mode."""
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size]).reshape(-1, 2, 8)
            right += (logits.argmax(2) == labels[start : start + batch_size]).sum(0)
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}


# Chapter 8 ----------------------------------------------------------------------------------------


def cls_map(attention: Tensor, grid: tuple[int, int], num_prefix_tokens: int = 1) -> Tensor:
    """Where the class token looks, mean of the heads: (B, heads, N, N) -> (B, rows, columns)."""
    return class_token_map(attention.mean(dim=1), grid, num_prefix_tokens)


def deletion_scores(score, image: Tensor, heat: Tensor, steps: int) -> Tensor:
    """The score while patches are removed, those with the highest heat first: -> (steps + 1,).

    Source: Petsiuk et al. 2018, "RISE", section 4.3; they remove pixels.
    """
    height, width = image.shape[1] // heat.shape[0], image.shape[2] // heat.shape[1]
    rank = heat.flatten().argsort(descending=True, stable=True).argsort().view_as(heat)
    rank = rank.repeat_interleave(height, dim=0).repeat_interleave(width, dim=1)
    counts = [round(i * heat.numel() / steps) for i in range(steps + 1)]
    return torch.cat([score((image * (rank >= count))[None]) for count in counts])


def block_patches(weights: Tensor, patches: Tensor, queries: slice = slice(0, 1)) -> Tensor:
    """Attention after some tokens may no longer look at some patches; rows sum to 1 again."""
    open_way = F.pad(~patches.flatten(1), (1, 0), value=True)[:, None, None]  # (B, 1, 1, N)
    rows = weights[:, :, queries] * open_way
    result = weights.clone()
    result[:, :, queries] = rows / rows.sum(dim=-1, keepdim=True)
    return result


def discard_weakest(attention: Tensor, discard: float) -> Tensor:
    """One layer's weights with the weakest left out: (B, heads, N, N) -> (B, N, N)."""
    flat = attention.mean(dim=1).flatten(1)
    weakest = flat.topk(int(discard * flat.shape[1]), dim=1, largest=False).indices
    fused = flat.scatter(1, weakest, 0.0).view_as(attention[:, 0])
    return fused / fused.sum(dim=-1, keepdim=True)


def maps_and_gradients(model: nn.Module, images: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Weights, and the gradient of each image's class score: twice (B, layers, heads, N, N)."""
    return attention_gradients(model, images, classes)


def to_heat(rows: Tensor, grid: tuple[int, int], num_prefix_tokens: int, highest: float) -> Tensor:
    """Rows of attention as pictures on one scale: (..., N) -> (..., grid rows, columns), 0 .. 1."""
    patches = rows[..., num_prefix_tokens:].unflatten(-1, tuple(grid))
    return (patches / highest).clamp(max=1)


# Chapter 9 ----------------------------------------------------------------------------------------


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


def linear_probe(
    features: Tensor, labels: Tensor, learn: Tensor, test: Tensor, penalty: float = 10.0
) -> Tensor:
    """Scores (T, classes) for the test pictures, by least squares on the others."""
    mean, std = features[learn].mean(dim=0), features[learn].std(dim=0) + 1e-6
    x = F.pad((features - mean) / std, (0, 1), value=1.0)  # a column of ones, for the bias
    target = 2 * F.one_hot(labels).to(x.dtype) - 1
    seen = x[learn]
    squares = seen.T @ seen + penalty * torch.eye(x.shape[1], dtype=x.dtype)
    return x[test] @ torch.linalg.solve(squares, seen.T @ target[learn])


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


# Chapter 11 ---------------------------------------------------------------------------------------


def principal_components(features: Tensor, count: int) -> Tensor:
    """Each row along the `count` directions in which rows differ most: (n, D) -> (n, count).

    The largest entry of each direction, by magnitude, is positive.
    """
    centred = features - features.mean(dim=0)
    directions = torch.linalg.svd(centred, full_matrices=False).Vh[:count]  # in rows
    largest = directions.gather(1, directions.abs().argmax(dim=1, keepdim=True))
    return centred @ (directions * largest.sign()).T


def k_means(features: Tensor, centres: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """The nearest centre of each row, and the centres after `steps` moves: -> (n,), (k, D).

    Source: Lloyd 1982, "Least squares quantization in PCM".
    """
    centres = centres.clone()
    for _ in range(steps):
        labels = torch.cdist(features, centres).argmin(dim=1)
        for number in labels.unique():  # a centre without rows stays where it is
            centres[number] = features[labels == number].mean(dim=0)
    return labels, centres


# Chapter 12 ---------------------------------------------------------------------------------------


def qk_norm_scores(q: Tensor, k: Tensor, q_norm: nn.Module, k_norm: nn.Module) -> Tensor:
    """Attention's scores from normed queries and keys: (B, h, N, d) twice -> (B, h, N, N)."""
    return q_norm(q) @ k_norm(k).mT / math.sqrt(q.shape[-1])


class Registers(nn.Module):
    """Learned tokens behind the class token, which are taken out again at the end.

    Source: Darcet et al. 2024, "Vision Transformers Need Registers".
    """

    def __init__(self, embed_dim: int, num_registers: int) -> None:
        super().__init__()
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))

    def insert(self, tokens: Tensor) -> Tensor:
        """(B, 1 + N, D) -> (B, 1 + R + N, D), the same registers in each image."""
        registers = self.registers.expand(len(tokens), -1, -1)
        return torch.cat([tokens[:, :1], registers, tokens[:, 1:]], dim=1)

    def take_out(self, tokens: Tensor) -> Tensor:
        """(B, 1 + R + N, D) -> (B, 1 + N, D)."""
        return torch.cat([tokens[:, :1], tokens[:, 1 + self.registers.shape[1] :]], dim=1)


class TurnedAttention(nn.Module):
    """Chapter 4's attention with turned queries and keys, as in DINOv3: (B, N, D) -> (B, N, D)."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim, bias=False)
        self.proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x: Tensor, angles: Tensor) -> Tensor:
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads = F.scaled_dot_product_attention(turn(q, angles), turn(k, angles), v)
        return self.proj(merge_heads(heads))


class TurnedBlock(nn.Module):
    """Attention and MLP, each with a LayerScale behind it: (B, N, D) -> (B, N, D)."""

    def __init__(self, embed_dim: int, num_heads: int, mlp_dim: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-5)
        self.attn = TurnedAttention(embed_dim, num_heads)
        self.scale1 = LayerScale(embed_dim)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-5)
        self.mlp = MLP(embed_dim, mlp_dim)
        self.scale2 = LayerScale(embed_dim)

    def forward(self, x: Tensor, angles: Tensor) -> Tensor:
        x = x + self.scale1(self.attn(self.norm1(x), angles))
        return x + self.scale2(self.mlp(self.norm2(x)))


class DINOv3(nn.Module):
    """`ModernVisionTransformer` as DINOv3's ViT-S/16 is built, with the same names.

    Only the biases of queries, keys and values, which are 0 there, are missing here.
    """

    def __init__(
        self,
        patch_size: int,
        in_channels: int,
        embed_dim: int,
        depth: int,
        num_heads: int,
        mlp_dim: int,
        num_registers: int = 4,
    ) -> None:
        super().__init__()
        self.head_dim = embed_dim // num_heads
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))
        self.blocks = nn.ModuleList(
            TurnedBlock(embed_dim, num_heads, mlp_dim) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(embed_dim, eps=1e-5)

    def forward_features(self, images: Tensor) -> Tensor:
        """All tokens, normed: (B, C, H, W) -> (B, 1 + R + N, D)."""
        patches = self.patch_embed(images)
        angles = patch_angles(patches.shape[-2:], self.head_dim).to(images.device)
        prefix = torch.cat([self.cls_token, self.registers], dim=1)
        x = torch.cat([prefix.expand(len(images), -1, -1), patches.flatten(2).mT], dim=1)
        for block in self.blocks:
            x = block(x, angles)
        return self.norm(x)

    def forward(self, images: Tensor) -> Tensor:
        """The class token's features: (B, C, H, W) -> (B, D)."""
        return self.forward_features(images)[:, 0]
