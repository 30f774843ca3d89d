def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)


# right: zeros and prepend
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: a plain tensor
# > `parameters()` does not list it, so no optimiser trains it, `.to(...)` leaves it behind and
# > `state_dict()` forgets it. Keep an `nn.Parameter` itself on `self`.
# ~ nn.Parameter(torch.zeros(1, 1, embed_dim)) => torch.zeros(1, 1, embed_dim)
# wrong: a plain tensor
# ~ nn.Parameter(torch.zeros(1, 1, embed_dim)) => torch.zeros(1, 1, embed_dim, requires_grad=True)

# wrong: a plain tensor
# ~ self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim)) => self.token = torch.zeros(1, 1, embed_dim)
# ~ prepend(tokens, self.cls_token) => prepend(tokens, self.token)

# wrong: `super().__init__()` is missing
# > nn.Module prepares itself in `super().__init__()`: call it at the start of `__init__`.
# ~ super().__init__() =>

# wrong: hidden in a list
# > nn.Module does not look into lists and dicts. `parameters()` does not list it, so no optimiser
# > trains it, `.to(...)` leaves it behind and `state_dict()` forgets it. Keep an `nn.Parameter`
# > itself on `self`.
# ~ nn.Parameter(torch.zeros(1, 1, embed_dim)) => [nn.Parameter(torch.zeros(1, 1, embed_dim))]
# ~ prepend(tokens, self.cls_token) => prepend(tokens, self.cls_token[0])
# wrong: hidden in a dict
# > nn.Module does not look into lists and dicts. `parameters()` does not list it, so no optimiser
# > trains it, `.to(...)` leaves it behind and `state_dict()` forgets it. Keep an `nn.Parameter`
# > itself on `self`.
# ~ self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim)) => self.tokens = {"cls": nn.Parameter(torch.zeros(1, 1, embed_dim))}
# ~ prepend(tokens, self.cls_token) => prepend(tokens, self.tokens["cls"])
# wrong: hidden in a list
# ~ self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim)) => self.tokens = [nn.Parameter(torch.zeros(1, 1, embed_dim))]
# ~ prepend(tokens, self.cls_token) => prepend(tokens, self.tokens[0])

# wrong: a parameter that is not registered
# > nn.Module sees parameters on `self` itself, not in lists or dicts. `parameters()` does not list
# > it, so no optimiser trains it, `.to(...)` leaves it behind and `state_dict()` forgets it. Keep
# > an `nn.Parameter` itself on `self`.
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.tokens = [nn.Parameter(torch.zeros(1, 1, embed_dim))]

    @property
    def cls_token(self):
        return self.tokens[0]

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: a buffer is not learned
# > A buffer is moved and saved, but nothing trains it. An `nn.Parameter` is moved, saved and
# > trained.
# ~ self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim)) => self.register_buffer("cls_token", torch.zeros(1, 1, embed_dim))

# wrong: Parameter(...).to(device)
# > What `.to(device)` returns is a plain tensor as soon as it has to copy, and that is not
# > registered. Keep the parameter itself; move the whole module: `model.to(device)`.
# ~ nn.Parameter(torch.zeros(1, 1, embed_dim)) => nn.Parameter(torch.zeros(1, 1, embed_dim)).to("cpu")

# wrong: the parameter is wrapped in a calculation
# > What `nn.Parameter(...) * 0.02`, `.clone()` or `.to(device)` gives is a plain tensor. Calculate
# > first, then wrap the result: `nn.Parameter(0.02 * ...)`.
# ~ nn.Parameter(torch.zeros(1, 1, embed_dim)) => nn.Parameter(torch.zeros(1, 1, embed_dim)) * 0.02

# wrong: a batch axis
# > The token is the same for every image, so it knows nothing about batches: its shape is (1, 1,
# > D). Expand it in `forward`, where you see how many images there are.
# ~ torch.zeros(1, => torch.zeros(32,
# wrong: a batch axis
# ~ torch.zeros(1, => torch.zeros(32,
# ~ prepend(tokens, self.cls_token) => torch.cat([self.cls_token, tokens], dim=1)
# wrong: a batch axis
# ~ torch.zeros(1, => torch.zeros(32,
# ~ prepend(tokens, self.cls_token) => torch.cat([self.cls_token[: len(tokens)], tokens], dim=1)

# wrong: another shape than (1, 1, D)
# > It works, but published weights have the shape (1, 1, D): keep that.
# ~ torch.zeros(1, 1, embed_dim) => torch.zeros(embed_dim)
# ~ prepend(tokens, self.cls_token) => prepend(tokens, self.cls_token.reshape(1, 1, -1))
# wrong: another shape than (1, 1, D)
# ~ torch.zeros(1, 1, embed_dim) => torch.zeros(1, embed_dim)
# ~ prepend(tokens, self.cls_token) => prepend(tokens, self.cls_token.reshape(1, 1, -1))
# wrong: another shape than (1, 1, D)
# > Axes are (image, token, channel). Published weights have the shape (1, 1, D): keep that.
# ~ torch.zeros(1, 1, embed_dim) => torch.zeros(1, embed_dim, 1)
# ~ prepend(tokens, self.cls_token) => prepend(tokens, self.cls_token.reshape(1, 1, -1))

