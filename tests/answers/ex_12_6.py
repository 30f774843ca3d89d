from vitcourse.model import MLP, LayerScale, attention, merge_heads, patch_angles, split_heads, turn

# stub: as handed out
class TurnedAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        raise NotImplementedError("exercise 12.6")

    def forward(self, x, angles):
        raise NotImplementedError("exercise 12.6")

class TurnedBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim):
        super().__init__()
        raise NotImplementedError("exercise 12.6")

    def forward(self, x, angles):
        raise NotImplementedError("exercise 12.6")

class DINOv3(nn.Module):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__()
        raise NotImplementedError("exercise 12.6")

    def forward_features(self, images):
        raise NotImplementedError("exercise 12.6")

    def forward(self, images):
        return self.forward_features(images)[:, 0]

# stub: attention and block written, the model not yet
class DINOv3(nn.Module):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__()
        self.norm = nn.LayerNorm(embed_dim)
        raise NotImplementedError("exercise 12.6")

    def forward_features(self, images):
        raise NotImplementedError("exercise 12.6")

# right: attention of chapter 4, prefix tokens one by one
class TurnedAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, embed_dim * 3, bias=False)
        self.proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, angles):
        q, k, v = [split_heads(part, self.num_heads) for part in self.qkv(x).split(x.shape[-1], -1)]
        heads, _ = attention(turn(q, angles), turn(k, angles), v)
        return self.proj(merge_heads(heads))

class TurnedBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(embed_dim, 1e-5) for _ in range(2))
        self.scale1, self.scale2 = (LayerScale(embed_dim) for _ in range(2))
        self.attn = TurnedAttention(embed_dim, num_heads)
        self.mlp = MLP(embed_dim, mlp_dim)

    def forward(self, x, angles):
        y = self.attn(self.norm1(x), angles)
        x = x + self.scale1(y)
        y = self.mlp(self.norm2(x))
        return x + self.scale2(y)

