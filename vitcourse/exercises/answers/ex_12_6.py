from vitcourse.model import MLP, LayerScale, merge_heads, patch_angles, resize_positions, split_heads, turn

# right: out of the parts
class TurnedAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim, bias=False)
        self.proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, angles):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        q, k = turn(q, angles), turn(k, angles)
        heads = F.scaled_dot_product_attention(q, k, v)
        return self.proj(merge_heads(heads))


class TurnedBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-5)
        self.attn = TurnedAttention(embed_dim, num_heads)
        self.scale1 = LayerScale(embed_dim)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-5)
        self.mlp = MLP(embed_dim, mlp_dim)
        self.scale2 = LayerScale(embed_dim)

    def forward(self, x, angles):
        x = x + self.scale1(self.attn(self.norm1(x), angles))
        x = x + self.scale2(self.mlp(self.norm2(x)))
        return x


class DINOv3(nn.Module):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__()
        self.head_dim = embed_dim // num_heads
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))
        self.blocks = nn.ModuleList([TurnedBlock(embed_dim, num_heads, mlp_dim) for _ in range(depth)])
        self.norm = nn.LayerNorm(embed_dim, eps=1e-5)

    def forward_features(self, images):
        patches = self.patch_embed(images)
        grid = patches.shape[-2:]
        patches = patches.flatten(2).transpose(1, 2)
        angles = patch_angles(grid, self.head_dim).to(images.device)
        prefix = torch.cat([self.cls_token, self.registers], dim=1)
        x = torch.cat([prefix.expand(len(images), -1, -1), patches], dim=1)
        for block in self.blocks:
            x = block(x, angles)
        x = self.norm(x)
        return x

    def forward(self, images):
        return self.forward_features(images)[:, 0]

# wrong: no RoPE
# > Positions never reach queries and keys: `turn` both in each block.
# ~ turn(q, angles), turn(k, angles) => q, k

# wrong: only queries are turned
# > You turn the queries and not the keys. Then a score does not depend on how far apart two patches
# > are.
# ~ turn(q, angles), turn(k, angles) => turn(q, angles), k

# wrong: only keys are turned
# > You turn the keys and not the queries. Then a score does not depend on how far apart two patches
# > are.
# ~ turn(q, angles), turn(k, angles) => q, turn(k, angles)

# wrong: values are turned, too
# > You turn the values, too. They carry the message and stay as they are; only q and k are turned.
# ~ q, k = turn(q, angles), turn(k, angles) => q, k, v = turn(q, angles), turn(k, angles), turn(v, angles)

# wrong: turned twice
# > You turn queries and keys by twice their angles.
# ~ turn(q, angles), turn(k, angles) => turn(turn(q, angles), angles), turn(turn(k, angles), angles)

# wrong: turned the other way
# > Your queries and keys turn clockwise: the sign of the angles, or of the sines, is wrong.
# ~ turn(q, angles), turn(k, angles) => turn(q, -angles), turn(k, -angles)

# wrong: turned before the heads are split
# > You turn all D channels of a token together. Split the heads first: each has d channels of its own,
# > and the same angles.
# ~ q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1)) => q, k, v = (t[:, None] for t in self.qkv(x).chunk(3, dim=-1)); wide = patch_angles(self.grid, x.shape[-1])
# ~ q, k = turn(q, angles), turn(k, angles) => q, k, v = (split_heads(t[:, 0], self.num_heads) for t in (turn(q, wide), turn(k, wide), v))
# ~ grid = patches.shape[-2:] => grid = patches.shape[-2:]; [setattr(block.attn, "grid", grid) for block in self.blocks]

# wrong: row and column exchanged
# > Row and column have changed places in your angles: the first half is for the row.
# ~ patch_angles(grid, self.head_dim) => patch_angles(grid, self.head_dim).roll(self.head_dim // 4, 1)

# wrong: the angles of another grid
# > The angles are those of a grid of (columns, rows). `patches.shape[-2:]` is (rows, columns).
# ~ patch_angles(grid, self.head_dim) => patch_angles(grid[::-1], self.head_dim)

