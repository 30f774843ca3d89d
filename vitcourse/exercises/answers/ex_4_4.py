from vitcourse.model import attention, merge_heads, split_heads

# right: every step written out
# > Without the functions of this chapter: one reshape gives q, k and v and all heads at once.
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        B, N, D = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        weights = scores.softmax(dim=-1)
        heads = weights @ v
        output = self.dropout(self.proj(heads.transpose(1, 2).reshape(B, N, D)))
        return (output, weights) if return_weights else output

# wrong: scaled by the root of embed_dim
# > Divide the scores by the square root of the head's size d = D / h. Yours are divided by the root
# > of embed_dim.
# ~ math.sqrt(q.shape[-1]) => math.sqrt(D)

# wrong: no scale
# > Divide the scores by the square root of the head's size d = D / h. Yours are not divided at all.
# ~ / math.sqrt(q.shape[-1]) =>

# wrong: divided by d, not by its root
# > Divide the scores by the square root of the head's size d = D / h. Yours are divided by d
# > itself, or twice by the root.
# ~ math.sqrt(q.shape[-1]) => q.shape[-1]

# wrong: scaled by the root of the number of heads
# > Divide the scores by the square root of the head's size d = D / h. Yours are divided by the root
# > of h.
# ~ math.sqrt(q.shape[-1]) => math.sqrt(self.num_heads)

# wrong: scaled by the root of the number of tokens
# > Divide the scores by the square root of the head's size d = D / h. Yours are divided by the root
# > of N.
# ~ math.sqrt(q.shape[-1]) => math.sqrt(N)

# wrong: multiplied by the root of d
# > Divide the scores by the square root of the head's size d = D / h. Yours are multiplied by it.
# ~ / math.sqrt(q.shape[-1]) => * math.sqrt(q.shape[-1])

# wrong: no softmax
# > The scores are used as they are. A softmax over the keys turns them into weights.
# ~ scores.softmax(dim=-1) => scores

# wrong: softmax over the queries
# > Each query's weights must sum to 1: the softmax goes over the keys, the last axis.
# ~ softmax(dim=-1) => softmax(dim=-2)

# wrong: softmax over the heads
# > Each query's weights must sum to 1: the softmax goes over the keys, the last axis.
# ~ softmax(dim=-1) => softmax(dim=1)

# wrong: softmax over the batch
# > Each query's weights must sum to 1: the softmax goes over the keys, the last axis.
# ~ softmax(dim=-1) => softmax(dim=0)

# wrong: softmax over queries and keys at once
# > Each query's weights must sum to 1: the softmax goes over the keys, the last axis.
# ~ scores.softmax(dim=-1) => scores.flatten(2).softmax(dim=-1).view(scores.shape)

# wrong: heads split by a bare view
# > Your heads hold pieces of different tokens: split the channels, then transpose (exercise 4.2).
# ~ (B, N, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4) => (B, 3, self.num_heads, N, -1).unbind(1)
# wrong: heads split by a bare view
# ~ (B, N, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4) => (3, B, self.num_heads, N, -1)
# wrong: heads split by a bare view
# ~ (B, N, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4) => (B, self.num_heads, 3, N, -1).unbind(2)
# wrong: heads split by a bare view
# ~ (B, N, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4) => (B, self.num_heads, N, 3, -1).unbind(3)

# wrong: heads merged without the transpose
# > Your tokens are made of pieces of different tokens: move the heads behind the tokens before you
# > merge (exercise 4.3).
# ~ heads.transpose(1, 2) => heads

# wrong: view on transposed memory
# > After a transpose `view` cannot merge axes: use `reshape` or `flatten`.
# ~ reshape(B, N, D) => view(B, N, D)

# wrong: the heads of a token attend to each other
# > The heads still come after the tokens, (B, N, h, d), so each token looks at its own heads. Move
# > the heads in front of the tokens.
# ~ permute(2, 0, 3, 1, 4) => unbind(2)
# ~ heads.transpose(1, 2) => heads

# wrong: the heads are averaged
# > All heads use the same, averaged weights, so there might as well be only one head.
# ~ scores.softmax(dim=-1) => scores.softmax(dim=-1).mean(dim=1, keepdim=True).expand_as(scores)

