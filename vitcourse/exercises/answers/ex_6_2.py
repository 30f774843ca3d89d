from vitcourse.exercises.course_answers import ClassificationHead
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
# > Leave softmax out: `F.cross_entropy` applies it itself, and twice is once too often. The model
# > returns scores, called logits.
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens)).softmax(-1)
# wrong: softmax before the loss
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens)).log_softmax(-1)

# wrong: an activation after the scores
# > Scores may be negative and larger than 1: return what the head gives, without an activation.
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens)).relu()
# wrong: an activation after the scores
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens)).sigmoid()
# wrong: an activation after the scores
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens)).tanh()

# wrong: the final norm is missing
# > What leaves the last block has never been normalised as a whole. Use `Encoder`, whose last layer
# > is that norm, or add one after your blocks.
# ~ self.encoder(tokens) => nn.Sequential(*self.encoder.blocks)(tokens)

# wrong: one norm too many
# > The encoder already ends with the final norm. Another one after it is one too many.
# ~ self.head = ClassificationHead(embed_dim, num_classes) => self.norm = nn.LayerNorm(embed_dim, eps=1e-6); self.head = ClassificationHead(embed_dim, num_classes)
# ~ self.encoder(tokens) => self.norm(self.encoder(tokens))

# wrong: the wrong token is read
# > The head reads a token other than the class token, which comes first: `tokens[:, 0]`.
# ~ tokens = self.class_token(self.patch_embed(images)) => x = self.patch_embed(images); tokens = torch.cat([x, self.class_token.cls_token.expand(len(x), -1, -1)], 1)

# wrong: positions before the class token
# > The class token has a position, too: there are N + 1 positions, added after it has been put in
# > front.
# ~ num_patches + 1 => num_patches
# ~ self.class_token(self.patch_embed(images)) => self.positions(self.patch_embed(images))
# ~ self.dropout(self.positions(tokens)) => self.dropout(self.class_token(tokens))
# wrong: positions before the class token
# ~ self.class_token(self.patch_embed(images)) => self.positions(self.patch_embed(images))
# ~ self.dropout(self.positions(tokens)) => self.dropout(self.class_token(tokens))

# wrong: too few positions
# > The class token has a position, too: there are N + 1 positions, added after it has been put in
# > front.
# ~ num_patches + 1 => num_patches

# wrong: the positions are not added
# > The positions never reach the tokens, so shuffled patches look the same.
# ~ self.dropout(self.positions(tokens)) => self.dropout(tokens)
# wrong: the positions are not added
# ~ self.positions = PositionEmbedding(num_patches + 1, embed_dim) =>
# ~ self.dropout(self.positions(tokens)) => self.dropout(tokens)

# wrong: the positions are added twice
# > The positions have too much weight in the result: add them once, before the encoder.
# ~ self.dropout(self.positions(tokens)) => self.dropout(self.positions(self.positions(tokens)))
# wrong: the positions are added twice
# ~ self.head(self.encoder(tokens)) => self.head(self.positions(self.encoder(tokens)))

# wrong: no class token
# > The patches get no class token in front of them, and the head reads the first patch.
# ~ num_patches + 1 => num_patches
# ~ self.class_token(self.patch_embed(images)) => self.patch_embed(images)
# wrong: no class token
# ~ self.class_token = ClassToken(embed_dim) =>
# ~ num_patches + 1 => num_patches
# ~ self.class_token(self.patch_embed(images)) => self.patch_embed(images)

# wrong: the image is assumed to be square
# > You assumed that the image is square. `self.patch_embed.num_patches` counts the patches, or
# > `count_patches(*image_size, patch_size)`.
# ~ * (image_size[1] // patch_size) => * (image_size[0] // patch_size)
# wrong: the image is assumed to be square
# ~ (image_size[0] // patch_size) * => (image_size[1] // patch_size) *

# wrong: height and width are exchanged
# > `image_size` is (height, width), and images are (B, C, height, width).
# ~ PatchEmbedding(image_size, => PatchEmbedding(image_size[::-1],

# wrong: the encoder is never used
# > The encoder is made, but `forward` does not call it.
# ~ self.head(self.encoder(tokens)) => self.head(tokens)

# wrong: the encoder runs twice
# > Send the tokens through the encoder once: it holds all `depth` blocks.
# ~ self.encoder(tokens) => self.encoder(self.encoder(tokens))

