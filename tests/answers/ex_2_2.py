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
        self.cls_token = nn.Parameter(torch.randn(128, 1, embed_dim))

    def forward(self, tokens):
        return prepend(tokens, self.cls_token)

# wrong: it returns None
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        tokens = prepend(tokens, self.cls_token)

# wrong: `super().__init__()` is missing
# (super().__init__() forgotten)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

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

# wrong: it never finishes
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        first = self.cls_token
        while first.shape[0] != tokens.shape[0]:
            first.expand(tokens.shape[0], -1, -1)
        return torch.cat([first, tokens], dim=1)

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

# wrong: right the first time, wrong called again
# (expanded for the first batch and kept)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.expanded = None

    def forward(self, tokens):
        if self.expanded is None:
            self.expanded = self.cls_token.expand(len(tokens), -1, -1)
        return torch.cat([self.expanded, tokens], dim=1)

# wrong: the token is not on self
# (a parameter outside of the module)
TOKEN = nn.Parameter(torch.zeros(1, 1, 5))

class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()

    def forward(self, tokens):
        return prepend(tokens, TOKEN)

# wrong: right in evaluation mode, wrong in training mode
# (dropout behind it)
class ClassToken(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, tokens):
        return F.dropout(prepend(tokens, self.cls_token), 0.1, self.training)
