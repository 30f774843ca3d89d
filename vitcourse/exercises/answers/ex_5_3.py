from vitcourse.model import MLP, MultiHeadSelfAttention

# right: the two lines
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))

# wrong: normalised over the tokens, too
# > Each token is normalised by itself, over its own D numbers: `nn.LayerNorm(embed_dim)`.
# ~ self.attn(self.norm1(x)) => self.attn(F.layer_norm(x, x.shape[1:], eps=1e-6) * self.norm1.weight + self.norm1.bias)
# ~ self.mlp(self.norm2(x)) => self.mlp(F.layer_norm(x, x.shape[1:], eps=1e-6) * self.norm2.weight + self.norm2.bias)

# wrong: post-norm
# > In the ViT the branch reads a normalised copy, and the sum itself is never normalised: x +
# > attn(norm1(x)), not norm1(x + attn(x)).
# ~ x + self.attn(self.norm1(x)) => self.norm1(x + self.attn(x))
# ~ x + self.mlp(self.norm2(x)) => self.norm2(x + self.mlp(x))

# wrong: norm after the addition
# > In the ViT the branch reads a normalised copy, and the sum itself is never normalised. Your
# > first norm comes after the addition.
# ~ x + self.attn(self.norm1(x)) => self.norm1(x + self.attn(x))
# wrong: norm after the addition
# > In the ViT the branch reads a normalised copy, and the sum itself is never normalised. Your
# > second norm comes after the addition.
# ~ x + self.mlp(self.norm2(x)) => self.norm2(x + self.mlp(x))
# wrong: norm after the addition
# > In the ViT the branch reads a normalised copy, and the sum itself is never normalised. You
# > normalise both the copy and the sum.
# ~ x + self.attn(self.norm1(x)) => self.norm1(x + self.attn(self.norm1(x)))
# ~ x + self.mlp(self.norm2(x)) => self.norm2(x + self.mlp(self.norm2(x)))

# wrong: norm of what the branch gives
# > You normalise what comes out of attention and MLP. The norm comes before them: x +
# > attn(norm1(x)).
# ~ self.attn(self.norm1(x)) => self.norm1(self.attn(x))
# ~ self.mlp(self.norm2(x)) => self.norm2(self.mlp(x))

# wrong: residual from the normed stream
# > You add to the normalised copy. Add to x itself: normalise only what the branch reads.
# ~ x = x + self.attn(self.norm1(x)) => x = self.norm1(x); x = x + self.attn(x)
# ~ return x + self.mlp(self.norm2(x)) => x = self.norm2(x); return x + self.mlp(x)
# wrong: residual from the normed stream
# ~ x = x + self.attn(self.norm1(x)) => x = self.norm1(x); x = x + self.attn(x)
# wrong: residual from the normed stream
# ~ return x + self.mlp(self.norm2(x)) => x = self.norm2(x); return x + self.mlp(x)

# wrong: no residual at all
# > Add x to what comes out: `x = x + ...`, once for attention, once for the MLP.
# ~ x + self.attn(self.norm1(x)) => self.attn(self.norm1(x))
# ~ x + self.mlp(self.norm2(x)) => self.mlp(self.norm2(x))

# wrong: the residual around attention is missing
# > Add x to what comes out: `x = x + ...`, once for attention, once for the MLP.
# ~ x + self.attn(self.norm1(x)) => self.attn(self.norm1(x))

# wrong: the residual around the MLP is missing
# > Add x to what comes out: `x = x + ...`, once for attention, once for the MLP.
# ~ x + self.mlp(self.norm2(x)) => self.mlp(self.norm2(x))

# wrong: one norm used twice
# > The second norm has nothing to do. Attention and MLP read different sums: use norm1 for
# > attention, norm2 for the MLP.
# ~ self.norm2(x) => self.norm1(x)
# wrong: one norm used twice
# > The first norm has nothing to do: norm1 is for attention, norm2 for the MLP.
# ~ self.norm1(x) => self.norm2(x)
# wrong: one norm used twice
# > There is only one norm to train. Attention and MLP read different sums: give each its own norm.
# ~ self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6) =>
# ~ self.norm2(x) => self.norm1(x)