# wrong: the angles of a square grid
# > You take the grid for a square. Images may be wider than high: use both sides.
# ~ patch_angles(grid, self.head_dim) => patch_angles((math.isqrt(patches.shape[1]),) * 2, self.head_dim)
# wrong: the angles of a square grid
# ~ patch_angles(grid, self.head_dim) => patch_angles((grid[0], grid[0]), self.head_dim)
# wrong: the angles of a square grid
# ~ patch_angles(grid, self.head_dim) => patch_angles((grid[1], grid[1]), self.head_dim)
# wrong: the angles of a square grid
# ~ patch_angles(grid, self.head_dim) => patch_angles((max(grid), max(grid)), self.head_dim)[:patches.shape[1]]

# wrong: the angles of an earlier image
# > You keep angles, and use them again for an image with another grid. Make them anew for each image,
# > or keep them by rows *and* columns.
# ~ grid = patches.shape[-2:] => grid = patches.shape[-2:]; self.grid = getattr(self, "grid", grid); grid = self.grid
# wrong: the angles of an earlier image
# ~ grid = patches.shape[-2:] => grid = patches.shape[-2:]; self.grids = getattr(self, "grids", {}); grid = self.grids.setdefault(grid.numel(), grid)
# wrong: the angles of an earlier image
# ~ grid = patches.shape[-2:] => grid = patches.shape[-2:]; self.grids = getattr(self, "grids", {}); grid = self.grids.setdefault(grid[0], grid)

# wrong: the patches lie on one line
# > You number the patches along one line: use the rows and columns of the grid.
# ~ patch_angles(grid, self.head_dim) => patch_angles((1, patches.shape[1]), self.head_dim)

# wrong: angles for the whole width
# > You ask for the angles of embed_dim channels. In each head there are head_dim of them.
# ~ self.head_dim = embed_dim // num_heads => self.head_dim = embed_dim

# wrong: the patches run down the columns
# > Your patches run down the columns of the grid. Raster order goes along each row first.
# ~ patches.flatten(2).transpose(1, 2) => patches.transpose(2, 3).flatten(2).transpose(1, 2)
# wrong: height and width exchanged
# > Your patches are those of the image mirrored at its diagonal, and so are their angles.
# ~ patches = self.patch_embed(images) => patches = self.patch_embed(images).transpose(2, 3)

# wrong: prefix tokens turned
# > Your class token and registers are turned, too. They have no place and stay as they are.
# ~ turn(q, angles), turn(k, angles) => turn(q, F.pad(angles, (0, 0, q.shape[2] - len(angles), 0), value=1.0)), turn(k, F.pad(angles, (0, 0, k.shape[2] - len(angles), 0), value=1.0))
# wrong: prefix tokens turned
# ~ turn(q, angles), turn(k, angles) => turn(q, angles[(torch.arange(q.shape[2]) - q.shape[2] + len(angles)).clamp(min=0)]), turn(k, angles[(torch.arange(q.shape[2]) - q.shape[2] + len(angles)).clamp(min=0)])

# wrong: the first tokens are turned
# > You turn the first N tokens, class token and registers among them. The patches are the last N.
# ~ turn(q, angles), turn(k, angles) => turn(q.flip(2), angles.flip(0)).flip(2), turn(k.flip(2), angles.flip(0)).flip(2)

# wrong: a table as well
# > There is a table of positions. DINOv3 has none: its patches learn their places from the turning
# > alone.
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm = nn.LayerNorm(embed_dim, eps=1e-5); self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 36, embed_dim))
# ~ patches = patches.flatten(2).transpose(1, 2) => patches = patches.flatten(2).transpose(1, 2) + resize_positions(self.pos_embed, (6, 6), tuple(grid), 0)

# wrong: the class token behind the registers
# > Your registers stand in front of the class token. It comes first.
# ~ [self.cls_token, self.registers] => [self.registers, self.cls_token]

# wrong: one copy for all images
# > There is one copy of the prefix tokens, and each image needs its own: `expand` them over the batch
# > before you join.
# ~ [prefix.expand(len(images), -1, -1), patches] => [prefix, patches]

# wrong: prefix tokens at the end
# > Class token and registers come last. They stand in front of the patches.
# ~ [prefix.expand(len(images), -1, -1), patches] => [patches, prefix.expand(len(images), -1, -1)]

# wrong: registers at the end
# > Your registers come behind the patches. They stand between the class token and the patches.
# ~ torch.cat([prefix.expand(len(images), -1, -1), patches], dim=1) => torch.cat([self.cls_token.expand(len(images), -1, -1), patches, self.registers.expand(len(images), -1, -1)], dim=1)

