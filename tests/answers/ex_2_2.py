def prepend(tokens, cls_token):
    return torch.cat([cls_token.expand(len(tokens), -1, -1), tokens], dim=1)


# stub: as handed out
class ClassToken(nn.Module):
    def __init__(self, embed_dim: int):
        super().__init__()
        raise NotImplementedError("exercise 2.2")

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("exercise 2.2")

# stub: only the first half is done
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        raise NotImplementedError("exercise 2.2")

# right: zeros and prepend
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# right: small random numbers, repeat
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim) * 0.02)

    def forward(self, tokens):
        B = tokens.shape[0]
        return torch.cat((self.cls_token.repeat(B, 1, 1), tokens), dim=1)

# right: empty, then trunc_normal_
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.empty(1, 1, embed_dim))
        nn.init.trunc_normal_(self.cls_token, std=0.02)

    def forward(self, tokens):
        from einops import repeat
        return torch.cat([repeat(self.cls_token, "1 1 d -> b 1 d", b=len(tokens)), tokens], dim=1)

# right: register_parameter, a loop over the images
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.register_parameter("cls_token", nn.Parameter(torch.ones(1, 1, embed_dim)))

    def forward(self, x):
        return torch.stack([torch.cat([self.cls_token[0], image]) for image in x])

# right: filled into an empty tensor
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.embed_dim = embed_dim
        self.cls_token = nn.Parameter(torch.zeros((1, 1, embed_dim)), requires_grad=True)

    def forward(self, tokens):
        B, N, D = tokens.shape
        out = torch.empty(B, N + 1, D, dtype=tokens.dtype, device=tokens.device)
        out[:, 0] = self.cls_token[0, 0]
        out[:, 1:] = tokens
        return out

# right: moved to the device before it is wrapped
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        device = "cpu"
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim).to(device))

    def forward(self, tokens):
        return torch.cat([self.cls_token.expand(len(tokens), 1, -1), tokens], 1)

# right: the whole module is moved at the end of __init__
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim))
        self.to("cpu")

    def forward(self, tokens):
        return torch.cat([self.cls_token.expand(tokens.size(0), -1, -1), tokens], dim=1)

# right: a function that builds the module
def ClassToken(embed_dim):
    class Prepend(nn.Module):
        def __init__(self):
            super().__init__()
            self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

        def forward(self, tokens):
            first = self.cls_token.expand_as(tokens[:, :1])
            return torch.cat([first, tokens], dim=1)

    return Prepend()

# right: it checks what comes in
class ClassToken(nn.Module):
    def __init__(self, embed_dim: int):
        super().__init__()
        if embed_dim <= 0:
            raise ValueError("embed_dim")
        self.embed_dim = embed_dim
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        assert tokens.ndim == 3 and tokens.shape[2] == self.embed_dim
        return prepend(tokens, self.cls_token)

# right: register_parameter and trunc_normal_
class ClassToken(nn.Module):
    def __init__(self, embed_dim: int):
        super().__init__()
        self.embed_dim = embed_dim
        self.register_parameter("cls_token", nn.Parameter(torch.empty(1, 1, embed_dim)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.cls_token, std=0.02)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        B, _, D = tokens.shape
        return torch.cat((self.cls_token.expand(B, 1, D), tokens), dim=1)

# right: timm's tiny start values, einops repeat
from einops import repeat

class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        nn.init.normal_(self.cls_token, std=1e-6)

    def forward(self, x):
        cls_tokens = repeat(self.cls_token, "1 1 d -> b 1 d", b=len(x))
        return torch.cat([cls_tokens, x], dim=1)

# right: a base class for any number of extra tokens and a subclass
class ExtraTokens(nn.Module):
    def __init__(self, name: str, number: int, embed_dim: int):
        super().__init__()
        self.name = name
        setattr(self, name, nn.Parameter(0.02 * torch.randn(1, number, embed_dim)))

    def forward(self, tokens):
        extra = getattr(self, self.name)
        return torch.cat([extra.expand(tokens.shape[0], -1, -1), tokens], dim=1)


class ClassToken(ExtraTokens):
    def __init__(self, embed_dim: int):
        super().__init__("cls_token", 1, embed_dim)

# right: pad and fill in
class ClassToken(nn.Module):
    cls_token: nn.Parameter

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros((1, 1, embed_dim)), requires_grad=True)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        out = F.pad(tokens, (0, 0, 1, 0))
        out[:, :1] = self.cls_token
        return out

# right: loop over the images
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        nn.Module.__init__(self)
        start = torch.zeros(embed_dim).uniform_(-0.01, 0.01)
        self.cls_token = nn.Parameter(start[None, None])

    def forward(self, tokens):
        return torch.stack([torch.vstack([self.cls_token[0], image]) for image in tokens])

