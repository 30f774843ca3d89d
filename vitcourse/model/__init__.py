"""The Vision Transformer, one file per chapter; read in this order.

    patches.py      an image becomes a sequence of patch vectors
    cls_token.py    one extra token that will speak for the whole image
    positions.py    where each token sits, since attention alone cannot tell
    attention.py    every token looks at every other
    encoder.py      attention and MLP, with residuals, `depth` times
    vit.py          all of it together: images in, class scores out
    weights/        the same numbers in torchvision's, timm's, Hugging Face's and our files
    sizes.py        the same numbers for images of another size

After 2021:

    distilled.py    DeiT: a second class token, taught by another network
    rotary.py       positions that turn queries and keys (RoPE)
    modern.py       the ViT of DINOv2 and DINOv3
    masked.py, masked_autoencoder.py   MAE: encode what is seen, paint what is hidden
    self_distillation.py               DINO's way: agree with a slow copy of yourself

Shapes in the docstrings: B images in a batch, C channels, H x W pixels, P pixels on a patch's
side, N tokens, D numbers in a token (`embed_dim`), h heads.

Main source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words".
"""

from vitcourse.model.attention import MultiHeadSelfAttention, attention, merge_heads, split_heads
from vitcourse.model.cls_token import ClassToken, cls_pool, mean_pool
from vitcourse.model.distilled import DistilledVisionTransformer
from vitcourse.model.encoder import MLP, Encoder, EncoderBlock
from vitcourse.model.modern import LayerScale, ModernBlock, ModernVisionTransformer, SwiGLU
from vitcourse.model.patches import (
    LinearPatchEmbedding,
    PatchEmbedding,
    count_patches,
    linear_to_conv,
    patchify,
    unpatchify,
)
from vitcourse.model.positions import PositionEmbedding, resize_positions, sincos_1d, sincos_2d
from vitcourse.model.rotary import RotaryAttention, patch_angles, turn
from vitcourse.model.sizes import at_size
from vitcourse.model.vit import VARIANTS, VisionTransformer, count_parameters

__all__ = [
    "MLP",
    "VARIANTS",
    "ClassToken",
    "DistilledVisionTransformer",
    "Encoder",
    "EncoderBlock",
    "LayerScale",
    "LinearPatchEmbedding",
    "ModernBlock",
    "ModernVisionTransformer",
    "MultiHeadSelfAttention",
    "PatchEmbedding",
    "PositionEmbedding",
    "RotaryAttention",
    "SwiGLU",
    "VisionTransformer",
    "at_size",
    "attention",
    "cls_pool",
    "count_parameters",
    "count_patches",
    "linear_to_conv",
    "mean_pool",
    "merge_heads",
    "patch_angles",
    "patchify",
    "resize_positions",
    "sincos_1d",
    "sincos_2d",
    "split_heads",
    "turn",
    "unpatchify",
]