# wrong: the registers are not put in
# > There are no registers among your tokens.
# ~ [self.cls_token, self.registers] => [self.cls_token]

# wrong: the class token is not put in
# > There is no class token among your tokens.
# ~ [self.cls_token, self.registers] => [self.registers]

# wrong: registers taken out
# > The registers are missing in the result. `forward_features` returns all tokens.
# ~ x = self.norm(x) => x = self.norm(x); x = torch.cat([x[:, :1], x[:, 1 + self.registers.shape[1] :]], dim=1)

# wrong: the class token alone
# > You return the class token alone. `forward_features` returns all tokens; `forward` picks.
# ~ x = self.norm(x) => x = self.norm(x)[:, 0]

# wrong: the patches alone
# > You return the patches alone. `forward_features` returns all tokens.
# ~ x = self.norm(x) => x = self.norm(x)[:, 1 + self.registers.shape[1] :]

# wrong: no LayerScale
# > The LayerScales have no effect: multiply by `scale1` and `scale2` what attention and MLP add.
# ~ x + self.scale1(self.attn(self.norm1(x), angles)) => x + self.attn(self.norm1(x), angles)
# ~ x + self.scale2(self.mlp(self.norm2(x))) => x + self.mlp(self.norm2(x))
# wrong: no LayerScale
# ~ self.scale1 = LayerScale(embed_dim) =>
# ~ self.scale2 = LayerScale(embed_dim) =>
# ~ x + self.scale1(self.attn(self.norm1(x), angles)) => x + self.attn(self.norm1(x), angles)
# ~ x + self.scale2(self.mlp(self.norm2(x))) => x + self.mlp(self.norm2(x))

# wrong: no LayerScale behind attention
# > What attention adds is not multiplied by `scale1`.
# ~ x + self.scale1(self.attn(self.norm1(x), angles)) => x + self.attn(self.norm1(x), angles)
# wrong: no LayerScale behind the MLP
# > What the MLP adds is not multiplied by `scale2`.
# ~ x + self.scale2(self.mlp(self.norm2(x))) => x + self.mlp(self.norm2(x))

# wrong: LayerScales exchanged
# > `scale1` and `scale2` have changed places: 1 belongs behind attention, 2 behind the MLP.
# ~ self.scale1(self.attn => self.scale2(self.attn
# ~ self.scale2(self.mlp => self.scale1(self.mlp

# wrong: one LayerScale for both
# > Attention and MLP share a LayerScale. Each has its own.
# ~ self.scale2(self.mlp => self.scale1(self.mlp

# wrong: LayerScale on the sum
# > Your LayerScale multiplies the sum, and with it the residual stream. It acts on what
# > attention or MLP adds, before the sum.
# ~ x + self.scale1(self.attn(self.norm1(x), angles)) => self.scale1(x + self.attn(self.norm1(x), angles))
# ~ x + self.scale2(self.mlp(self.norm2(x))) => self.scale2(x + self.mlp(self.norm2(x)))

# wrong: LayerScale on the sum
# ~ x + self.scale1(self.attn(self.norm1(x), angles)) => self.scale1(x + self.attn(self.norm1(x), angles))
# wrong: LayerScale on the sum
# ~ x + self.scale2(self.mlp(self.norm2(x))) => self.scale2(x + self.mlp(self.norm2(x)))

# wrong: LayerScale before the layer
# > Your LayerScale acts on what attention and MLP read. It acts on what they add.
# ~ self.scale1(self.attn(self.norm1(x), angles)) => self.attn(self.scale1(self.norm1(x)), angles)
# ~ self.scale2(self.mlp(self.norm2(x))) => self.mlp(self.scale2(self.norm2(x)))

# wrong: norms exchanged
# > `norm1` and `norm2` have changed places: 1 is in front of attention, 2 in front of the MLP.
# ~ self.attn(self.norm1(x), angles) => self.attn(self.norm2(x), angles)
# ~ self.mlp(self.norm2(x)) => self.mlp(self.norm1(x))

# wrong: one norm for both
# > Attention and MLP share a norm. Each has its own.
# ~ self.mlp(self.norm2(x)) => self.mlp(self.norm1(x))