# right: initialised in place afterwards under no_grad
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.Tensor(1, 1, embed_dim))
        with torch.no_grad():
            self.cls_token.zero_()

    def forward(self, tokens):
        return torch.column_stack([self.cls_token.expand_as(tokens[:, :1]), tokens])

# right: cast to the dtype of the tokens on the way
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        front = self.cls_token.to(tokens).expand(tokens.size(0), -1, -1)
        return torch.cat([front, tokens], dim=1)

# right: standard normal start values
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# right: ones to start from
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.ones(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# right: a stored buffer beside the parameter
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.register_buffer("embed_dim", torch.tensor(embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# right: casts the tokens to the dtype of the parameter
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens.to(self.cls_token.dtype), self.cls_token)

# wrong: a plain tensor
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = torch.randn(1, 1, embed_dim)

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: a plain tensor
# (requires_grad alone does not register it)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = torch.zeros(1, 1, embed_dim, requires_grad=True)

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: hidden in a list
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = [nn.Parameter(torch.zeros(1, 1, embed_dim))]

    def forward(self, tokens):
        return prepend(tokens, self.cls_token[0])

# wrong: a plain tensor
# (.data of a parameter)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim)).data

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: a buffer is not learned
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.register_buffer("cls_token", torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: Parameter(...).to(device)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim)).to("cpu")

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: Parameter(...).to(device)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        device = torch.device("cpu")
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim), requires_grad=True).to(device)

    def forward(self, tokens):
        return torch.cat([self.cls_token.repeat(tokens.shape[0], 1, 1), tokens], dim=1)

# wrong: the parameter is wrapped in a calculation
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = 0.02 * nn.Parameter(torch.randn(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: the parameter is wrapped in a calculation
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(embed_dim)).reshape(1, 1, -1)

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: a batch axis
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(3, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token, tokens], dim=1)

# wrong: a batch axis
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(64, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token[:tokens.shape[0]], tokens], dim=1)

# wrong: a batch axis
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(128, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: another shape than (1, 1, D)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token.expand(len(tokens), 1, -1), tokens], dim=1)

# wrong: another shape than (1, 1, D)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token.repeat(len(tokens), 1, 1), tokens], dim=1)

# wrong: another shape than (1, 1, D)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, embed_dim, 1))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token.transpose(1, 2))

# wrong: another name than cls_token
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.class_token)

# wrong: a layer for a parameter
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Embedding(1, embed_dim)

    def forward(self, tokens):
        index = torch.zeros(len(tokens), 1, dtype=torch.long)
        return torch.cat([self.cls_token(index), tokens], dim=1)

# wrong: a layer for a parameter
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Linear(embed_dim, embed_dim)

    def forward(self, tokens):
        return torch.cat([self.cls_token(tokens.mean(dim=1, keepdim=True)), tokens], dim=1)

# wrong: made anew in every call
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.embed_dim = embed_dim

    def forward(self, tokens):
        cls_token = nn.Parameter(torch.zeros(1, 1, self.embed_dim))
        return prepend(tokens, cls_token)

# wrong: made anew in every call
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.d = embed_dim

    def forward(self, tokens):
        return torch.cat([torch.randn(len(tokens), 1, self.d), tokens], dim=1)

# wrong: a frozen parameter
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim), requires_grad=False)

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: more is learned than the token
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.norm = nn.LayerNorm(embed_dim)

    def forward(self, tokens):
        return self.norm(prepend(tokens, self.cls_token))

# wrong: the numbers are never set
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.empty(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: the result is thrown away
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        prepend(tokens, self.cls_token)
        return tokens

# wrong: appended, not prepended
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([tokens, self.cls_token.expand(len(tokens), -1, -1)], dim=1)

# wrong: expand forgotten
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token, tokens], dim=1)

# wrong: joined along the channels
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token.expand_as(tokens), tokens], dim=-1)

# wrong: joined along the batch
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token.expand(1, tokens.shape[1], -1), tokens], dim=0)

# wrong: a class token for every patch
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token.expand(tokens.shape), tokens], dim=1)

# wrong: the images are merged
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token[0], tokens.flatten(0, 1)], dim=0)

# wrong: added, not prepended
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return tokens + self.cls_token

# wrong: the first patch is lost
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        x = tokens.clone()
        x[:, 0] = self.cls_token[0, 0]
        return x

# wrong: the last patch is lost
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens[:, :-1], self.cls_token)

# wrong: not the same token for all images
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        x = F.pad(tokens, (0, 0, 1, 0))
        x[0, 0] = self.cls_token[0, 0]
        return x

# wrong: not the token that was passed in
# (kept, but never used)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([torch.zeros_like(tokens[:, :1]), tokens], dim=1)

# wrong: only the first image
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token, tokens[:1]], dim=1)

# wrong: the class token is cut off from learning
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token.detach())

# wrong: nothing can learn
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    @torch.no_grad()
    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: it returns None
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        tokens = prepend(tokens, self.cls_token)

