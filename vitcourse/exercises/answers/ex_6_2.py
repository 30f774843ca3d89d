from vitcourse.exercises.ch06_vit import ClassificationHead
from vitcourse.model import ClassToken, Encoder, EncoderBlock, PatchEmbedding, PositionEmbedding

# right: the five parts
class VisionTransformer(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        num_patches = (image_size[0] // patch_size) * (image_size[1] // patch_size)
        self.patch_embed = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
        self.class_token = ClassToken(embed_dim)
        self.positions = PositionEmbedding(num_patches + 1, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(depth, embed_dim, num_heads, mlp_dim, dropout)
        self.head = ClassificationHead(embed_dim, num_classes)

    def forward(self, images):
        tokens = self.class_token(self.patch_embed(images))
        tokens = self.dropout(self.positions(tokens))
        return self.head(self.encoder(tokens))

# wrong: softmax before the loss
# > Leave softmax out: `F.cross_entropy` does it itself, and twice is once too often. The head gives
# > scores, called logits.
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens)).softmax(-1)
# wrong: softmax before the loss
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens)).log_softmax(-1)

# wrong: the final norm is missing
# > What leaves the last block has never been normalised as a whole. Use `Encoder`, whose last layer
# > is that norm, or add one after your blocks.
# ~ self.encoder(tokens) => nn.Sequential(*self.encoder.blocks)(tokens)

# wrong: one norm too many
# > The encoder ends with the final norm already. Another one after it is too many.
# ~ self.head = ClassificationHead(embed_dim, num_classes) => self.norm = nn.LayerNorm(embed_dim, eps=1e-6); self.head = ClassificationHead(embed_dim, num_classes)
# ~ self.encoder(tokens) => self.norm(self.encoder(tokens))

# wrong: the wrong token is read
# > The head reads another token than the class token. That one stands first: `tokens[:, 0]`.
# ~ tokens = self.class_token(self.patch_embed(images)) => x = self.patch_embed(images); tokens = torch.cat([x, self.class_token.cls_token.expand(len(x), -1, -1)], 1)

# wrong: positions before the class token
# > The class token has a position, too: N + 1 of them, added after it has been put in front.
# ~ num_patches + 1 => num_patches
# ~ self.class_token(self.patch_embed(images)) => self.positions(self.patch_embed(images))
# ~ self.dropout(self.positions(tokens)) => self.dropout(self.class_token(tokens))
# wrong: positions before the class token
# ~ self.class_token(self.patch_embed(images)) => self.positions(self.patch_embed(images))
# ~ self.dropout(self.positions(tokens)) => self.dropout(self.class_token(tokens))

# wrong: too few positions
# > The class token has a position, too: N + 1 of them, added after it has been put in front.
# ~ num_patches + 1 => num_patches

# wrong: the positions are not added
# > The positions never reach the tokens, so that shuffled patches look the same.
# ~ self.dropout(self.positions(tokens)) => self.dropout(tokens)
# wrong: the positions are not added
# ~ self.positions = PositionEmbedding(num_patches + 1, embed_dim) =>
# ~ self.dropout(self.positions(tokens)) => self.dropout(tokens)

# wrong: no class token
# > The class token is made, but never put in front of the patches.
# ~ num_patches + 1 => num_patches
# ~ self.class_token(self.patch_embed(images)) => self.patch_embed(images)

# wrong: the image is taken for a square
# > You took the image for a square. `self.patch_embed.num_patches` counts the patches, or
# > `count_patches(*image_size, patch_size)`.
# ~ * (image_size[1] // patch_size) => * (image_size[0] // patch_size)
# wrong: the image is taken for a square
# ~ (image_size[0] // patch_size) * => (image_size[1] // patch_size) *

# wrong: the encoder is never used
# > The encoder is made, but `forward` does not call it.
# ~ self.head(self.encoder(tokens)) => self.head(tokens)