# wrong: exp overflows
# > exp of a few hundred is infinite. `softmax` first subtracts the largest score, which does not
# > change the result (exercise 4.1).
# ~ scores.softmax(dim=-1) => scores.exp() / scores.exp().sum(dim=-1, keepdim=True)

# wrong: a causal mask is left in
# > Each token looks only at itself and those before it, as with `is_causal=True`. In a picture
# > every patch may look at every other.
# ~ weights = scores => scores = scores.masked_fill(torch.ones(N, N).triu(1) == 1, float("-inf")); weights = scores

# wrong: the scores come back, not the weights
# > The second of the pair should be the weights: after the softmax.
# ~ (output, weights) if => (output, scores) if
# wrong: the scores come back, not the weights
# ~ (output, weights) if => (output, q @ k.mT) if

# wrong: no gradient reaches q and k
# > The weights are cut off from the gradient before they are used, so queries and keys never learn:
# > no `detach`, no `.data`, no `no_grad`.
# ~ scores.softmax(dim=-1) => scores.softmax(dim=-1).detach()

# wrong: dropout on the weights, not on the result
# > You drop attention weights. Dropout is for the result only, after the projection.
# ~ weights @ v => self.dropout(weights) @ v
# ~ self.dropout(self.proj(heads.transpose(1, 2).reshape(B, N, D))) => self.proj(heads.transpose(1, 2).reshape(B, N, D))

# wrong: dropout on the weights, too
# > You drop attention weights and numbers of the result. Dropout is for the result alone, after the
# > projection.
# ~ weights @ v => self.dropout(weights) @ v

# right: torch's kernel unless the weights are asked for
# > The fused kernel is faster and never stores the weights, so it cannot return them.
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        if return_weights:
            heads, weights = attention(q, k, v)
            return self.dropout(self.proj(merge_heads(heads))), weights
        heads = F.scaled_dot_product_attention(q, k, v)
        output = self.proj(merge_heads(heads))
        return self.dropout(output)

# wrong: no scale
# ~ F.scaled_dot_product_attention(q, k, v) => F.scaled_dot_product_attention(q, k, v, scale=1.0)

# wrong: a causal mask is left in
# ~ F.scaled_dot_product_attention(q, k, v) => F.scaled_dot_product_attention(q, k, v, is_causal=True)

# wrong: dropout in eval mode
# > After `.eval()` nothing may be dropped. `F.dropout` and `dropout_p` do not notice it by
# > themselves. Use `nn.Dropout(dropout)`, made in `__init__`: it is off after `.eval()`.
# ~ F.scaled_dot_product_attention(q, k, v) => F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout.p)
# ~ return self.dropout(output) => return output
# ~ return self.dropout(self.proj(merge_heads(heads))), weights => return self.proj(merge_heads(heads)), weights

# right: three layers in a list
# > A layer each for q, k and v, in place of one that is three times as wide: as many weights, and
# > three smaller products.
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.layers = nn.ModuleList(nn.Linear(embed_dim, embed_dim) for _ in range(3))
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(layer(x), self.num_heads) for layer in self.layers)
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: the heads share one projection
# > Your layers for q, k and v have d x d weights, the same for all heads, so each head sees only
# > its own part of a token. Project from D to D first, then split.
# ~ nn.Linear(embed_dim, embed_dim) for => nn.Linear(embed_dim // num_heads, embed_dim // num_heads) for
# ~ split_heads(layer(x), self.num_heads) => layer(split_heads(x, self.num_heads))

# wrong: the weights are not registered
# > `parameters()` does not list them, so nothing trains them. Use `nn.Linear` or `nn.Parameter`,
# > kept on `self`, or `nn.ModuleList` for several.
# ~ nn.ModuleList(nn.Linear(embed_dim, embed_dim) for _ in range(3)) => [nn.Linear(embed_dim, embed_dim) for _ in range(3)]
# wrong: the weights are not registered
# ~ nn.ModuleList(nn.Linear(embed_dim, embed_dim) for _ in range(3)) => [nn.Linear(embed_dim, embed_dim) for _ in range(3)]
# ~ self.proj = nn.Linear(embed_dim, embed_dim) => self.proj = [nn.Linear(embed_dim, embed_dim)]
# ~ self.proj(merge_heads(heads)) => self.proj[0](merge_heads(heads))