# wrong: post-norm
# > You norm after the sum. Norm what attention and MLP read, and leave the sum alone.
# ~ x + self.scale1(self.attn(self.norm1(x), angles)) => self.norm1(x + self.scale1(self.attn(x, angles)))
# ~ x + self.scale2(self.mlp(self.norm2(x))) => self.norm2(x + self.scale2(self.mlp(x)))

# wrong: a residual is missing
# > A sum is missing, or both: attention adds to x, and so does the MLP.
# ~ x = x + self.scale1( => x = self.scale1(
# wrong: a residual is missing
# ~ x = x + self.scale2( => x = self.scale2(
# wrong: a residual is missing
# ~ x = x + self.scale1( => x = self.scale1(
# ~ x = x + self.scale2( => x = self.scale2(

# wrong: a sum in place
# > `x += ...` writes into a tensor that autograd still needs: write `x = x + ...`.
# ~ x = x + self.scale1( => x += self.scale1(
# ~ x = x + self.scale2( => x += self.scale2(
# wrong: a sum in place
# ~ x = x + self.scale1( => x += self.scale1(
# wrong: a sum in place
# ~ x = x + self.scale2( => x += self.scale2(

# wrong: attention and MLP side by side
# > Your MLP reads the tokens as they were before attention. First attention adds, then the MLP reads.
# ~ x = x + self.scale1(self.attn(self.norm1(x), angles)) => y = x + self.scale1(self.attn(self.norm1(x), angles))
# ~ x = x + self.scale2( => x = y + self.scale2(

# wrong: MLP before attention
# > The MLP comes before attention. Attention comes first.
# ~ x = x + self.scale1(self.attn(self.norm1(x), angles)) => y = x + self.scale2(self.mlp(self.norm2(x)))
# ~ x = x + self.scale2(self.mlp(self.norm2(x))) => x = y + self.scale1(self.attn(self.norm1(y), angles))

# wrong: the final norm is missing
# > What leaves the last block is not normed. There is one last `norm`, for all tokens.
# ~ x = self.norm(x) =>
# wrong: the final norm is missing
# ~ x = self.norm(x) =>
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-5) =>

# wrong: only the class token is normed
# > The last norm reaches the class token alone. It is for all tokens.
# ~ x = self.norm(x) => x = torch.cat([self.norm(x[:, :1]), x[:, 1:]], dim=1)

# wrong: the final norm in each block
# > Your last norm is used after each block. It comes once, at the end.
# ~ x = block(x, angles) => x = self.norm(block(x, angles))
# ~ x = self.norm(x) =>

# wrong: eps is 1e-6
# > One of your norms, or more, has another eps. It shows where tokens are quiet: DINOv3 has 1e-5.
# ~ self.norm1 = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
# ~ self.norm2 = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm = nn.LayerNorm(embed_dim, eps=1e-6)
# wrong: eps is 1e-6
# ~ self.norm1 = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
# ~ self.norm2 = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)

# wrong: eps is 1e-6
# ~ self.norm1 = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
# wrong: eps is 1e-6
# ~ self.norm2 = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
# wrong: eps is 1e-6
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

# wrong: dropout
# > Your model drops numbers in training mode. Nobody asked for dropout here.
# ~ MLP(embed_dim, mlp_dim) => MLP(embed_dim, mlp_dim, 0.1)
# wrong: dropout
# ~ F.scaled_dot_product_attention(q, k, v) => F.scaled_dot_product_attention(q, k, v, dropout_p=0.1 if self.training else 0.0)
# wrong: dropout
# ~ self.proj(merge_heads(heads)) => F.dropout(self.proj(merge_heads(heads)), 0.1, self.training)

# wrong: q, k and v have a bias
# > `qkv` has a bias. DINOv3's has none: `bias=False`.
# ~ 3 * embed_dim, bias=False) => 3 * embed_dim)

# wrong: proj has no bias
# > `proj` lacks its bias. Only `qkv` has none.
# ~ nn.Linear(embed_dim, embed_dim) => nn.Linear(embed_dim, embed_dim, bias=False)

# wrong: proj is missing
# > The result of attention does not go through `proj`.
# ~ self.proj(merge_heads(heads)) => merge_heads(heads)

