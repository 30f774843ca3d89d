# stub: as handed out
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        raise NotImplementedError("exercise 5.2")

    def forward(self, x):
        raise NotImplementedError("exercise 5.2")

# stub: only the first half is done
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        raise NotImplementedError("exercise 5.2")

# right: the names of the text
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        x = self.drop(F.gelu(self.fc1(x)))
        return self.drop(self.fc2(x))

# right: Sequential
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(embed_dim, hidden_dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden_dim, embed_dim), nn.Dropout(dropout))

    def forward(self, x):
        return self.net(x)

# right: a function that returns a Sequential
def MLP(embed_dim, hidden_dim, dropout=0.0):
    return nn.Sequential(
        nn.Linear(embed_dim, hidden_dim), nn.GELU(), nn.Dropout(dropout),
        nn.Linear(hidden_dim, embed_dim), nn.Dropout(dropout),
    )

# right: bare matrices on the right, erf by hand
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.p = dropout
        self.w1 = nn.Parameter(torch.randn(embed_dim, hidden_dim) * 0.02)
        self.b1 = nn.Parameter(torch.zeros(hidden_dim))
        self.w2 = nn.Parameter(torch.randn(hidden_dim, embed_dim) * 0.02)
        self.b2 = nn.Parameter(torch.zeros(embed_dim))

    def forward(self, x):
        h = x @ self.w1 + self.b1
        h = h * 0.5 * (1 + torch.erf(h / math.sqrt(2)))
        h = F.dropout(h, self.p, training=self.training)
        return F.dropout(h @ self.w2 + self.b2, self.p, self.training)

# right: second layer registered first, dropout made by hand
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.out = nn.Linear(hidden_dim, embed_dim)
        self.inner = nn.Linear(embed_dim, hidden_dim)
        self.p = dropout

    def forward(self, x):
        def drop(t):
            if not self.training or self.p == 0:
                return t
            return t * (torch.rand_like(t) >= self.p) / (1 - self.p)
        return drop(self.out(drop(F.gelu(self.inner(x), approximate='none'))))

# right: convolutions of width 1 over the tokens
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.c1 = nn.Conv1d(embed_dim, hidden_dim, 1)
        self.c2 = nn.Conv1d(hidden_dim, embed_dim, 1)
        self.d1, self.d2 = nn.Dropout(dropout), nn.Dropout(dropout)

    def forward(self, x):
        y = x.unsqueeze(-1).flatten(0, -3)
        y = self.d2(self.c2(self.d1(F.gelu(self.c1(y)))))
        return y.reshape(x.shape)

# wrong: it returns None
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        self.drop(self.fc2(self.drop(F.gelu(self.fc1(x)))))

# wrong: *
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(self.fc2(self.drop(F.gelu(self.fc1(x))))).float()

# wrong: *
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        x -= 1
        return self.drop(self.fc2(self.drop(F.gelu(self.fc1(x)))))

# wrong: *
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(self.fc2(self.drop(F.gelu(self.fc1(x))))), x

# wrong: *
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(self.fc2(self.drop(F.gelu(self.fc1(x))))).detach()

# wrong: *
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return 2 * self.drop(self.fc2(self.drop(F.gelu(self.fc1(x)))))

# wrong: it raised RuntimeError
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(embed_dim, hidden_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(self.fc2(self.drop(F.gelu(self.fc1(x)))))

# wrong: it never finishes
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        while True:
            pass

# right: two Dropout modules
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.act = nn.GELU()
        self.drop1 = nn.Dropout(dropout)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop2 = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.drop1(self.act(self.fc1(x)))
        return self.drop2(self.fc2(x))

# right: functional, training handed on
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.p = dropout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = F.dropout(F.gelu(self.fc1(x)), self.p, self.training)
        return F.dropout(self.fc2(h), self.p, self.training)

# right: a subclass of nn.Sequential
class MLP(nn.Sequential):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__(
            nn.Linear(embed_dim, hidden_dim),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_dim, embed_dim),
            nn.Dropout(dropout),
        )