# right: a module for each head
# > Every head has its own layer. It is what the paper draws, and the slowest of these: one small
# > product after the other.
class Head(nn.Module):
    def __init__(self, embed_dim, head_dim):
        super().__init__()
        self.qkv = nn.Linear(embed_dim, 3 * head_dim)

    def forward(self, x):
        return attention(*self.qkv(x).chunk(3, dim=-1))


class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        head_dim = embed_dim // num_heads
        self.heads = nn.ModuleList(Head(embed_dim, head_dim) for _ in range(num_heads))
        self.proj = nn.Linear(num_heads * head_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        results = [head(x) for head in self.heads]
        output = self.dropout(self.proj(torch.cat([heads for heads, _ in results], dim=-1)))
        weights = torch.stack([weights for _, weights in results], dim=1)
        return (output, weights) if return_weights else output

# wrong: each head sees only its own part of the token
# > q, k and v are made from the whole token: project from D to D first, then split.
# ~ Head(embed_dim, head_dim) for => Head(head_dim, head_dim) for
# ~ [head(x) for head in self.heads] => [head(part) for head, part in zip(self.heads, x.chunk(len(self.heads), dim=-1))]

# right: the functions of this chapter
class MultiHeadSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, dropout=0.0):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} must divide embed_dim={embed_dim}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, return_weights=False):
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        heads, weights = attention(q, k, v)
        output = self.dropout(self.proj(merge_heads(heads)))
        return (output, weights) if return_weights else output

# wrong: no scale
# ~ heads, weights = attention(q, k, v) => heads, weights = F.scaled_dot_product_attention(q, k, v, scale=1.0), attention(q, k, v)[1]

# wrong: heads split by a bare view
# ~ split_heads(t, self.num_heads) => t.reshape(len(x), self.num_heads, x.shape[1], -1)

# wrong: split and merged by bare views
# > Two wrongs do not cancel out: between them, every head saw pieces of different tokens. Transpose
# > in both (exercises 4.2 and 4.3).
# ~ split_heads(t, self.num_heads) => t.reshape(len(x), self.num_heads, x.shape[1], -1)
# ~ merge_heads(heads) => heads.reshape(x.shape)

# wrong: super().__init__() is missing
# > `nn.Module` must be set up before layers are kept in it: `super().__init__()` comes first.
# ~ super().__init__() => pass

# wrong: one head for all channels
# > num_heads has no effect: split the channels, so that each head has its own weights.
# ~ split_heads(t, self.num_heads) => split_heads(t, 1)
# wrong: one head for all channels
# ~ (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1)) => self.qkv(x).chunk(3, dim=-1)
# ~ merge_heads(heads) => heads
# wrong: one head for all channels
# ~ split_heads(t, self.num_heads) => split_heads(t, 1)
# ~ (output, weights) if => (output, weights.expand(-1, self.num_heads, -1, -1)) if

# wrong: every head gets all channels
# > Your heads have D channels each. They should share: D / h channels for each head, and three
# > layers from D to D are enough.
# ~ nn.Linear(embed_dim, 3 * embed_dim) => nn.Linear(embed_dim, 3 * num_heads * embed_dim)
# ~ nn.Linear(embed_dim, embed_dim) => nn.Linear(num_heads * embed_dim, embed_dim)
# wrong: every head gets all channels
# ~ nn.Linear(embed_dim, 3 * embed_dim) => nn.Linear(embed_dim, 3 * num_heads * embed_dim, bias=False)
# ~ nn.Linear(embed_dim, embed_dim) => nn.Linear(num_heads * embed_dim, embed_dim)

# wrong: num_heads is used as the size of a head
# > There are num_heads heads of D // num_heads channels, not the other way round.
# ~ split_heads(t, self.num_heads) => split_heads(t, t.shape[-1] // self.num_heads)

# wrong: the keys are averaged, not the values
# > Nothing depends on the value projection: multiply the weights with v.
# ~ attention(q, k, v) => attention(q, k, k)