# wrong: the head is never used
# > These are tokens, not scores: send them through the head at the end.
# ~ self.head(self.encoder(tokens)) => self.encoder(tokens)

# wrong: one block only
# > Your encoder has one block. It should have `depth` of them.
# ~ Encoder(depth, => Encoder(1,

# wrong: the encoder's arguments in another order
# > Look at the order: Encoder(depth, embed_dim, num_heads, mlp_dim, dropout). Or name them.
# ~ Encoder(depth, embed_dim, num_heads, mlp_dim, dropout) => Encoder(embed_dim, depth, num_heads, mlp_dim, dropout)
# wrong: the encoder's arguments in another order
# ~ Encoder(depth, embed_dim, num_heads, mlp_dim, dropout) => Encoder(depth, embed_dim, mlp_dim, num_heads, dropout)
# wrong: the encoder's arguments in another order
# ~ Encoder(depth, embed_dim, num_heads, mlp_dim, dropout) => Encoder(embed_dim, num_heads, mlp_dim, depth, dropout)

# wrong: dropout is not passed on
# > `dropout` acts in two places: on the tokens once the positions are added, and inside the encoder,
# > which takes it as its last argument.
# ~ num_heads, mlp_dim, dropout) => num_heads, mlp_dim)
# wrong: dropout is not passed on
# ~ self.dropout(self.positions(tokens)) => self.positions(tokens)
# wrong: dropout is not passed on
# ~ num_heads, mlp_dim, dropout) => num_heads, mlp_dim)
# ~ self.dropout(self.positions(tokens)) => self.positions(tokens)

# wrong: dropout acts in prediction, too
# > `F.dropout(x, p)` drops in `eval()` mode as well. Use an `nn.Dropout`, which knows.
# ~ self.dropout(self.positions(tokens)) => F.dropout(self.positions(tokens), self.dropout.p)

# right: blocks and a norm by hand, a Linear on token 0
class VisionTransformer(nn.Module):
    def __init__(self, image_size, patch_size, in_channels, num_classes, embed_dim, depth, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.patch_embed = PatchEmbedding(image_size, patch_size, in_channels, embed_dim)
        self.class_token = ClassToken(embed_dim)
        self.positions = PositionEmbedding(self.patch_embed.num_patches + 1, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList([EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)])
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)
        self.head = nn.Linear(embed_dim, num_classes)

    def forward(self, images):
        x = self.dropout(self.positions(self.class_token(self.patch_embed(images))))
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x[:, 0])

# wrong: the final norm is missing
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-6) =>
# ~ x = self.norm(x) =>

# wrong: one block, used again and again
# > Each of the `depth` blocks needs weights of its own. `Encoder` makes them for you.
# ~ [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)] => [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout)] * depth
# wrong: one block, used again and again
# ~ [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)] => [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout)] * depth
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-6) =>
# ~ x = self.norm(x) =>

# wrong: the layers are in a plain list
# > A Python list hides its layers: `parameters()` does not find them, and nothing trains them. Use
# > `Encoder`, or an `nn.ModuleList`.
# ~ nn.ModuleList([EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]) => [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]

# wrong: the mean is read
# > Your scores depend on the patches. Asked is the class token alone, `tokens[:, 0]`: by now
# > attention has brought it what it needs.
# ~ self.head(x[:, 0]) => self.head(x[:, 1:].mean(1))
# wrong: the mean is read
# ~ self.head(x[:, 0]) => self.head(x.mean(1))

# wrong: the wrong token is read
# ~ self.head(x[:, 0]) => self.head(x[:, -1])
# wrong: the wrong token is read
# ~ self.head(x[:, 0]) => self.head(x[:, 1])

# wrong: the head has no bias
# > Published heads have a bias, one number for each class: leave out `bias=False`.
# ~ nn.Linear(embed_dim, num_classes) => nn.Linear(embed_dim, num_classes, bias=False)