class DINOv3(nn.Module):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__()
        self.patch_size = patch_size
        self.head_dim = embed_dim // num_heads
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, patch_size)
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim) * 0.02)
        self.registers = nn.Parameter(torch.empty(1, num_registers, embed_dim))
        nn.init.trunc_normal_(self.registers, std=0.02)
        self.blocks = nn.ModuleList()
        for _ in range(depth):
            self.blocks.append(TurnedBlock(embed_dim, num_heads, mlp_dim))
        self.norm = nn.LayerNorm(embed_dim, 1e-5)

    def forward_features(self, images):
        B, _, H, W = images.shape
        x = rearrange(self.patch_embed(images), "b d h w -> b (h w) d")
        angles = patch_angles((H // self.patch_size, W // self.patch_size), self.head_dim)
        x = torch.cat([self.cls_token.expand(B, -1, -1), self.registers.expand(B, -1, -1), x], 1)
        for block in self.blocks:
            x = block(x, angles)
        return self.norm(x)

    def forward(self, images):
        return self.forward_features(images)[:, 0]

# right: angles kept for each grid
# ~ angles = patch_angles((H // self.patch_size, W // self.patch_size), self.head_dim) => self.kept = getattr(self, "kept", {}); grid = H // self.patch_size, W // self.patch_size; angles = self.kept[grid] = self.kept.get(grid, patch_angles(grid, self.head_dim))

# right: a buffer that the state_dict leaves out
# ~ angles = patch_angles((H // self.patch_size, W // self.patch_size), self.head_dim) => self.register_buffer("angles", patch_angles((H // self.patch_size, W // self.patch_size), self.head_dim), persistent=False)
# ~ block(x, angles) => block(x, self.angles)

# right: complex numbers, a block that holds everything
class Part(nn.Module):
    pass

class Block(nn.Module):
    def __init__(self, D, h, M):
        super().__init__()
        self.h = h
        self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.attn, self.mlp, self.scale1, self.scale2 = Part(), Part(), Part(), Part()
        self.attn.qkv, self.attn.proj = nn.Linear(D, 3 * D, bias=False), nn.Linear(D, D)
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(D, M), nn.Linear(M, D)
        self.scale1.gamma = nn.Parameter(1e-5 * torch.ones(D))
        self.scale2.gamma = nn.Parameter(1e-5 * torch.ones(D))

    def rope(self, t, angles):
        k = t.shape[2] - len(angles)
        a, b = t[:, :, k:].chunk(2, -1)
        z = torch.complex(a, b) * torch.polar(torch.ones_like(angles), angles)
        return torch.cat([t[:, :, :k], torch.cat([z.real, z.imag], -1).to(t)], 2)

    def forward(self, x, angles):
        y = self.norm1(x)
        q, k, v = rearrange(self.attn.qkv(y), "b n (three h d) -> three b h n d", three=3, h=self.h)
        q, k = self.rope(q, angles), self.rope(k, angles)
        weights = (torch.einsum("bhid,bhjd->bhij", q, k) / math.sqrt(q.shape[-1])).softmax(-1)
        y = torch.einsum("bhij,bhjd->bihd", weights, v).flatten(2)
        x = x + self.attn.proj(y) * self.scale1.gamma
        y = self.mlp.fc1(self.norm2(x))
        y = y * 0.5 * (1 + torch.erf(y / math.sqrt(2)))
        return x + self.mlp.fc2(y) * self.scale2.gamma

class DINOv3(nn.Module):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__()
        self.d = embed_dim // num_heads
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.registers = nn.Parameter(torch.randn(1, num_registers, embed_dim))
        self.blocks = nn.ModuleList([Block(embed_dim, num_heads, mlp_dim) for _ in range(depth)])
        self.norm = nn.LayerNorm(embed_dim)

    def forward_features(self, images):
        x = self.patch_embed(images)
        angles = patch_angles(x.shape[2:], self.d)
        x = x.flatten(2).permute(0, 2, 1)
        x = torch.cat([self.cls_token.repeat(len(x), 1, 1), self.registers.repeat(len(x), 1, 1), x], 1)
        for block in self.blocks:
            x = block(x, angles)
        return self.norm(x)

    def forward(self, images):
        return self.forward_features(images)[:, 0]

# right: patches cut by hand, angles of 0 for the prefix
class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(dim, 3 * dim, False), nn.Linear(dim, dim)

    def forward(self, x, angles):
        q, k, v = self.qkv(x).unflatten(2, (3, self.heads, -1)).transpose(1, 3).unbind(2)
        x = F.scaled_dot_product_attention(turn(q, angles), turn(k, angles), v)
        return self.proj(x.transpose(1, 2).flatten(2))

class Block(nn.Module):
    def __init__(self, dim, heads, hidden):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = Attention(dim, heads)
        self.scale1 = LayerScale(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = MLP(dim, hidden)
        self.scale2 = LayerScale(dim)

    def forward(self, x, angles):
        x = self.scale1(self.attn(self.norm1(x), angles)) + x
        return self.scale2(self.mlp(self.norm2(x))) + x

class DINOv3(nn.Module):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__()
        self.p, self.d = patch_size, embed_dim // num_heads
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.registers = nn.Parameter(torch.rand(1, num_registers, embed_dim) / 100)
        self.blocks = nn.ModuleList(Block(embed_dim, num_heads, mlp_dim) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim)

    def forward_features(self, images):
        h, w = images.shape[2] // self.p, images.shape[3] // self.p
        pixels = rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=self.p, q=self.p)
        patches = F.linear(pixels, self.patch_embed.weight.flatten(1), self.patch_embed.bias)
        angles = F.pad(patch_angles((h, w), self.d), (0, 0, 1 + self.registers.shape[1], 0))
        ones = patches.new_ones(len(images), 1, 1)
        x = torch.cat([ones * self.cls_token, ones * self.registers, patches], dim=1)
        for block in self.blocks:
            x = block(x, angles)
        return self.norm(x)

    def forward(self, images):
        return self.forward_features(images)[:, 0]

# right: the course's class with the bias left out
from vitcourse.model import ModernVisionTransformer

class DINOv3(ModernVisionTransformer):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__(
            patch_size=patch_size,
            in_channels=in_channels,
            embed_dim=embed_dim,
            depth=depth,
            num_heads=num_heads,
            mlp_dim=mlp_dim,
            num_registers=num_registers,
        )
        for block in self.blocks:
            block.attn.qkv = nn.Linear(embed_dim, 3 * embed_dim, bias=False)

# right: modules in dicts, and rope in a method of the model
class Block(nn.Module):
    def __init__(self, model, dim, heads, hidden):
        super().__init__()
        self.rotate = model.rotate
        self.heads = heads
        self.norm1 = nn.LayerNorm(dim, eps=0.00001)
        self.norm2 = nn.LayerNorm(dim, eps=0.00001)
        self.attn = nn.ModuleDict({"qkv": nn.Linear(dim, 3 * dim, bias=False), "proj": nn.Linear(dim, dim)})
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(dim, hidden), "fc2": nn.Linear(hidden, dim)})
        self.scale1, self.scale2 = nn.ParameterDict(), nn.ParameterDict()
        for scale in (self.scale1, self.scale2):
            scale["gamma"] = nn.Parameter(torch.full((dim,), 1e-5))

    def forward(self, x, cos, sin):
        q, k, v = self.attn["qkv"](self.norm1(x)).chunk(3, -1)
        q, k, v = (t.unflatten(-1, (self.heads, -1)).transpose(1, 2) for t in (q, k, v))
        y = F.scaled_dot_product_attention(self.rotate(q, cos, sin), self.rotate(k, cos, sin), v)
        x = x + self.scale1["gamma"] * self.attn["proj"](y.transpose(1, 2).flatten(2))
        y = self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x))))
        return x + self.scale2["gamma"] * y

