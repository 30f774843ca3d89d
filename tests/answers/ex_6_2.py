import torch
import torch.nn.functional as F
from torch import nn
from vitcourse.exercises.course_answers import ClassificationHead
from vitcourse.model import ClassToken, Encoder, EncoderBlock, PatchEmbedding, PositionEmbedding

# stub: the cell as it is handed out
class VisionTransformer(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        raise NotImplementedError("exercise 6.2")

    def forward(self, images):
        raise NotImplementedError("exercise 6.2")

# right: parts in a Sequential
class VisionTransformer(nn.Sequential):
    def __init__(self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim, dropout=0.0):
        patches = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
        super().__init__(
            patches,
            ClassToken(embed_dim),
            PositionEmbedding(patches.num_patches + 1, embed_dim),
            nn.Dropout(dropout),
            Encoder(depth, embed_dim, num_heads, mlp_dim, dropout),
            ClassificationHead(embed_dim, num_classes),
        )

# right: nothing but torch, q, k and v apart
class Block(nn.Module):
    def __init__(self, dim, heads, hidden, dropout):
        super().__init__()
        self.h = heads
        self.ln1, self.ln2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)
        self.q, self.k, self.v, self.o = (nn.Linear(dim, dim) for _ in range(4))
        self.up, self.down = nn.Linear(dim, hidden), nn.Linear(hidden, dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        y = self.ln1(x)
        q, k, v = (f(y).unflatten(-1, (self.h, -1)).transpose(1, 2) for f in (self.q, self.k, self.v))
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        x = x + self.drop(self.o(y))
        y = self.drop(F.gelu(self.up(self.ln2(x))))
        return x + self.drop(self.down(y))

class VisionTransformer(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        h, w = image_size
        self.conv = nn.Conv2d(in_channels, embed_dim, patch_size, patch_size)
        self.cls = nn.Parameter(torch.zeros(embed_dim))
        self.pos = nn.Parameter(torch.randn(h // patch_size * (w // patch_size) + 1, embed_dim) * 0.02)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.Sequential(*[Block(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)])
        self.ln = nn.LayerNorm(embed_dim, eps=1e-6)
        self.fc = nn.Linear(embed_dim, num_classes)

    def forward(self, images):
        x = self.conv(images).flatten(2).mT
        x = torch.cat([self.cls.repeat(len(x), 1, 1), x], 1) + self.pos
        return self.fc(self.ln(self.blocks(self.drop(x))[:, 0]))

# right: nn.TransformerEncoderLayer, pre-norm, batch first
class VisionTransformer(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.patch_embed = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
        self.class_token = ClassToken(embed_dim)
        self.positions = PositionEmbedding(self.patch_embed.num_patches + 1, embed_dim)
        self.drop = nn.Dropout(dropout)
        layer = nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, F.gelu, 1e-6, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, nn.LayerNorm(embed_dim, eps=1e-6), enable_nested_tensor=False)
        self.head = nn.Linear(embed_dim, num_classes)

    def forward(self, images):
        x = self.drop(self.positions(self.class_token(self.patch_embed(images))))
        return self.head(self.encoder(x)[:, 0])

# right: keywords, functional dropout, an embed method
class VisionTransformer(nn.Module):
    def __init__(
        self,
        image_size: tuple[int, int],
        patch_size: int,
        in_channels: int,
        num_classes: int,
        embed_dim: int,
        depth: int,
        num_heads: int,
        mlp_dim: int,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.p = dropout
        n = math.prod(s // patch_size for s in image_size)
        self.patch_embed = PatchEmbedding(
            image_size=image_size, patch_size=patch_size, in_channels=in_channels, embed_dim=embed_dim
        )
        self.class_token = ClassToken(embed_dim=embed_dim)
        self.positions = PositionEmbedding(num_tokens=n + 1, embed_dim=embed_dim)
        self.encoder = Encoder(
            depth=depth, embed_dim=embed_dim, num_heads=num_heads, mlp_dim=mlp_dim, dropout=dropout
        )
        self.head = ClassificationHead(embed_dim=embed_dim, num_classes=num_classes)

    def embed(self, images):
        tokens = self.positions(self.class_token(self.patch_embed(images)))
        return F.dropout(tokens, p=self.p, training=self.training)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder(self.embed(images)))

# right: patches counted by an empty image, stages in a list
class VisionTransformer(nn.Module):
    def __init__(
        self,
        image_size: tuple[int, int],
        patch_size: int,
        in_channels: int,
        num_classes: int,
        embed_dim: int,
        depth: int,
        num_heads: int,
        mlp_dim: int,
        dropout: float = 0.0,
    ):
        super().__init__()
        with torch.no_grad():  # count the patches by cutting an empty image
            cutter = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
            n = cutter(torch.zeros(1, in_channels, *image_size)).shape[1]
        stages = [cutter, ClassToken(embed_dim), PositionEmbedding(n + 1, embed_dim), nn.Dropout(dropout)]
        stages += [Encoder(depth, embed_dim, num_heads, mlp_dim, dropout), ClassificationHead(embed_dim, num_classes)]
        self.stages = nn.ModuleList(stages)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        for stage in self.stages:
            images = stage(images)
        return images

# right: an int for image_size accepted too
class VisionTransformer(nn.Module):
    def __init__(
        self,
        image_size: tuple[int, int],
        patch_size: int,
        in_channels: int,
        num_classes: int,
        embed_dim: int,
        depth: int,
        num_heads: int,
        mlp_dim: int,
        dropout: float = 0.0,
    ):
        super().__init__()
        if isinstance(image_size, int):
            image_size = (image_size, image_size)
        height, width = image_size
        num_patches = (height // patch_size) * (width // patch_size)
        self.patch_embed = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
        self.class_token = ClassToken(embed_dim)
        self.positions = PositionEmbedding(num_patches + 1, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(depth, embed_dim, num_heads, mlp_dim, dropout)
        self.head = ClassificationHead(embed_dim, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.patch_embed(images)
        x = self.class_token(x)
        x = self.positions(x)
        x = self.dropout(x)
        x = self.encoder(x)
        return self.head(x)

# right: the five parts
class VisionTransformer(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.patch_embed = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
        self.class_token = ClassToken(embed_dim)
        self.positions = PositionEmbedding(self.patch_embed.num_patches + 1, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(depth, embed_dim, num_heads, mlp_dim, dropout)
        self.head = ClassificationHead(embed_dim, num_classes)

    def forward(self, images):
        tokens = self.class_token(self.patch_embed(images))
        tokens = self.dropout(self.positions(tokens))
        return self.head(self.encoder(tokens))

# wrong: it returns None
# ~ return self.head(self.encoder(tokens)) => self.head(self.encoder(tokens))

# wrong: right for 3 channels, wrong for 2 channels
# ~ patch_size, in_channels, embed_dim) => patch_size, 3, embed_dim)

# wrong: right for depth=12, wrong for depth=2
# ~ Encoder(depth, => Encoder(12,

# wrong: right for mlp_dim = 4 * embed_dim, wrong for other mlp_dim
# ~ num_heads, mlp_dim, dropout) => num_heads, 4 * embed_dim, dropout)

# wrong: right for 12 heads, wrong for 3 heads
# ~ embed_dim, num_heads, mlp_dim, dropout) => embed_dim, 12, mlp_dim, dropout)

# wrong: *
# ~ embed_dim, num_heads, mlp_dim, dropout) => embed_dim, 4, mlp_dim, dropout)

# wrong: right for 1000 classes, wrong for 5 classes
# ~ ClassificationHead(embed_dim, num_classes) => ClassificationHead(embed_dim, 1000)

# wrong: right for a batch of 3, wrong for a batch of one
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens)).squeeze()

# wrong: right with dropout=0.0, wrong by default
# ~ dropout=0.0) => dropout=0.1)

# wrong: right in float32, wrong in float64
# ~ self.patch_embed(images) => self.patch_embed(images.float())

# wrong: it changes its input
# ~ tokens = self.class_token(self.patch_embed(images)) => images.sub_(images.mean()); tokens = self.class_token(self.patch_embed(images))

# wrong: *
# ~ return self.head(self.encoder(tokens)) => return self.head(self.encoder(tokens)).double()

# wrong: right in evaluation mode, wrong in training mode
# ~ self.head(self.encoder(tokens)) => self.head(F.dropout(self.encoder(tokens), 0.1, self.training))

# wrong: right the first time, wrong called again
# ~ tokens = self.class_token(self.patch_embed(images)) => self.n = getattr(self, "n", len(images)); tokens = self.class_token(self.patch_embed(images[: self.n]))

# wrong: it never finishes
# ~ return self.head(self.encoder(tokens)) => while True: tokens = tokens[:1]

# wrong: *
# (not a class)
VisionTransformer = None

# wrong: *
# (a function of images, not a module)
def VisionTransformer(image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim, dropout=0.0):
    return lambda images: torch.zeros(len(images), num_classes)

# wrong: *
# parts in a plain list, no parameters
class VisionTransformer(nn.Module):
    def __init__(
        self,
        image_size: tuple[int, int],
        patch_size: int,
        in_channels: int,
        num_classes: int,
        embed_dim: int,
        depth: int,
        num_heads: int,
        mlp_dim: int,
        dropout: float = 0.0,
    ):
        super().__init__()
        with torch.no_grad():  # count the patches by cutting an empty image
            cutter = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
            n = cutter(torch.zeros(1, in_channels, *image_size)).shape[1]
        stages = [cutter, ClassToken(embed_dim), PositionEmbedding(n + 1, embed_dim), nn.Dropout(dropout)]
        stages += [Encoder(depth, embed_dim, num_heads, mlp_dim, dropout), ClassificationHead(embed_dim, num_classes)]
        self.stages = stages

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        for stage in self.stages:
            images = stage(images)
        return images