# wrong: one projection for queries and keys
# > Queries, keys and values are three different views of a token, each with its own weights.
# ~ attention(q, k, v) => attention(q, q, v)
# wrong: one projection for queries and keys
# ~ nn.Linear(embed_dim, 3 * embed_dim) => nn.Linear(embed_dim, 2 * embed_dim)
# ~ q, k, v = => q, v =
# ~ chunk(3, dim=-1) => chunk(2, dim=-1)
# ~ attention(q, k, v) => attention(q, q, v)

# wrong: one projection for queries and values
# > Queries, keys and values are three different views of a token, each with its own weights.
# ~ attention(q, k, v) => attention(q, k, q)
# wrong: one projection for queries and values
# ~ nn.Linear(embed_dim, 3 * embed_dim) => nn.Linear(embed_dim, 2 * embed_dim)
# ~ q, k, v = => q, k =
# ~ chunk(3, dim=-1) => chunk(2, dim=-1)
# ~ attention(q, k, v) => attention(q, k, q)

# wrong: one projection for keys and values
# > Queries, keys and values are three different views of a token, each with its own weights.
# ~ nn.Linear(embed_dim, 3 * embed_dim) => nn.Linear(embed_dim, 2 * embed_dim)
# ~ q, k, v = => q, k =
# ~ chunk(3, dim=-1) => chunk(2, dim=-1)
# ~ attention(q, k, v) => attention(q, k, k)

# wrong: one projection for all three
# > Queries, keys and values are three different views of a token, each with its own weights.
# ~ nn.Linear(embed_dim, 3 * embed_dim) => nn.Linear(embed_dim, 1 * embed_dim)
# ~ self.qkv(x).chunk(3, dim=-1) => [self.qkv(x)] * 3
# wrong: one projection for all three
# ~ attention(q, k, v) => attention(q, q, q)

# wrong: no projections for q, k and v
# > The tokens are used as they are. A learned layer makes query, key and value from them.
# ~ self.qkv = nn.Linear(embed_dim, 3 * embed_dim) =>
# ~ self.qkv(x).chunk(3, dim=-1) => (x, x, x)

# wrong: the values are the tokens themselves
# > A learned layer makes the values, too: split v, not x.
# ~ attention(q, k, v) => attention(q, k, split_heads(x, self.num_heads))
# wrong: the values are the tokens themselves
# > A learned layer makes the values, too: there should be one more, from D to D.
# ~ nn.Linear(embed_dim, 3 * embed_dim) => nn.Linear(embed_dim, 2 * embed_dim)
# ~ self.qkv(x).chunk(3, dim=-1) => (*self.qkv(x).chunk(2, dim=-1), x)

# wrong: no output projection
# > After the merge comes one more layer, from D to D, that mixes the heads.
# ~ self.proj = nn.Linear(embed_dim, embed_dim) =>
# ~ self.proj(merge_heads(heads)) => merge_heads(heads)

# wrong: the output projection works inside each head
# > This way the heads never meet. Merge them first; then the last layer, from D to D, mixes them.
# ~ nn.Linear(embed_dim, embed_dim) => nn.Linear(embed_dim // num_heads, embed_dim // num_heads)
# ~ self.proj(merge_heads(heads)) => merge_heads(self.proj(heads))

# wrong: the output projection is not used
# > There is an output projection, but it is not used: `self.proj(merge_heads(heads))`.
# ~ self.proj(merge_heads(heads)) => merge_heads(heads)

# wrong: the input is already added
# > The residual connection, x + attention(x), belongs to the block: chapter 5.
# ~ output = self => output = x + self

# wrong: the input is already added
# ~ self.proj(merge_heads(heads)) => self.proj(x + merge_heads(heads))

# wrong: an activation inside
# > Between the linear layers there is only the attention: no ReLU and no GELU.
# ~ self.proj(merge_heads(heads)) => self.proj(merge_heads(heads)).relu()
# wrong: an activation inside
# ~ self.proj(merge_heads(heads)) => self.proj(merge_heads(heads).relu())
# wrong: an activation inside
# ~ self.proj(merge_heads(heads)) => self.proj(F.gelu(merge_heads(heads)))
# wrong: an activation inside
# ~ self.qkv(x).chunk => self.qkv(x).relu().chunk

# wrong: queries and keys are normalised
# > Your queries and keys have lost their lengths. A score is their plain product.
# ~ attention(q, k, v) => attention(F.normalize(q, dim=-1), F.normalize(k, dim=-1), v)