# wrong: the patches have no bias
# > `patch_embed` lacks its bias.
# ~ stride=patch_size) => stride=patch_size, bias=False)

# wrong: q, k and v in another order
# > `qkv` gives q, then k, then v; yours are taken in another order.
# ~ q, k, v = (split => k, q, v = (split
# wrong: q, k and v in another order
# ~ q, k, v = (split => v, k, q = (split
# wrong: q, k and v in another order
# ~ q, k, v = (split => q, v, k = (split

# wrong: one head
# > All channels are one head. Split them into `num_heads`.
# ~ self.num_heads = num_heads => self.num_heads = 1

# wrong: no division by the square root of d
# > The scores are not divided by the square root of d.
# ~ F.scaled_dot_product_attention(q, k, v) => F.scaled_dot_product_attention(q, k, v, scale=1.0)

# wrong: divided by the square root of D
# > The scores are divided by the square root of D. A head has d channels: take its root.
# ~ F.scaled_dot_product_attention(q, k, v) => F.scaled_dot_product_attention(q, k, v, scale=x.shape[-1] ** -0.5)

# wrong: each token sees only earlier ones
# > Your attention is causal: no token sees those behind it. Here everyone sees everyone.
# ~ F.scaled_dot_product_attention(q, k, v) => F.scaled_dot_product_attention(q, k, v, is_causal=True)

# wrong: heads merged without a transpose
# > The heads come back in the wrong order: (B, h, N, d) needs a transpose before D is put together.
# ~ merge_heads(heads) => heads.reshape(x.shape)

# wrong: four registers are assumed
# > You always make four registers. Use `num_registers`.
# ~ torch.randn(1, num_registers, embed_dim) => torch.randn(1, 4, embed_dim)

# wrong: another default for num_registers
# > Without `num_registers=` your model does not have four registers.
# ~ num_registers=4) => num_registers=0)
# wrong: another default for num_registers
# ~ num_registers=4) => num_registers=5)

# wrong: one number for all channels
# > Each of your registers starts with one number in all its channels. Draw a number for each channel,
# > as in 12.4.
# ~ 0.02 * torch.randn(1, num_registers, embed_dim) => 0.02 * torch.randn(1, num_registers, 1).repeat(1, 1, embed_dim)

# wrong: the same numbers in every model
# > The registers of two new models start from the same numbers, as after a fixed seed. Seeds are set
# > outside, by whoever trains.
# ~ self.registers = nn.Parameter( => torch.manual_seed(0); self.registers = nn.Parameter(

# wrong: they all start alike
# > Your registers start alike, and so they stay alike forever. Start them from random numbers.
# ~ 0.02 * torch.randn(1, num_registers, embed_dim) => torch.zeros(1, num_registers, embed_dim)

# wrong: one block, used again and again
# > The blocks are one block, `depth` times. Each has its own weights: make them in a loop.
# ~ [TurnedBlock(embed_dim, num_heads, mlp_dim) for _ in range(depth)] => [TurnedBlock(embed_dim, num_heads, mlp_dim)] * depth

# wrong: one block too few
# > There are `depth - 1` blocks in your model.
# ~ range(depth) => range(1, depth)

# wrong: the last block is not used
# > The last of your blocks is not used.
# ~ in self.blocks: => in self.blocks[:-1]:

# wrong: the blocks are in a plain list
# > A Python list hides its layers: `parameters()` does not find them. Use an `nn.ModuleList`.
# ~ nn.ModuleList([TurnedBlock(embed_dim, num_heads, mlp_dim) for _ in range(depth)]) => [TurnedBlock(embed_dim, num_heads, mlp_dim) for _ in range(depth)]

# wrong: the results of the blocks are thrown away
# > The blocks have no effect. `block(x, angles)` alone throws its result away.
# ~ x = block(x, angles) => block(x, angles)

# wrong: the first block alone is turned
# > Only the first block gets the angles. All blocks turn their queries and keys.
# ~ for block in self.blocks: => for i, block in enumerate(self.blocks):
# ~ x = block(x, angles) => x = block(x, angles if i == 0 else 0 * angles)

# wrong: the gradient is cut off
# > No gradient reaches what comes before: take out `detach()`, `.data` or `no_grad`.
# ~ x = self.norm(x) => x = self.norm(x.detach())
# wrong: the gradient is cut off
# ~ grid = patches.shape[-2:] => grid = patches.shape[-2:]; patches = patches.detach()