# wrong: it changes its input
# > `x += ...` writes into the tensor that came in, which autograd still needs: write `x = x + ...`.
# ~ x = x + self.attn => x += self.attn
# ~ return x + self.mlp(self.norm2(x)) => x += self.mlp(self.norm2(x)); return x

# wrong: post-norm, and one norm used twice
# > In the ViT the branch reads a normalised copy, and the sum itself is never normalised. Also,
# > each half has its own norm.
# ~ x + self.attn(self.norm1(x)) => self.norm1(x + self.attn(x))
# ~ x + self.mlp(self.norm2(x)) => self.norm1(x + self.mlp(x))

# wrong: MLP fed with the pre-attention stream
# > Your MLP reads x as it was before attention. It should read x plus what attention added.
# ~ x = x + self.attn(self.norm1(x)) => a = self.attn(self.norm1(x))
# ~ return x + => return x + a +
# wrong: MLP fed with the pre-attention stream
# > Attention and MLP read the same copy. The MLP should read x plus what attention added, through a
# > norm of its own.
# ~ x = x + self.attn(self.norm1(x)) => h = self.norm1(x)
# ~ return x + self.mlp(self.norm2(x)) => return x + self.attn(h) + self.mlp(h)
# wrong: MLP fed with the pre-attention stream
# > Your MLP reads the copy that was made for attention. It should read the new sum.
# ~ x = x + self.attn(self.norm1(x)) => h = self.norm1(x); x = x + self.attn(h)
# ~ self.norm2(x) => self.norm2(h)

# wrong: MLP fed with attention's output alone
# > Your MLP reads only what attention adds. It should read the sum of that and x.
# ~ x = x + self.attn(self.norm1(x)) => a = self.attn(self.norm1(x))
# ~ return x + self.mlp(self.norm2(x)) => return x + a + self.mlp(self.norm2(a))

# wrong: what attention added is lost
# > The second addition starts again from the old x. Add to the sum of the first.
# ~ x = x + self.attn => h = x + self.attn
# ~ self.norm2(x) => self.norm2(h)

# wrong: x is added twice
# > The second addition adds the old x again: it is already in the first sum.
# ~ x = x + self.attn => h = x + self.attn
# ~ return x + self.mlp(self.norm2(x)) => return x + h + self.mlp(self.norm2(h))

# wrong: MLP before attention
# > Attention comes first, then the MLP.
# ~ self.attn(self.norm1(x)) => self.mlp(self.norm1(x))
# ~ self.mlp(self.norm2(x)) => self.attn(self.norm2(x))
# wrong: MLP before attention
# ~ x = x + self.attn(self.norm1(x)) => x = x + self.mlp(self.norm2(x))
# ~ return x + self.mlp(self.norm2(x)) => return x + self.attn(self.norm1(x))

# wrong: no norm
# > Attention and MLP read x as it is. Each should read a normalised copy.
# ~ self.norm1(x) => x
# ~ self.norm2(x) => x

# wrong: the norm before attention is missing
# > Attention reads x as it is. It should read norm1(x).
# ~ self.norm1(x) => x

# wrong: the norm before the MLP is missing
# > The MLP reads x as it is. It should read norm2(x).
# ~ self.norm2(x) => x

# wrong: no MLP
# > Only attention is there. The second half is x + mlp(norm2(x)).
# ~ return x + self.mlp(self.norm2(x)) => return x

# wrong: no attention
# > Only the MLP is there. The first half is x + attn(norm1(x)).
# ~ x = x + self.attn(self.norm1(x)) =>

# wrong: eps is 1e-5
# > PyTorch's default eps is 1e-5; ViT weights were trained with 1e-6. Pass `eps=1e-6`.
# ~ self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6) => self.norm1 = nn.LayerNorm(embed_dim)
# ~ self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6) => self.norm2 = nn.LayerNorm(embed_dim)
# wrong: eps is 1e-5
# > The norm before attention has eps 1e-5, PyTorch's default; ViT weights were trained with 1e-6.
# > Pass `eps=1e-6`.
# ~ self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6) => self.norm1 = nn.LayerNorm(embed_dim)
# wrong: eps is 1e-5
# > The norm before the MLP has eps 1e-5, PyTorch's default; ViT weights were trained with 1e-6.
# > Pass `eps=1e-6`.
# ~ self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6) => self.norm2 = nn.LayerNorm(embed_dim)