# wrong: all heads give what head 0 gives
# > What the other heads found is not used: merge all of them.
# ~ merge_heads(heads) => merge_heads(heads[:, :1].expand_as(heads))

# wrong: a norm inside
# > The norm belongs to the block: chapter 5.
# ~ self.dropout = nn => self.norm = nn.LayerNorm(embed_dim); self.dropout = nn
# ~ output = self.dropout(self.proj(merge_heads(heads))) => output = self.norm(self.dropout(self.proj(merge_heads(heads))))
# wrong: a norm inside
# ~ self.dropout = nn => self.norm = nn.LayerNorm(embed_dim); self.dropout = nn
# ~ self.qkv(x) => self.qkv(self.norm(x))

# wrong: a causal mask is left in
# ~ heads, weights = attention(q, k, v) => heads, weights = F.scaled_dot_product_attention(q, k, v, is_causal=True), attention(q, k, v)[1]

# wrong: the images of a batch are mixed
# > The first axis is treated as the tokens, so images look at each other. In torch's own layers
# > that is the default: `batch_first=True`.
# ~ self.qkv(x) => self.qkv(x.transpose(0, 1))
# ~ self.dropout(self.proj(merge_heads(heads))) => self.dropout(self.proj(merge_heads(heads))).transpose(0, 1)
# wrong: the images of a batch are mixed
# ~ heads, weights = => weights = attention(q, k, v)[1]; q, k, v = (t.transpose(0, 2) for t in (q, k, v)); heads, _ =
# ~ merge_heads(heads) => merge_heads(heads.transpose(0, 2))

# wrong: axes of length 1 are squeezed away
# > One image is a batch (1, N, D), one token is (B, 1, D): no `squeeze`.
# ~ self.dropout(self.proj(merge_heads(heads))) => self.dropout(self.proj(merge_heads(heads))).squeeze()
# wrong: axes of length 1 are squeezed away
# ~ self.dropout(self.proj(merge_heads(heads))) => self.dropout(self.proj(merge_heads(heads))).squeeze(0)
# wrong: axes of length 1 are squeezed away
# ~ self.dropout(self.proj(merge_heads(heads))) => self.dropout(self.proj(merge_heads(heads))).squeeze(1)

# wrong: the weights are not returned
# > With return_weights=True the result is a pair: (output, weights).
# ~ return (output, weights) if return_weights else output => return output

# wrong: the weights are always returned
# > Without return_weights=True only the output is asked for.
# ~ return (output, weights) if return_weights else output => return output, weights

# wrong: the weights are averaged over the heads
# > Return the weights of every head: (B, h, N, N).
# ~ (output, weights) if => (output, weights.mean(dim=1)) if

# wrong: weights first, output second
# > Return the pair (output, weights), the output first.
# ~ (output, weights) if => (weights, output) if

# wrong: only the weights
# > With return_weights=True the result is a pair: (output, weights).
# ~ (output, weights) if => weights if

# wrong: the weights come back transposed
# > Row i of the weights belongs to query i: return them as they are.
# ~ (output, weights) if => (output, weights.mT) if

# wrong: an unfinished result comes with the weights
# > The output of the pair is the final one, too: projected, then dropped out.
# ~ (output, weights) if => (merge_heads(heads), weights) if

# wrong: the returned weights are detached
# > Gradients should pass through both parts of the pair: return the weights without `detach`; a
# > caller who only looks at them can detach them.
# ~ (output, weights) if => (output, weights.detach()) if

# wrong: no gradient reaches x
# > Layers before this one could not learn: no `detach`, no `.data`, no `no_grad`.
# ~ self.qkv(x) => self.qkv(x.detach())

# wrong: no gradient reaches q, k and v
# > The attention is cut off from the gradient, so queries, keys and values never learn: no
# > `detach`, no `.data`, no `no_grad`.
# ~ attention(q, k, v) => attention(q.detach(), k.detach(), v.detach())

# wrong: it switches to evaluation mode
# > After a call, your layer is no longer in training. The caller chooses the mode.
# ~ return (output => self.eval(); return (output