# wrong: the gradient is cut off
# ~ self.forward_features(images)[:, 0] => self.forward_features(images)[:, 0].detach()

# wrong: names of timm's
# > Some parameters have names as in timm. Here they are called `registers`, `scale1.gamma` and
# > `scale2.gamma`, as in the course's files.
# ~ self.scale1 = LayerScale(embed_dim) => self.ls1 = LayerScale(embed_dim)
# ~ self.scale2 = LayerScale(embed_dim) => self.ls2 = LayerScale(embed_dim)
# ~ self.scale1(self.attn => self.ls1(self.attn
# ~ self.scale2(self.mlp => self.ls2(self.mlp
# ~ self.registers = nn.Parameter => self.reg_token = nn.Parameter
# ~ [self.cls_token, self.registers] => [self.cls_token, self.reg_token]

# wrong: a buffer in the state_dict
# > A buffer goes into `state_dict()` unless it has `persistent=False`, and then published weights do
# > not load: they have none.
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm = nn.LayerNorm(embed_dim, eps=1e-5); self.register_buffer("angles", patch_angles((14, 14), self.head_dim))
# wrong: a buffer in the state_dict
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm = nn.LayerNorm(embed_dim, eps=1e-5); self.register_buffer("periods", 100 ** torch.arange(3))
# wrong: a buffer in the state_dict
# ~ grid = patches.shape[-2:] => grid = patches.shape[-2:]; self.register_buffer("angles", patch_angles(grid, self.head_dim))

# wrong: forward does not pick the class token
# > `forward` picks the class token of what `forward_features` returns, `[:, 0]`.
# ~ self.forward_features(images)[:, 0] => self.forward_features(images).mean(1)
# wrong: forward does not pick the class token
# ~ self.forward_features(images)[:, 0] => self.forward_features(images)[:, -1]
# wrong: forward does not pick the class token
# ~ self.forward_features(images)[:, 0] => self.forward_features(images)[:, 1]
# wrong: forward does not pick the class token
# ~ self.forward_features(images)[:, 0] => self.forward_features(images)[:, :1]
# wrong: forward does not pick the class token
# ~ self.forward_features(images)[:, 0] => self.forward_features(images)

# wrong: forward norms once more
# > `forward_features` has normed the tokens already. `forward` only picks the class token.
# ~ self.forward_features(images)[:, 0] => self.norm(self.forward_features(images)[:, 0])

# wrong: a head
# > Your model has a head. DINOv3 was trained without labels: its features are the result.
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-5) => self.norm = nn.LayerNorm(embed_dim, eps=1e-5); self.head = nn.Linear(embed_dim, 1000)

# right: everything written out
# > Nothing but PyTorch: angles and turning are in the model, attention is softmax(q k^T) v.
class Scale(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((dim,), 1e-5))

class Attend(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x, cos, sin):
        B, N, D = x.shape
        q, k, v = self.qkv(x).view(B, N, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        first = N - len(cos)

        def rotated(t):
            a, b = t[:, :, first:].chunk(2, dim=-1)
            return torch.cat([t[:, :, :first], torch.cat([a * cos - b * sin, b * cos + a * sin], -1)], 2)

        weights = (rotated(q) @ rotated(k).mT / q.shape[-1] ** 0.5).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, N, D))

class Hidden(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(dim, hidden), nn.Linear(hidden, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))

class Layer(nn.Module):
    def __init__(self, dim, heads, hidden):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attn, self.mlp = Attend(dim, heads), Hidden(dim, hidden)
        self.scale1, self.scale2 = Scale(dim), Scale(dim)

    def forward(self, x, cos, sin):
        x = x + self.scale1.gamma * self.attn(self.norm1(x), cos, sin)
        return x + self.scale2.gamma * self.mlp(self.norm2(x))

