"""Chapter 11: learn without labels, by painting what was hidden.

He et al. 2022, "Masked Autoencoders Are Scalable Vision Learners": hide most patches of an image,
encode the few that are left, and let a small decoder guess the hidden ones. Nobody has to say what
is in the image.
"""

import torch

from vitcourse.model.patches import patchify
from vitcourse.model.vit import VisionTransformer


def random_visible(
    num_images: int,
    num_patches: int,
    num_visible: int,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """The places of the patches that stay visible, chosen for each image: -> (B, V), ascending.

    Every choice of `num_visible` different patches is equally likely, for each image anew. All
    random numbers come from `generator`, or from torch's own without one.

    Raises ValueError unless 1 <= num_visible <= num_patches.
    Source: He et al. 2022, section 3, "Masking"; they sort random numbers, too.

    >>> random_visible(num_images=2, num_patches=3, num_visible=3)
    tensor([[0, 1, 2],
            [0, 1, 2]])
    """
    if not 1 <= num_visible <= num_patches:
        raise ValueError(
            f"num_visible must be from 1 to num_patches={num_patches}, got {num_visible}"
        )
    chance = torch.rand(num_images, num_patches, generator=generator)
    return chance.argsort(dim=1)[:, :num_visible].sort(dim=1).values


def encode_visible(
    model: VisionTransformer, images: torch.Tensor, visible: torch.Tensor
) -> torch.Tensor:
    """What the encoder makes of the visible patches alone: -> (B, 1 + V, D), class token first.

    `images` are (B, C, H, W), `visible` the places (B, V) that `random_visible` gives. Each patch
    keeps the position of its place in the image. The hidden ones never enter the encoder, which
    saves most of the time: attention over a quarter of the tokens costs a sixteenth.

    Source: He et al. 2022, section 3, "MAE encoder".

    >>> sizes = {"embed_dim": 8, "depth": 2, "num_heads": 2, "mlp_dim": 32}
    >>> model = VisionTransformer(image_size=(6, 8), patch_size=2, **sizes)
    >>> visible = random_visible(num_images=4, num_patches=12, num_visible=3)
    >>> encode_visible(model, torch.zeros(4, 3, 6, 8), visible).shape
    torch.Size([4, 4, 8])
    """
    positions = model.positions.pos_embed
    patches = model.patch_embed(images) + positions[:, 1:]
    kept = patches.gather(1, visible[:, :, None].expand(-1, -1, patches.shape[2]))
    class_token = model.class_token.cls_token + positions[:, :1]
    tokens = torch.cat([class_token.expand(len(images), -1, -1), kept], dim=1)
    return model.encoder(model.dropout(tokens))


def hidden_loss(
    predicted: torch.Tensor, images: torch.Tensor, visible: torch.Tensor, patch_size: int
) -> torch.Tensor:
    """How far the prediction is from the hidden patches: (B, N, C * P * P) -> a scalar.

    The target of each patch is the patch minus its own mean, divided by sqrt(its own variance +
    1e-6); the variance divides by n - 1, as `Tensor.var` does. The loss is the mean of the squared
    differences over all numbers of all hidden patches; what is predicted for visible ones does not
    count.

    Raises ValueError if no patch is hidden.
    Source: He et al. 2022, section 3, "Reconstruction target", and the code that came with it.

    >>> images, predicted = torch.zeros(1, 3, 4, 4), torch.ones(1, 4, 12)
    >>> hidden_loss(predicted, images, torch.tensor([[0, 2]]), patch_size=2)
    tensor(1.)
    """
    if visible.shape[1] == predicted.shape[1]:
        raise ValueError(f"visible leaves none of the {predicted.shape[1]} patches hidden")
    patches = patchify(images, patch_size)
    mean, variance = patches.mean(dim=2, keepdim=True), patches.var(dim=2, keepdim=True)
    target = (patches - mean) / (variance + 1e-6).sqrt()
    hidden = torch.ones(predicted.shape[:2], dtype=torch.bool, device=predicted.device)
    hidden.scatter_(1, visible, False)
    return (predicted - target)[hidden].square().mean()