# wrong: the norms have nothing to learn
# > A norm has a weight and a bias, and published ViT weights fill both: use a plain `nn.LayerNorm`.
# ~ norm1 = nn.LayerNorm(embed_dim, => norm1 = nn.LayerNorm(embed_dim, elementwise_affine=False,
# ~ norm2 = nn.LayerNorm(embed_dim, => norm2 = nn.LayerNorm(embed_dim, elementwise_affine=False,

# wrong: RMS norm
# > The ViT has layer norm, which subtracts the mean and has a bias.
# ~ self.norm1 = nn.LayerNorm => self.norm1 = nn.RMSNorm
# ~ self.norm2 = nn.LayerNorm => self.norm2 = nn.RMSNorm

# wrong: dropout active in eval mode
# > `F.dropout(x, p)` drops even in eval mode, because `training=True` is its default. Use
# > `nn.Dropout`, or pass `training=self.training`.
# ~ super().__init__() => super().__init__(); self.p = dropout
# ~ self.attn(self.norm1(x)) => F.dropout(self.attn(self.norm1(x)), self.p)
# ~ self.mlp(self.norm2(x)) => F.dropout(self.mlp(self.norm2(x)), self.p)
# wrong: dropout active in eval mode
# ~ super().__init__() => super().__init__(); self.p = dropout
# ~ self.attn(self.norm1(x)) => F.dropout(self.attn(self.norm1(x)), self.p)
# wrong: dropout active in eval mode
# ~ super().__init__() => super().__init__(); self.p = dropout
# ~ self.mlp(self.norm2(x)) => F.dropout(self.mlp(self.norm2(x)), self.p)

# wrong: super().__init__() is forgotten
# > A module begins with `super().__init__()`, before any layer is kept on `self`.
# ~ super().__init__() =>

# wrong: the layers are not registered
# > `parameters()` does not find your layers, so nothing trains them: a plain list, tuple or dict
# > hides what is in it. Keep layers on `self`, or in `nn.ModuleList` or `nn.Sequential`.
# ~ self.attn = MultiHead => attn = MultiHead
# ~ self.mlp = MLP(embed_dim, mlp_dim, dropout) => self.parts = [attn, MLP(embed_dim, mlp_dim, dropout)]
# ~ self.attn(self.norm1(x)) => self.parts[0](self.norm1(x))
# ~ self.mlp(self.norm2(x)) => self.parts[1](self.norm2(x))
# wrong: the layers are not registered
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        attn, mlp = MultiHeadSelfAttention(embed_dim, num_heads, dropout), MLP(embed_dim, mlp_dim, dropout)
        self.norms = [nn.LayerNorm(embed_dim, eps=1e-6) for _ in range(2)]
        self.layers = [attn, mlp]

    def forward(self, x):
        for norm, layer in zip(self.norms, self.layers):
            x = x + layer(norm(x))
        return x
# wrong: the layers are not registered
# ~ self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6) => self.norms = [nn.LayerNorm(embed_dim, eps=1e-6)]
# ~ self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6) => self.norms += [nn.LayerNorm(embed_dim, eps=1e-6)]
# ~ self.norm1(x) => self.norms[0](x)
# ~ self.norm2(x) => self.norms[1](x)

# wrong: the layers are made again in every call
# > Each call gives another result, even in eval mode. Layers made in `forward` start from new
# > random numbers each time: make them in `__init__`.
# ~ self.mlp = MLP(embed_dim, mlp_dim, dropout) => self.sizes = embed_dim, mlp_dim, dropout
# ~ self.mlp(self.norm2(x)) => MLP(*self.sizes)(self.norm2(x))
# wrong: the layers are made again in every call
# ~ self.attn = MultiHeadSelfAttention( => self.sizes = (
# ~ self.attn(self.norm1(x)) => MultiHeadSelfAttention(*self.sizes)(self.norm1(x))
# wrong: the layers are made again in every call
# ~ self.mlp = MLP(embed_dim, mlp_dim, dropout) => self.sizes = embed_dim, num_heads, mlp_dim, dropout
# ~ self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout) =>
# ~ x = x + self.attn => d, h, m, p = self.sizes; x = x + MultiHeadSelfAttention(d, h, p)
# ~ self.mlp(self.norm2(x)) => MLP(d, m, p)(self.norm2(x))