class DINOv3(nn.Module):
    def __init__(self, patch_size, in_channels, embed_dim, depth, num_heads, mlp_dim, num_registers=4):
        super().__init__()
        self.quarter = embed_dim // num_heads // 4
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, patch_size, patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.registers = nn.Parameter(torch.randn(1, num_registers, embed_dim) * 0.02)
        self.blocks = nn.ModuleList(Layer(embed_dim, num_heads, mlp_dim) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim)

    def forward_features(self, images):
        x = self.patch_embed(images)
        rows, columns = x.shape[-2:]
        y = (2 * torch.arange(rows) + 1) / rows - 1
        z = (2 * torch.arange(columns) + 1) / columns - 1
        periods = 100 ** (torch.arange(self.quarter) / self.quarter)
        y, z = (t.flatten()[:, None] / periods for t in torch.meshgrid(y, z, indexing="ij"))
        angles = 2 * math.pi * torch.cat([y, z], dim=1)
        cos, sin = angles.cos().to(x), angles.sin().to(x)
        prefix = torch.cat([self.cls_token, self.registers], 1).repeat(len(x), 1, 1)
        x = torch.cat([prefix, x.flatten(2).mT], 1)
        for block in self.blocks:
            x = block(x, cos, sin)
        return self.norm(x)

    def forward(self, images):
        return self.forward_features(images)[:, 0]

# wrong: neighbouring channels turned together
# > You turn channels 2 i and 2 i + 1 together. DINOv3 turns i and i + d / 2.
# ~ t[:, :, first:].chunk(2, dim=-1) => (t[:, :, first:, 0::2], t[:, :, first:, 1::2])
# ~ torch.cat([a * cos - b * sin, b * cos + a * sin], -1)], 2) => torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)], 2)
# wrong: neighbouring channels turned together
# ~ t[:, :, first:].chunk(2, dim=-1) => (t[:, :, first:, 0::2], t[:, :, first:, 1::2])

# wrong: turned the other way
# ~ a * cos - b * sin, b * cos + a * sin => a * cos + b * sin, b * cos - a * sin

# wrong: row and column exchanged
# ~ torch.cat([y, z], dim=1) => torch.cat([z, y], dim=1)

# wrong: corner to corner
# > Your first patch is at -1 and your last at 1. A patch's place is its centre, half a patch further
# > in.
# ~ (2 * torch.arange(rows) + 1) / rows - 1 => torch.linspace(-1, 1, rows)
# ~ (2 * torch.arange(columns) + 1) / columns - 1 => torch.linspace(-1, 1, columns)

# wrong: both sides divided by the longer
# > Only the longer side of your grid runs from -1 to 1. Divide each side by itself.
# ~ (2 * torch.arange(rows) + 1) / rows - 1 => (2 * torch.arange(rows) + 1 - rows) / max(rows, columns)
# ~ (2 * torch.arange(columns) + 1) / columns - 1 => (2 * torch.arange(columns) + 1 - columns) / max(rows, columns)

# wrong: patch numbers
# > Your angles count patches, 0, 1, 2, ... The place is a patch's centre, from -1 to 1.
# ~ (2 * torch.arange(rows) + 1) / rows - 1 => torch.arange(rows).float()
# ~ (2 * torch.arange(columns) + 1) / columns - 1 => torch.arange(columns).float()
# wrong: patch numbers
# ~ (2 * torch.arange(rows) + 1) / rows - 1 => torch.arange(rows).float()
# ~ (2 * torch.arange(columns) + 1) / columns - 1 => torch.arange(columns).float()
# ~ 2 * math.pi * torch.cat => torch.cat

# wrong: base 10000
# > Your periods grow up to 10,000, as in texts. DINOv3's go up to 100.
# ~ 100 ** => 10000 **

# wrong: no 2 pi
# > You divide the centre by the period and leave out 2 pi.
# ~ 2 * math.pi * torch.cat => torch.cat

# wrong: tanh GELU
# > Your GELU is the approximation by tanh, which shows in the fourth digit. DINOv3 has the exact one.
# ~ F.gelu(self.fc1(x)) => F.gelu(self.fc1(x), approximate="tanh")

# wrong: another activation
# > The activation of your MLP is not a GELU.
# ~ F.gelu(self.fc1(x)) => F.relu(self.fc1(x))
# wrong: another activation
# ~ F.gelu(self.fc1(x)) => F.silu(self.fc1(x))

# wrong: LayerScale starts from other numbers
# > Your LayerScales do not start at 1e-5.
# ~ torch.full((dim,), 1e-5) => torch.ones(dim)
# wrong: LayerScale starts from other numbers
# ~ torch.full((dim,), 1e-5) => torch.zeros(dim)