# wrong: a shortcut around the encoder
# > What enters the encoder is added to what leaves it. The blocks have their own shortcuts, inside.
# ~ self.encoder(tokens) => tokens + self.encoder(tokens)

# wrong: the head is never used
# > These are tokens, not scores: send them through the head at the end.
# ~ self.head(self.encoder(tokens)) => self.encoder(tokens)

# wrong: the first image only
# > You return the scores of the first image. Return those of all: (B, num_classes).
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens))[0]

# wrong: one block only
# > Your encoder has one block. It should have `depth` of them.
# ~ Encoder(depth, => Encoder(1,

# wrong: one block too few
# > Your encoder has `depth - 1` blocks. It should have `depth` blocks.
# ~ Encoder(depth, => Encoder(depth - 1,

# wrong: the encoder's arguments in another order
# > Look at the order: Encoder(depth, embed_dim, num_heads, mlp_dim, dropout). Or name them.
# ~ Encoder(depth, embed_dim, num_heads, mlp_dim, dropout) => Encoder(embed_dim, depth, num_heads, mlp_dim, dropout)
# wrong: the encoder's arguments in another order
# ~ Encoder(depth, embed_dim, num_heads, mlp_dim, dropout) => Encoder(depth, embed_dim, mlp_dim, num_heads, dropout)
# wrong: the encoder's arguments in another order
# ~ Encoder(depth, embed_dim, num_heads, mlp_dim, dropout) => Encoder(embed_dim, num_heads, mlp_dim, depth, dropout)
# wrong: the encoder's arguments in another order
# ~ Encoder(depth, embed_dim, num_heads, mlp_dim, dropout) => Encoder(num_heads, embed_dim, depth, mlp_dim, dropout)

# wrong: dropout is not passed on
# > `dropout` acts in two places: on the tokens once the positions are added, and inside the encoder,
# > which takes it as its last argument.
# ~ num_heads, mlp_dim, dropout) => num_heads, mlp_dim)
# wrong: dropout is not passed on
# ~ self.dropout(self.positions(tokens)) => self.positions(tokens)
# wrong: dropout is not passed on
# ~ num_heads, mlp_dim, dropout) => num_heads, mlp_dim)
# ~ self.dropout(self.positions(tokens)) => self.positions(tokens)

# wrong: dropout acts in the wrong place
# > Outside the encoder, `dropout` acts once: on the tokens, after the positions are added.
# ~ self.class_token(self.patch_embed(images)) => self.dropout(self.class_token(self.patch_embed(images)))
# ~ self.dropout(self.positions(tokens)) => self.positions(tokens)
# wrong: dropout acts in the wrong place
# ~ self.class_token(self.patch_embed(images)) => self.class_token(self.dropout(self.patch_embed(images)))
# ~ self.dropout(self.positions(tokens)) => self.positions(tokens)
# wrong: dropout acts in the wrong place
# ~ self.dropout(self.positions(tokens)) => self.positions(tokens)
# ~ self.encoder(tokens) => self.dropout(self.encoder(tokens))

# wrong: dropout acts once too often
# > Too much is dropped. Outside the encoder, `dropout` acts once: on the tokens, after the
# > positions are added.
# ~ self.encoder(tokens) => self.dropout(self.encoder(tokens))
# wrong: dropout acts once too often
# ~ self.dropout(self.positions(tokens)) => self.dropout(self.dropout(self.positions(tokens)))
# wrong: dropout acts once too often
# ~ self.class_token(self.patch_embed(images)) => self.dropout(self.class_token(self.patch_embed(images)))
# wrong: dropout acts once too often
# ~ self.class_token(self.patch_embed(images)) => self.class_token(self.dropout(self.patch_embed(images)))

# wrong: the amount of dropout is fixed
# > Your model drops some of its tokens even with `dropout=0.0`. Use the argument.
# ~ nn.Dropout(dropout) => nn.Dropout(0.1)
# wrong: the amount of dropout is fixed
# ~ nn.Dropout(dropout) => nn.Dropout()

# wrong: whole tokens are dropped
# > `nn.Dropout` drops single numbers; yours drops all numbers of a token at once.
# ~ nn.Dropout(dropout) => nn.Dropout1d(dropout)