# wrong: another name than cls_token
# > Keep it as `self.cls_token`: published weights and chapter 6 look for it under this name.
# ~ self.cls_token = => self.token =
# ~ prepend(tokens, self.cls_token) => prepend(tokens, self.token)
# wrong: another name than cls_token
# > A property is not registered: a weights file uses the name of the parameter itself. Keep it as
# > `self.cls_token`: published weights and chapter 6 look for it under this name.
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    @property
    def cls_token(self):
        return self.token

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: a layer instead of a parameter
# > A layer keeps its numbers under a longer name and in another shape. One bare `nn.Parameter` is
# > enough.
# ~ nn.Parameter(torch.zeros(1, 1, embed_dim)) => nn.Embedding(1, embed_dim)
# ~ prepend(tokens, self.cls_token) => prepend(tokens, self.cls_token.weight[None])
# wrong: a layer instead of a parameter
# > The class token is not computed from anything: one bare `nn.Parameter` is enough.
# ~ nn.Parameter(torch.zeros(1, 1, embed_dim)) => nn.Linear(embed_dim, embed_dim)
# ~ prepend(tokens, self.cls_token) => torch.cat([self.cls_token(tokens.mean(1, keepdim=True)), tokens], dim=1)

# wrong: it is not kept on self
# > Without `self.` it is a local variable, gone at the end of `__init__`.
# ~ self.cls_token = => cls_token =

# wrong: the token is not on self
# > Nothing on `self` holds the token: it is made again on each call of `forward`, or lives outside
# > the module. Either way nobody trains it. Make it in `__init__` and keep it on `self`.
# ~ self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim)) => self.embed_dim = embed_dim
# ~ prepend(tokens, self.cls_token) => prepend(tokens, nn.Parameter(torch.zeros(1, 1, self.embed_dim)))

# wrong: a frozen parameter
# > `requires_grad=False` keeps it from learning. Leave that out.
# ~ torch.zeros(1, 1, embed_dim) => torch.zeros(1, 1, embed_dim), requires_grad=False

# wrong: more than the token is learned
# > One token is learned here and nothing else; norms and positions come later.
# ~ self.cls_token = => self.norm = nn.LayerNorm(embed_dim); self.cls_token =
# wrong: more than the token is learned
# ~ self.cls_token = => self.norm = nn.LayerNorm(embed_dim); self.cls_token =
# ~ return prepend(tokens, self.cls_token) => return self.norm(prepend(tokens, self.cls_token))

# wrong: positions are added already
# > One token is learned here and nothing else; norms and positions come later.
# ~ self.cls_token = => self.pos = nn.Parameter(torch.zeros(1, 1, embed_dim)); self.cls_token =
# ~ return prepend(tokens, self.cls_token) => return prepend(tokens, self.cls_token) + self.pos

# wrong: the numbers are never set
# > `torch.empty` hands out memory as it is, with whatever was in it. `torch.zeros` will do, or
# > `torch.randn` times something small.
# ~ torch.zeros => torch.empty

# wrong: only while training
# > After `.eval()` the class token is missing. It is part of the model, always: leave out
# > `self.training`.
# ~ return prepend(tokens, self.cls_token) => return prepend(tokens, self.cls_token) if self.training else tokens

# right: filled into an empty tensor
# > Without `prepend`, and with small random numbers as a start: both starts work.
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim) * 0.02)

    def forward(self, tokens):
        B, N, D = tokens.shape
        result = tokens.new_empty(B, N + 1, D)
        result[:, :1] = self.cls_token
        result[:, 1:] = tokens
        return result

# wrong: something stays behind when the layer moves
# > `.to(...)` moves parameters, but not what was computed from them before, and tensors made in
# > `forward` are float32 unless you say otherwise. Better: `expand` and `cat` in `forward`.
# ~ tokens.new_empty => torch.empty

# right: its own expand and cat
# > Without `prepend`: the layer does its own expanding and joining.
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        cls = self.cls_token.expand(len(tokens), -1, -1)
        return torch.cat([cls, tokens], dim=1)

# wrong: the result is thrown away
# > Your tokens come back as they went in. `torch.cat` returns a new tensor and leaves the old ones
# > alone: return the new one.
# ~ return torch.cat([cls, tokens], dim=1) => torch.cat([cls, tokens], dim=1); return tokens

# wrong: appended, not prepended
# > The class token is last. Everybody who reads it reads token 0: put it first.
# ~ [cls, tokens] => [tokens, cls]