# wrong: dropout in eval mode
# ~ self.dropout(self.proj(merge_heads(heads))) => F.dropout(self.proj(merge_heads(heads)), self.dropout.p)
# wrong: dropout in eval mode
# ~ heads, weights = attention(q, k, v) => heads, weights = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout.p), attention(q, k, v)[1]
# ~ self.dropout(self.proj(merge_heads(heads))) => self.proj(merge_heads(heads))

# wrong: the argument dropout is not used
# > Half of the result is dropped, whatever was asked for: `nn.Dropout()` without a number does
# > that. Use `nn.Dropout(dropout)`.
# ~ nn.Dropout(dropout) => nn.Dropout()

# wrong: the share to keep, not to drop
# > `nn.Dropout` takes the share to drop: `nn.Dropout(dropout)`, not 1 - dropout.
# ~ nn.Dropout(dropout) => nn.Dropout(1 - dropout)

# wrong: the rest is not scaled up
# > `nn.Dropout` also divides what is left by 1 - dropout, so that the result keeps its size on
# > average.
# ~ self.dropout(self.proj(merge_heads(heads))) => self.proj(merge_heads(heads))
# ~ return (output => output = output * (torch.rand_like(output) >= self.dropout.p) if self.training else output; return (output

# wrong: whole tokens are dropped
# > Each number of the result should be dropped by itself, as `nn.Dropout` does.
# ~ nn.Dropout(dropout) => nn.Dropout1d(dropout)

# wrong: whole images are dropped
# > Each number of the result should be dropped by itself: use `nn.Dropout`.
# ~ self.dropout(self.proj(merge_heads(heads))) => self.proj(merge_heads(heads)) * self.dropout(torch.ones(len(x), 1, 1))

# wrong: dropout only without the weights
# > With return_weights=True, dropout should act on the result, too.
# ~ self.dropout(self.proj(merge_heads(heads))) => self.proj(merge_heads(heads))
# ~ if return_weights else output => if return_weights else self.dropout(output)

# wrong: dropout only with the weights
# > Without return_weights=True, dropout should act on the result, too.
# ~ self.dropout(self.proj(merge_heads(heads))) => self.proj(merge_heads(heads))
# ~ (output, weights) if => (self.dropout(output), weights) if

# wrong: dropout on the weights that come back
# > In training, the weights that you return have gone through dropout. It is for the result only.
# ~ (output, weights) if => (output, self.dropout(weights)) if

# wrong: dropout before the output projection
# > Dropout comes last, after the projection: `self.dropout(self.proj(...))`.
# ~ self.dropout(self.proj(merge_heads(heads))) => self.proj(self.dropout(merge_heads(heads)))

# wrong: dropout is ignored
# > In training, `dropout` should set a share of the result to zero. Use `nn.Dropout(dropout)`, made
# > in `__init__`: it is off after `.eval()`.
# ~ self.dropout(self.proj(merge_heads(heads))) => self.proj(merge_heads(heads))

# wrong: the layer is made again in every call
# > Layers made in `forward` start from new random numbers each time and never learn. Make them in
# > `__init__` and keep them on `self`.
# ~ self.qkv = nn.Linear(embed_dim, 3 * embed_dim) =>
# ~ self.qkv(x) => nn.Linear(x.shape[-1], 3 * x.shape[-1])(x)
# wrong: the layer is made again in every call
# ~ self.qkv = nn.Linear(embed_dim, 3 * embed_dim) =>
# ~ self.proj = nn.Linear(embed_dim, embed_dim) =>
# ~ self.qkv(x) => nn.Linear(x.shape[-1], 3 * x.shape[-1])(x)
# ~ self.proj(merge_heads(heads)) => nn.Linear(x.shape[-1], x.shape[-1])(merge_heads(heads))

# wrong: the weights are frozen
# > The weights do not require gradients, so they cannot learn.
# ~ self.dropout = nn => self.requires_grad_(False); self.dropout = nn

# wrong: some weights are frozen
# > The weights of q, k and v do not require gradients, so they cannot learn.
# ~ self.proj = nn => self.qkv.requires_grad_(False); self.proj = nn
# wrong: some weights are frozen
# > The weights of the output projection do not require gradients, so they cannot learn.
# ~ self.dropout = nn => self.proj.requires_grad_(False); self.dropout = nn
