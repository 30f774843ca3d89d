from torch import nn
import torch
import torch.nn.functional as F

# stub: the cell as it is handed out
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim: int, num_classes: int):
        super().__init__()
        raise NotImplementedError("exercise 6.1")

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("exercise 6.1")

# stub: only the layer is made so far
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim: int, num_classes: int):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("exercise 6.1")

# right: all scores first, then those of token 0
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.fc = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        scores = self.fc(tokens)
        return scores[:, 0, :]

# right: bare parameters and einsum
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.w = nn.Parameter(torch.randn(embed_dim, num_classes) * 0.02)
        self.b = nn.Parameter(torch.zeros(num_classes))

    def forward(self, tokens):
        cls, *patches = tokens.unbind(dim=1)
        return torch.einsum("bd,dk->bk", cls, self.w) + self.b

# right: an nn.Linear itself
class ClassificationHead(nn.Linear):
    def forward(self, tokens):
        return super().forward(tokens.select(1, 0))

# right: a lazy layer, split off with narrow
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.LazyLinear(num_classes)

    def forward(self, tokens):
        return self.linear(tokens.narrow(1, 0, 1).squeeze(1))

# right: zero weights at the start, as in the paper's code
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.head = nn.Sequential(nn.Linear(embed_dim, num_classes))
        nn.init.zeros_(self.head[0].weight)
        nn.init.zeros_(self.head[0].bias)

    def forward(self, tokens):
        return self.head(next(iter(tokens.split([1, tokens.shape[1] - 1], dim=1))).flatten(1))

# wrong: it returns None
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        self.linear(tokens[:, 0])

# wrong: it raised TypeError
# (takes one argument only)
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim):
        super().__init__()
        self.linear = nn.Linear(embed_dim, 1000)

    def forward(self, tokens):
        return self.linear(tokens[:, 0])

# wrong: *
# (another dtype)
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes, dtype=torch.float64)

    def forward(self, tokens):
        return self.linear(tokens[:, 0])

# wrong: *
# (a list of scores)
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        return self.linear(tokens[:, 0]).tolist()

# wrong: it never finishes
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        while True:
            tokens = tokens[:, :1]

# right: token 0 and a Linear
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim: int, num_classes: int):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.linear(tokens[:, 0])

# right: all tokens scored, first taken; starts at zero
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim: int, num_classes: int):
        super().__init__()
        self.scores = nn.Sequential(nn.Linear(embed_dim, num_classes))
        nn.init.zeros_(self.scores[0].weight)
        nn.init.zeros_(self.scores[0].bias)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.scores(tokens)[:, 0, :]

# right: 1x1 convolution
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim: int, num_classes: int):
        super().__init__()
        self.head = nn.Conv1d(embed_dim, num_classes, 1)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        first = rearrange(tokens[:, :1], "b one d -> b d one")
        return self.head(first).squeeze(-1)

# wrong: it raised RuntimeError
# all tokens flattened (raises)
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim: int, num_classes: int):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.linear(tokens.flatten(1))

# wrong: right for a batch of 3, wrong for a batch of one
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim: int, num_classes: int):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.linear(tokens[:, :1]).squeeze()

# wrong: right in evaluation mode, wrong in training mode
# dropout of another size than those known
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        return F.dropout(self.linear(tokens[:, 0]), 0.3, self.training)

# wrong: right in float32, wrong in float64
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        return self.linear(tokens[:, 0].float())

# wrong: right in training mode, wrong in evaluation mode
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        scores = self.linear(tokens[:, 0])
        return scores if self.training else scores.softmax(dim=-1)

# wrong: right for 3 classes, wrong for one class
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        return self.linear(tokens[:, 0]).squeeze(-1)
