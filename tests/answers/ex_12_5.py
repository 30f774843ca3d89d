# stub: as handed out
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        raise NotImplementedError("exercise 12.5")

    def forward(self, x):
        raise NotImplementedError("exercise 12.5")

# right: one line
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        self.gate, self.fc1 = nn.Linear(embed_dim, hidden_dim), nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)

    def forward(self, x):
        return self.fc2(F.silu(self.gate(x)) * self.fc1(x))

# right: nn.SiLU
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        self.gate = nn.Linear(embed_dim, hidden_dim)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.silu = nn.SiLU()

    def forward(self, x):
        return self.fc2(self.fc1(x) * self.silu(self.gate(x)))

# right: SiLU by hand
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.gate = nn.Linear(embed_dim, hidden_dim)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)

    def forward(self, x):
        gate = self.gate(x)
        gate = gate * torch.sigmoid(gate)
        return self.fc2(torch.mul(gate, self.fc1(x)))

# right: both at once, by functional linear
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        self.gate = nn.Linear(embed_dim, hidden_dim, bias=True)
        self.fc1 = nn.Linear(embed_dim, hidden_dim, bias=True)
        self.fc2 = nn.Linear(hidden_dim, embed_dim, bias=True)

    def forward(self, x):
        weight = torch.cat([self.gate.weight, self.fc1.weight])
        bias = torch.cat([self.gate.bias, self.fc1.bias])
        gate, value = F.linear(x, weight, bias).chunk(2, dim=-1)
        return self.fc2(F.silu(gate) * value)

# right: setattr and expit
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        for name in ("gate", "fc1"):
            setattr(self, name, nn.Linear(embed_dim, hidden_dim))
        self.fc2 = nn.Linear(hidden_dim, embed_dim)

    def forward(self, x):
        g = self.gate(x)
        return self.fc2(g * torch.special.expit(g) * self.fc1(x))

# right: einsum
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        self.gate = nn.Linear(embed_dim, hidden_dim)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)

    def forward(self, x):
        g = torch.einsum("...d,hd->...h", x, self.gate.weight) + self.gate.bias
        v = x @ self.fc1.weight.T + self.fc1.bias
        return (F.silu(g) * v) @ self.fc2.weight.T + self.fc2.bias

# right: added by name, SiLU as a quotient
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        layers = {"gate": (embed_dim, hidden_dim), "fc1": (embed_dim, hidden_dim), "fc2": (hidden_dim, embed_dim)}
        for name, sizes in layers.items():
            self.add_module(name, nn.Linear(*sizes))

    def activation(self, g):
        return g / (1 + torch.exp(-g))

    def forward(self, x):
        return self.fc2(self.activation(self.gate(x)) * self.fc1(x))

# wrong: *
def SwiGLU(embed_dim, hidden_dim):
    return lambda x: x

# wrong: *
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        self.gate = nn.Linear(embed_dim, hidden_dim)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)

    def forward(self, x):
        return self.fc2(F.silu(self.gate(x)) * self.fc1(x)).squeeze(0)

# wrong: *
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        self.gate = nn.Linear(embed_dim, hidden_dim)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)

    def forward(self, x):
        return self.fc2(F.hardswish(self.gate(x)) * self.fc1(x))