class DINOv3(nn.Module):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__()
        self.head_dim = embed_dim // num_heads
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, kernel_size=patch_size, stride=patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.registers = nn.Parameter(torch.randn(1, num_registers, embed_dim) * 0.02)
        self.blocks = nn.ModuleList(Block(DINOv3, embed_dim, num_heads, mlp_dim) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim)

    @staticmethod
    def rotate(x, cos, sin):
        a, b = x.chunk(2, dim=-1)
        return x * cos + torch.cat([-b, a], dim=-1) * sin

    def forward_features(self, images):
        x = self.patch_embed(images)
        angles = patch_angles(tuple(x.shape[-2:]), self.head_dim).to(x)
        angles = F.pad(angles, (0, 0, 1 + self.registers.shape[1], 0)).repeat(1, 2)
        cos, sin = angles.cos(), angles.sin()
        prefix = torch.cat([self.cls_token, self.registers], dim=1).expand(len(x), -1, -1)
        x = torch.cat([prefix, x.flatten(2).mT], dim=1)
        for block in self.blocks:
            x = block(x, cos, sin)
        return self.norm(x)

    def forward(self, images):
        return self.forward_features(images)[:, 0]

# wrong: *
class DINOv3(nn.Module):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__()
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.registers = nn.Parameter(torch.randn(1, num_registers, embed_dim) * 0.02)
        self.norm = nn.LayerNorm(embed_dim)

    def forward_features(self, images):
        return self.norm(self.patch_embed(images).flatten(2).mT)

# wrong: *
def DINOv3(patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
    return lambda images: images

# wrong: *
from vitcourse.model import ModernVisionTransformer

class DINOv3(ModernVisionTransformer):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__(patch_size, in_channels, 0, embed_dim, depth, num_heads, mlp_dim, num_registers, swiglu=True)
        for block in self.blocks:
            block.attn.qkv = nn.Linear(embed_dim, 3 * embed_dim, bias=False)

# wrong: right in evaluation mode, wrong in training mode
from vitcourse.model import ModernVisionTransformer

class DINOv3(ModernVisionTransformer):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__(patch_size, in_channels, 0, embed_dim, depth, num_heads, mlp_dim, num_registers)
        for block in self.blocks:
            block.attn.qkv = nn.Linear(embed_dim, 3 * embed_dim, bias=False)
            block.mlp.dropout = nn.Dropout(0.3)

# wrong: *
from vitcourse.model import ModernVisionTransformer

class DINOv3(ModernVisionTransformer):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__(patch_size, in_channels, 0, embed_dim, depth, num_heads, mlp_dim, num_registers)
        for block in self.blocks:
            block.attn.qkv = nn.Linear(embed_dim, 3 * embed_dim, bias=False)

    forward = nn.Module.forward