# wrong: too much dropout
# > More is dropped than asked for: attention and MLP do their own dropout, the block drops nothing.
# ~ super().__init__() => super().__init__(); self.drop = nn.Dropout(dropout)
# ~ self.attn(self.norm1(x)) => self.drop(self.attn(self.norm1(x)))
# ~ self.mlp(self.norm2(x)) => self.drop(self.mlp(self.norm2(x)))
# wrong: too much dropout
# ~ super().__init__() => super().__init__(); self.drop = nn.Dropout(dropout)
# ~ self.attn(self.norm1(x)) => self.drop(self.attn(self.norm1(x)))
# wrong: too much dropout
# ~ super().__init__() => super().__init__(); self.drop = nn.Dropout(dropout)
# ~ self.mlp(self.norm2(x)) => self.drop(self.mlp(self.norm2(x)))

# wrong: the stream itself is dropped
# > Your block drops part of the sum. Only what attention and MLP add is dropped, and they do it
# > themselves.
# ~ super().__init__() => super().__init__(); self.drop = nn.Dropout(dropout)
# ~ return x + self.mlp(self.norm2(x)) => return self.drop(x + self.mlp(self.norm2(x)))

# wrong: dropout is on by default
# > By default, nothing should be dropped: `dropout=0.0` in the first line of `__init__`.
# ~ dropout=0.0 => dropout=0.1

# wrong: one norm too many
# > There is a third norm. The sum itself is never normalised: the encoder does it once, at its end.
# ~ self.mlp = MLP => self.norm3 = nn.LayerNorm(embed_dim, eps=1e-6); self.mlp = MLP
# ~ x + self.mlp(self.norm2(x)) => self.norm3(x + self.mlp(self.norm2(x)))

# wrong: batch norm
# > Your norms take mean and variance over the batch and the tokens. Layer norm does it for each
# > token by itself: `nn.LayerNorm(embed_dim, eps=1e-6)`.
# ~ self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6) => self.norm1 = nn.BatchNorm1d(embed_dim)
# ~ self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6) => self.norm2 = nn.BatchNorm1d(embed_dim)
# ~ self.norm1(x) => self.norm1(x.mT).mT
# ~ self.norm2(x) => self.norm2(x.mT).mT

# wrong: dropout is not passed on
# > Nothing is dropped in training mode: pass `dropout` to attention and to the MLP.
# ~ (embed_dim, num_heads, dropout) => (embed_dim, num_heads)
# ~ MLP(embed_dim, mlp_dim, dropout) => MLP(embed_dim, mlp_dim)

# wrong: dropout is not passed on to attention
# > Nothing that attention adds is dropped: MultiHeadSelfAttention(embed_dim, num_heads, dropout).
# ~ (embed_dim, num_heads, dropout) => (embed_dim, num_heads)

# wrong: dropout is not passed on to the MLP
# > Nothing that the MLP adds is dropped: MLP(embed_dim, mlp_dim, dropout).
# ~ MLP(embed_dim, mlp_dim, dropout) => MLP(embed_dim, mlp_dim)

# wrong: the hidden size is not the argument
# > The MLP's hidden layer should have mlp_dim numbers.
# ~ MLP(embed_dim, mlp_dim, dropout) => MLP(embed_dim, 4 * embed_dim, dropout)

# wrong: one head, whatever num_heads is
# > Pass `num_heads` to attention.
# ~ (embed_dim, num_heads, dropout) => (embed_dim, 1, dropout)

# right: the norm and the MLP written out
# > With a norm of its own making, and the MLP's layers inside the block.
class Norm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        variance = x.var(dim=-1, keepdim=True, correction=0)
        return (x - mean) / torch.sqrt(variance + 1e-6) * self.weight + self.bias