# wrong: the model leaves training mode
# > After `forward` your model is in evaluation mode, and nothing is dropped. It is the caller who
# > decides on `train()` or `eval()`, not `forward`.
# ~ return self.head(self.encoder(tokens)) => self.eval(); return self.head(self.encoder(tokens))
# wrong: the model leaves training mode
# ~ tokens = self.class_token(self.patch_embed(images)) => self.eval(); tokens = self.class_token(self.patch_embed(images))

# wrong: dropout acts in prediction, too
# > Your model drops in `eval()` mode as well, as `F.dropout(x, p)` does. Use an `nn.Dropout`.
# ~ self.dropout(self.positions(tokens)) => F.dropout(self.positions(tokens), self.dropout.p)

# wrong: the gradient is cut off
# > A gradient should reach every number that the model learns: take out `detach()`, `.data`,
# > `no_grad` and whatever else cuts it off.
# ~ return self.head(self.encoder(tokens)) => return self.head(self.encoder(tokens)).detach()
# wrong: the gradient is cut off
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens).detach())
# wrong: the gradient is cut off
# ~ self.dropout(self.positions(tokens)) => self.dropout(self.positions(tokens)).detach()
# wrong: the gradient is cut off
# ~ self.class_token(self.patch_embed(images)) => self.class_token(self.patch_embed(images).detach())

# wrong: the positions do not learn
# > No gradient reaches the positions. `PositionEmbedding` learns them, if you let it.
# ~ self.dropout = nn.Dropout(dropout) => self.dropout = nn.Dropout(dropout); self.positions.requires_grad_(False)

# wrong: one layer too many
# > Your model has D * D + D numbers more than it needs, those of one Linear layer from D to D.
# ~ self.dropout = nn.Dropout(dropout) => self.dropout = nn.Dropout(dropout); self.extra = nn.Linear(embed_dim, embed_dim)

# wrong: the class token is picked twice
# > `ClassificationHead` picks the class token itself: give it all tokens.
# ~ self.head(self.encoder(tokens)) => self.head(self.encoder(tokens)[:, 0])

# wrong: `super().__init__()` is missing
# > Begin `__init__` with `super().__init__()`. It prepares the module to hold layers.
# ~ super().__init__() =>

# right: blocks and a norm by hand, a Linear on token 0
# > Without `Encoder` and the head's class: the blocks, the last norm and the linear layer stand in
# > the model itself.
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
# > Each of the `depth` blocks needs its own weights. `Encoder` makes them for you.
# ~ [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)] => [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout)] * depth
# wrong: one block, used again and again
# ~ [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)] => [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout)] * depth
# ~ self.norm = nn.LayerNorm(embed_dim, eps=1e-6) =>
# ~ x = self.norm(x) =>

# wrong: the results of the blocks are thrown away
# > The blocks do not affect the scores. `block(x)` alone throws its result away: write `x =
# > block(x)`.
# ~ x = block(x) => block(x)

# wrong: every block gets the same input
# > Each block takes what the one before it returned. In yours, only the last one counts.
# ~ x = self.dropout( => tokens = self.dropout(
# ~ x = block(x) => x = block(tokens)

# wrong: one block too few
# ~ for _ in range(depth) => for _ in range(1, depth)

# wrong: the layers are in a plain list
# > A Python list hides its layers: `parameters()` does not find them, and nothing trains them. Use
# > `Encoder`, or an `nn.ModuleList`.
# ~ nn.ModuleList([EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]) => [EncoderBlock(embed_dim, num_heads, mlp_dim, dropout) for _ in range(depth)]

# wrong: the mean is read
# > The head reads the mean of many tokens. Give it the class token alone, `tokens[:, 0]`: attention
# > has already brought it what it needs.
# ~ self.head(x[:, 0]) => self.head(x[:, 1:].mean(1))
# wrong: the mean is read
# ~ self.head(x[:, 0]) => self.head(x.mean(1))

# wrong: the largest values are read
# > The head reads the largest values of many tokens. Give it the class token alone, `tokens[:, 0]`.
# ~ self.head(x[:, 0]) => self.head(x.amax(1))

# wrong: the wrong token is read
# ~ self.head(x[:, 0]) => self.head(x[:, -1])
# wrong: the wrong token is read
# ~ self.head(x[:, 0]) => self.head(x[:, 1])

# wrong: the head has no bias
# > Published heads have a bias, one number for each class: leave out `bias=False`.
# ~ nn.Linear(embed_dim, num_classes) => nn.Linear(embed_dim, num_classes, bias=False)