# wrong: the class token is not expanded over the batch
# > `torch.cat` does not broadcast: to join (B, N, D), the class token must be (B, 1, D). Yours fits
# > only for B = 1: `expand` it first.
# ~ self.cls_token.expand(len(tokens), -1, -1) => self.cls_token
# wrong: the class token is not expanded over the batch
# > `torch.cat` does not broadcast, so the class token must be expanded to (B, 1, D). And it belongs
# > in front: it comes first in the list.
# ~ self.cls_token.expand(len(tokens), -1, -1) => self.cls_token
# ~ [cls, tokens] => [tokens, cls]

# wrong: joined along the channels
# > Each token became longer: you joined along the last axis. Tokens are axis 1.
# ~ expand(len(tokens), -1, -1) => expand_as(tokens)
# ~ dim=1 => dim=2
# wrong: joined along the channels
# ~ expand(len(tokens), -1, -1) => expand_as(tokens)
# ~ [cls, tokens], dim=1 => [tokens, cls], dim=2

# wrong: joined along the batch
# > You added an image, not a token: that is axis 0. Tokens are axis 1.
# ~ expand(len(tokens), -1, -1) => expand(1, tokens.shape[1], -1)
# ~ dim=1 => dim=0

# wrong: a class token for every patch
# > You put in as many class tokens as there are patches. One per image is enough: (B, 1, D).
# ~ expand(len(tokens), -1, -1) => expand_as(tokens)

# wrong: the images are merged
# > You made one sequence of all images. Keep the batch axis: (B, N + 1, D).
# ~ self.cls_token.expand(len(tokens), -1, -1) => self.cls_token[0]
# ~ [cls, tokens], dim=1 => [cls, tokens.flatten(0, 1)], dim=0
# wrong: the images are merged
# ~ self.cls_token.expand(len(tokens), -1, -1) => self.cls_token
# ~ [cls, tokens] => [cls, tokens.reshape(1, -1, tokens.shape[2])]

# wrong: added, not prepended
# > You added the class token to every patch. It is a separate token: one more row.
# ~ torch.cat([cls, tokens], dim=1) => tokens + cls

# wrong: the first patch is lost
# > The class token replaced the first patch. It is an extra token: N + 1 in all.
# ~ [cls, tokens] => [cls, tokens[:, 1:]]

# wrong: the last patch is lost
# > The class token is there, but the last patch is gone. It is an extra token: N + 1 in all.
# ~ [cls, tokens] => [cls, tokens[:, :-1]]

# wrong: not the same token for all images
# > Every image must begin with the token that was passed in, the same for all:
# > `cls_token.expand(len(tokens), -1, -1)`.
# ~ self.cls_token.expand(len(tokens), -1, -1) => torch.zeros_like(tokens[:, :1]); cls[0] = self.cls_token[0]
# wrong: not the same token for all images
# ~ self.cls_token.expand(len(tokens), -1, -1) => self.cls_token + tokens.mean(1, keepdim=True)

# wrong: not the token that was passed in
# > Every image must begin with the token that was passed in, the same for all:
# > `cls_token.expand(len(tokens), -1, -1)`.
# ~ self.cls_token.expand(len(tokens), -1, -1) => torch.zeros_like(tokens[:, :1])
# wrong: not the token that was passed in
# ~ self.cls_token.expand(len(tokens), -1, -1) => torch.randn_like(tokens[:, :1])
# wrong: not the token that was passed in
# ~ self.cls_token.expand(len(tokens), -1, -1) => torch.ones_like(tokens[:, :1])

# wrong: only the first image
# > Only the first image of the batch is left: (B, N + 1, D) has all of them.
# ~ [cls, tokens] => [cls[:1], tokens[:1]]

# wrong: the class token is cut off from learning
# > `detach`, `.data` and `torch.tensor(...)` copy the numbers and forget where they came from, so
# > nothing can be learned. Use `cls_token` itself.
# ~ self.cls_token.expand => self.cls_token.detach().expand

# wrong: nothing can learn
# > Under `no_grad`, or after `detach`, no gradient comes back. Leave both out.
# ~ torch.cat([cls, tokens], dim=1) => torch.cat([cls, tokens], dim=1).detach()

# wrong: the tokens are cut off from learning
# > `detach`, `.data` and `torch.tensor(...)` copy the numbers and forget where they came from: the
# > layers that made the tokens learn nothing. Use `tokens` itself.
# ~ [cls, tokens] => [cls, tokens.detach()]

# wrong: the batch axis is lost for a single image
# > For one image your result is (N + 1, D). It should be (1, N + 1, D): keep the batch axis.
# ~ torch.cat([cls, tokens], dim=1) => torch.cat([cls, tokens], dim=1).squeeze(0)

# right: a parameter, expanded
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        first = self.cls_token.expand(len(tokens), -1, -1)
        return torch.cat([first, tokens], dim=1)

# wrong: `forward` replaces the parameter
# > After a call, `cls_token` is a different parameter. An optimiser that was made earlier still
# > trains the old one. Expand a copy, and leave `self.cls_token` as it is.
# ~ first = self.cls_token.expand(len(tokens), -1, -1) => first = self.cls_token = nn.Parameter(self.cls_token[:1].expand(len(tokens), -1, -1).clone())
