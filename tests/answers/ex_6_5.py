from torch import nn
import torch
import torch.nn.functional as F

# stub: the cell as it is handed out
class PaperHead(nn.Module):
    def __init__(self, embed_dim: int, num_classes: int, representation_size: int | None = None):
        super().__init__()
        raise NotImplementedError("exercise 6.5")

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("exercise 6.5")

# right: two branches
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        if representation_size is None:
            self.layers = nn.Linear(embed_dim, num_classes)
        else:
            self.layers = nn.Sequential(
                nn.Linear(embed_dim, representation_size),
                nn.Tanh(),
                nn.Linear(representation_size, num_classes),
            )

    def forward(self, tokens):
        return self.layers(tokens[:, 0])

# right: the choice is made in forward
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        self.pre_logits = None
        if representation_size:
            self.pre_logits = nn.Linear(embed_dim, representation_size)
        self.head = nn.Linear(representation_size or embed_dim, num_classes)

    def forward(self, tokens):
        x = tokens[:, 0]
        if self.pre_logits is not None:
            x = self.pre_logits(x).tanh()
        return self.head(x)

# right: bare parameters
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        sizes = [embed_dim, *([representation_size] if representation_size else []), num_classes]
        self.w = nn.ParameterList(
            [nn.Parameter(torch.randn(a, b) * 0.02) for a, b in zip(sizes, sizes[1:])]
        )
        self.b = nn.ParameterList([nn.Parameter(torch.zeros(b)) for b in sizes[1:]])

    def forward(self, tokens):
        x = tokens.select(1, 0)
        for i, (w, b) in enumerate(zip(self.w, self.b)):
            x = torch.einsum("bd,dk->bk", x.tanh() if i else x, w) + b
        return x

# right: all tokens go through it, the first is kept
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        layers, size = [], embed_dim
        if representation_size is not None:
            layers, size = [nn.Linear(embed_dim, representation_size), nn.Tanh()], representation_size
        self.net = nn.Sequential(*layers, nn.Linear(size, num_classes))

    def forward(self, tokens):
        return self.net(tokens)[:, 0]

# right: lazy layers
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        self.net = nn.Sequential()
        if representation_size is not None:
            self.net.append(nn.LazyLinear(representation_size)).append(nn.Tanh())
        self.net.append(nn.LazyLinear(num_classes))

    def forward(self, tokens):
        return self.net(tokens[:, 0])

# right: a tanh by hand, made of a sigmoid
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        self.fc = nn.Linear(embed_dim, representation_size) if representation_size else None
        self.out = nn.Linear(representation_size or embed_dim, num_classes)

    def forward(self, tokens):
        x = tokens[:, 0]
        return self.out(x if self.fc is None else 2 * torch.sigmoid(2 * self.fc(x)) - 1)

# wrong: it returns None
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        self.linear(tokens[:, 0])

# wrong: it raised TypeError
# (the third argument is forgotten)
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        return self.linear(tokens[:, 0])

# wrong: it raised TypeError
# (only the form with a hidden layer: None is no size)
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(embed_dim, representation_size),
            nn.Tanh(),
            nn.Linear(representation_size, num_classes),
        )

    def forward(self, tokens):
        return self.net(tokens[:, 0])

# wrong: it raised RuntimeError
# (the last layer reads D numbers, and gets another number of them)
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        self.hidden = nn.Identity()
        if representation_size is not None:
            self.hidden = nn.Sequential(nn.Linear(embed_dim, representation_size), nn.Tanh())
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        return self.linear(self.hidden(tokens[:, 0]))

# wrong: *
# (two hidden layers)
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        r = representation_size
        hidden = [] if r is None else [nn.Linear(embed_dim, r), nn.Tanh(), nn.Linear(r, r), nn.Tanh()]
        self.net = nn.Sequential(*hidden, nn.Linear(r or embed_dim, num_classes))

    def forward(self, tokens):
        return self.net(tokens[:, 0])

# wrong: *
# (a hard tanh)
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        r = representation_size
        hidden = [] if r is None else [nn.Linear(embed_dim, r), nn.Hardtanh()]
        self.net = nn.Sequential(*hidden, nn.Linear(r or embed_dim, num_classes))

    def forward(self, tokens):
        return self.net(tokens[:, 0])

# wrong: *
# (right for images in pairs or more)
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        r = representation_size
        hidden = [] if r is None else [nn.Linear(embed_dim, r), nn.Tanh()]
        self.net = nn.Sequential(*hidden, nn.Linear(r or embed_dim, num_classes))

    def forward(self, tokens):
        return self.net(tokens[:, :1].squeeze())

# wrong: it never finishes
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        while True:
            tokens = tokens[:, :1]