class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1, self.norm2 = Norm(embed_dim), Norm(embed_dim)
        self.attn = MultiHeadSelfAttention(embed_dim, num_heads, dropout)
        self.fc1, self.fc2 = nn.Linear(embed_dim, mlp_dim), nn.Linear(mlp_dim, embed_dim)
        self.act, self.drop = nn.GELU(), nn.Dropout(dropout)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        h = self.drop(self.act(self.fc1(self.norm2(x))))
        return x + self.drop(self.fc2(h))

# wrong: normalised over the tokens
# > Each token is normalised by itself: mean and variance over the last axis alone.
# ~ x.mean(dim=-1 => x.mean(dim=-2
# ~ x.var(dim=-1 => x.var(dim=-2

# wrong: unbiased variance
# > Your norms divide the squares by D - 1: `correction=0`, or use nn.LayerNorm.
# ~ , correction=0 =>

# wrong: tanh-GELU instead of GELU
# > This is the tanh approximation of GELU. The exact one is `nn.GELU()` without `approximate`; with
# > weights trained for it the approximation is off in the fourth decimal.
# ~ nn.GELU() => nn.GELU(approximate="tanh")

# wrong: QuickGELU instead of GELU
# > x * sigmoid(1.702 x) is QuickGELU, which OpenAI's CLIP uses. The ViT has the exact GELU,
# > `nn.GELU()`.
# ~ nn.GELU() => lambda x: x * torch.sigmoid(1.702 * x)

# wrong: ReLU instead of GELU
# > The transformer of 2017 has ReLU, the ViT has GELU: `nn.GELU()`.
# ~ nn.GELU() => nn.ReLU()

# wrong: SiLU instead of GELU
# > Your result is that of SiLU. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.SiLU()

# wrong: ELU instead of GELU
# > Your result is that of ELU. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.ELU()

# wrong: leaky ReLU instead of GELU
# > Your result is that of leaky ReLU. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.LeakyReLU()

# wrong: sigmoid instead of GELU
# > Your result is that of a sigmoid. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.Sigmoid()

# wrong: tanh instead of GELU
# > Your result is that of tanh. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.Tanh()

# right: nn.MultiheadAttention
# > torch's attention returns a pair, expects queries, keys and values, and must be told
# > `batch_first`.
class EncoderBlock(nn.Module):
    def __init__(self, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.attn = nn.MultiheadAttention(embed_dim, num_heads, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.norm2 = nn.LayerNorm(embed_dim, eps=1e-6)
        self.mlp = MLP(embed_dim, mlp_dim, dropout)

    def forward(self, x):
        h = self.norm1(x)
        x = x + self.drop(self.attn(h, h, h, need_weights=False)[0])
        return x + self.mlp(self.norm2(x))

# wrong: attention runs over the batch
# > Attention takes the first axis to be the tokens, so the images of a batch look at each other:
# > `batch_first=True`.
# ~ , batch_first=True =>

# right: PyTorch's own layer
# > The whole block is in torch, if each of its defaults that does not fit is changed.
def EncoderBlock(embed_dim, num_heads, mlp_dim, dropout=0.0):
    return nn.TransformerEncoderLayer(
        embed_dim, num_heads, mlp_dim, dropout,
        activation="gelu", batch_first=True, norm_first=True, layer_norm_eps=1e-6,
    )

# wrong: attention runs over the batch
# ~ batch_first=True, =>

# wrong: nn.TransformerEncoderLayer with its defaults
# > Its defaults are for the text models of 2017: sequence first, norm after the sum, ReLU, eps
# > 1e-5. Each has to be set.
# ~ activation="gelu", batch_first=True, norm_first=True, layer_norm_eps=1e-6, =>
# wrong: nn.TransformerEncoderLayer with its defaults
# ~ activation="gelu", batch_first=True, norm_first=True, layer_norm_eps=1e-6, => batch_first=True,
# wrong: nn.TransformerEncoderLayer with its defaults
# ~ norm_first=True, layer_norm_eps=1e-6, =>