# right: bare parameters, erf by hand
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        def uniform(n_in, *shape):
            return nn.Parameter((torch.rand(*shape) * 2 - 1) / n_in**0.5)

        self.w_up, self.b_up = uniform(embed_dim, hidden_dim, embed_dim), uniform(embed_dim, hidden_dim)
        self.w_down, self.b_down = uniform(hidden_dim, embed_dim, hidden_dim), uniform(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.einsum("...d,hd->...h", x, self.w_up) + self.b_up
        h = h * 0.5 * (1 + torch.erf(h / math.sqrt(2)))
        h = self.drop(h)
        return self.drop(torch.einsum("...h,dh->...d", h, self.w_down) + self.b_down)

# right: 1x1 convolutions
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        self.fc1 = nn.Conv1d(embed_dim, hidden_dim, kernel_size=1)
        self.fc2 = nn.Conv1d(hidden_dim, embed_dim, kernel_size=1)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        flat = x.reshape(1, -1, x.shape[-1]).transpose(1, 2)  # (1, D, everything)
        h = self.drop(F.gelu(self.fc1(flat)))
        return self.drop(self.fc2(h)).transpose(1, 2).reshape(x.shape)

# right: dropout only made when asked for
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        drop = (lambda: nn.Dropout(dropout)) if dropout else nn.Identity
        self.layers = nn.ModuleDict({"fc1": nn.Linear(embed_dim, hidden_dim), "gelu": nn.GELU("none"), "a": drop(),
                                     "fc2": nn.Linear(hidden_dim, embed_dim), "b": drop()})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers.values():
            x = layer(x)
        return x

# wrong: *
# erf without the root of 2
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        def uniform(n_in, *shape):
            return nn.Parameter((torch.rand(*shape) * 2 - 1) / n_in**0.5)

        self.w_up, self.b_up = uniform(embed_dim, hidden_dim, embed_dim), uniform(embed_dim, hidden_dim)
        self.w_down, self.b_down = uniform(hidden_dim, embed_dim, hidden_dim), uniform(hidden_dim, embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.einsum("...d,hd->...h", x, self.w_up) + self.b_up
        h = h * 0.5 * (1 + torch.erf(h))
        h = self.drop(h)
        return self.drop(torch.einsum("...h,dh->...d", h, self.w_down) + self.b_down)

# wrong: tanh-GELU instead of GELU
# tanh GELU and no second dropout
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.p = dropout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = F.dropout(F.gelu(self.fc1(x), approximate="tanh"), self.p, self.training)
        return self.fc2(h)

# wrong: it raised RuntimeError
# fc2 with its arguments not turned round (raises)
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.act = nn.GELU()
        self.drop1 = nn.Dropout(dropout)
        self.fc2 = nn.Linear(embed_dim, hidden_dim)
        self.drop2 = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.drop1(self.act(self.fc1(x)))
        return self.drop2(self.fc2(x))

# wrong: *
# convolution that flattens a batch only for 3 axes and looks at neighbours
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        self.fc1 = nn.Conv1d(embed_dim, hidden_dim, kernel_size=3, padding=1)
        self.fc2 = nn.Conv1d(hidden_dim, embed_dim, kernel_size=1)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        flat = x.reshape(1, -1, x.shape[-1]).transpose(1, 2)  # (1, D, everything)
        h = self.drop(F.gelu(self.fc1(flat)))
        return self.drop(self.fc2(h)).transpose(1, 2).reshape(x.shape)

# wrong: *
# normalises its input by itself
class MLP(nn.Module):
    def __init__(self, embed_dim: int, hidden_dim: int, dropout: float = 0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.act = nn.GELU()
        self.drop1 = nn.Dropout(dropout)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop2 = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.layer_norm(x, x.shape[-1:])
        x = self.drop1(self.act(self.fc1(x)))
        return self.drop2(self.fc2(x))

# right: lazy layers
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1, self.fc2 = nn.LazyLinear(hidden_dim), nn.LazyLinear(embed_dim)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(self.fc2(self.drop(F.gelu(self.fc1(x)))))

# wrong: right in its result, wrong in its gradient
# ~ F.gelu(self.fc1(x)) => F.gelu(self.fc1(x.detach()))

# wrong: right where memory is laid out in reading order, wrong where memory is laid out differently
# ~ self.fc1(x))))) => self.fc1(x.view(-1, x.shape[-1])))))).view(x.shape)