# wrong: it raised AttributeError
# (super().__init__() forgotten)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: it is not kept on self
# (a local variable of __init__)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: *
# (on the class, so that it is not registered and all layers share it)
class ClassToken(nn.Module):
    cls_token = nn.Parameter(torch.zeros(1, 1, 5))

    def __init__(self, embed_dim):
        super().__init__()

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: *
# (expanded once, before the token moves)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.expanded = self.cls_token.expand(100, -1, -1)

    def forward(self, tokens):
        return torch.cat([self.expanded[:len(tokens)], tokens], dim=1)

# wrong: something stays behind when the layer moves
# (new tensors always on the CPU)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        B, N, D = tokens.shape
        out = torch.zeros(B, N + 1, D)
        out[:, :1] = self.cls_token
        out[:, 1:] = tokens
        return out

# wrong: *
# (not a module)
class ClassToken:
    def __init__(self, embed_dim):
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def __call__(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: *
# (a function of the tokens)
def ClassToken(embed_dim):
    cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
    return lambda tokens: prepend(tokens, cls_token)

# wrong: *
# (a length that is not the one asked for)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, 768))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: *
# (two tokens)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 2, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: *
# (dropout on top)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return F.dropout(prepend(tokens, self.cls_token), 0.5)

# wrong: positions are added already
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token) + self.pos_embed

# wrong: *
# (double precision)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim, dtype=torch.float64))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: it raised TypeError
# (the size is not kept: called with one, made for none)
class ClassToken(nn.Module):
    def __init__(self):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, 192))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: *
# (the caller's tokens are scaled in place)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        out = prepend(tokens, self.cls_token)
        tokens.mul_(0)
        return out

# wrong: it does not come to an end
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        first = self.cls_token
        while first.shape[0] != tokens.shape[0]:
            first.expand(tokens.shape[0], -1, -1)
        return torch.cat([first, tokens], dim=1)

# wrong: the parameter is wrapped in a calculation
# (parameter times 0.02 is a plain tensor again)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim)) * 0.02

    def forward(self, tokens):
        return torch.cat([self.cls_token.expand(len(tokens), -1, -1), tokens], dim=1)

# wrong: a parameter that is not registered
# (hidden in a list, so not registered)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.extra = [nn.Parameter(torch.zeros(1, 1, embed_dim))]

    @property
    def cls_token(self):
        return self.extra[0]

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: another name than cls_token
# (registered under another name, with a property for show)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    @property
    def cls_token(self):
        return self.token

    def forward(self, tokens):
        return prepend(tokens, self.token)

# wrong: another shape than (1, 1, D)
# (shape (D,))
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, tokens):
        b, _, d = tokens.shape
        return torch.cat([self.cls_token.expand(b, 1, d), tokens], dim=1)

# wrong: the class token is cut off from learning
# (.data on the way)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        out = tokens.new_zeros(tokens.shape[0], tokens.shape[1] + 1, tokens.shape[2])
        out[:, 0] = self.cls_token.data[0, 0]
        out[:, 1:] = tokens
        return out

# wrong: the result is thrown away
# (result of cat not used)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        cls = self.cls_token.expand(tokens.shape[0], -1, -1)
        torch.cat([cls, tokens], dim=1)
        return tokens

# wrong: *
# (the expanded token is stored at the start and never moves or trains twice)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.front = self.cls_token.clone()  # "to be safe"

    def forward(self, tokens):
        return torch.cat([self.front.expand(len(tokens), -1, -1), tokens], dim=1)

# wrong: it raised TypeError
# (assigns the expanded token to the parameter, raises)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        self.cls_token = self.cls_token.expand(tokens.shape[0], -1, -1)
        return torch.cat([self.cls_token, tokens], dim=1)

# wrong: the class token is cut off from learning
# (a new parameter in every forward)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        self.cls_token = nn.Parameter(self.cls_token.detach().clone())
        return torch.cat([self.cls_token.detach().expand(len(tokens), -1, -1), tokens], dim=1)

# wrong: *
# (dropout over all tokens while training)
class ClassToken(nn.Module):
    def __init__(self, embed_dim, drop=0.1):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.drop = nn.Dropout(drop)

    def forward(self, tokens):
        x = torch.cat([self.cls_token.expand(tokens.shape[0], -1, -1), tokens], dim=1)
        return self.drop(x)

# wrong: *
# (one token for each embed dimension, shape (1, D, D))
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, embed_dim, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token[:, :1].expand(tokens.shape[0], -1, -1), tokens], dim=1)

# wrong: *
# (a batch of one is squeezed away)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return torch.cat([self.cls_token.expand(tokens.shape[0], -1, -1), tokens], dim=1).squeeze()

# wrong: only while training
# (the class token is used in training mode only)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        if not self.training:
            return tokens
        return prepend(tokens, self.cls_token)

# wrong: the tokens are cut off from learning
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens.detach().clone(), self.cls_token)
