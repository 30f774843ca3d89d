# stub: as handed out
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        raise NotImplementedError("exercise 12.4")

    def insert(self, tokens):
        raise NotImplementedError("exercise 12.4")

    def take_out(self, tokens):
        raise NotImplementedError("exercise 12.4")

# right: repeat, and split
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.R = num_registers
        self.registers = nn.Parameter(torch.randn(1, num_registers, embed_dim) * 0.02)

    def insert(self, tokens):
        cls, patches = tokens.split([1, tokens.shape[1] - 1], dim=1)
        return torch.cat((cls, self.registers.repeat(tokens.shape[0], 1, 1), patches), 1)

    def take_out(self, tokens):
        cls, _, patches = tokens.split([1, self.R, tokens.shape[1] - 1 - self.R], dim=1)
        return torch.cat((cls, patches), 1)

# right: trunc_normal_, and a mask
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.registers = nn.Parameter(torch.empty(1, num_registers, embed_dim))
        nn.init.trunc_normal_(self.registers, std=0.02)

    def insert(self, tokens):
        B = len(tokens)
        return torch.hstack([tokens[:, :1], self.registers.expand(B, -1, -1), tokens[:, 1:]])

    def take_out(self, tokens):
        keep = torch.ones(tokens.shape[1], dtype=torch.bool)
        keep[1 : 1 + self.registers.shape[1]] = False
        return tokens[:, keep]

# right: a loop over images, and an index
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.registers = nn.Parameter(torch.empty(1, num_registers, embed_dim).uniform_(-0.04, 0.04))

    def insert(self, tokens):
        return torch.stack([torch.cat([image[:1], self.registers[0], image[1:]]) for image in tokens])

    def take_out(self, tokens):
        N, R = tokens.shape[1], self.registers.shape[1]
        places = [0] + list(range(R + 1, N))
        return tokens[:, places]

# right: ones times the registers
class Registers(nn.Module):
    def __init__(self, embed_dim: int, num_registers: int):
        super().__init__()
        self.num_registers = num_registers
        self.registers = nn.Parameter(nn.init.normal_(torch.zeros(1, num_registers, embed_dim), std=0.02))

    def insert(self, tokens: torch.Tensor) -> torch.Tensor:
        class_token, patches = tokens[:, 0:1], tokens[:, 1:]
        first = class_token.new_ones(len(tokens), 1, 1) * self.registers
        return torch.cat([class_token, first, patches], dim=-2)

    def take_out(self, tokens: torch.Tensor) -> torch.Tensor:
        return torch.cat([tokens[:, 0].unsqueeze(1), tokens[:, self.num_registers + 1 :]], dim=-2)

# right: 0.2 times normal numbers
# ~ nn.init.normal_(torch.zeros(1, num_registers, embed_dim), std=0.02) => 0.2 * torch.randn(1, num_registers, embed_dim)

# right: uniform numbers up to a quarter
# ~ nn.init.normal_(torch.zeros(1, num_registers, embed_dim), std=0.02) => (torch.rand(1, num_registers, embed_dim) - 0.5) / 2

# right: einops
from einops import pack, repeat

class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.registers = nn.Parameter(torch.randn(num_registers, embed_dim)[None] / 50)

    def insert(self, tokens):
        registers = repeat(self.registers, "one r d -> (b one) r d", b=tokens.shape[0])
        return pack([tokens[:, 0], registers, tokens[:, 1:]], "b * d")[0]

    def take_out(self, tokens):
        R = self.registers.shape[1]
        return pack([tokens[:, 0], tokens[:, R + 1 :]], "b * d")[0]

# right: index_select and narrow
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.registers = nn.Parameter(torch.zeros(1, num_registers, embed_dim).normal_(0, 0.02))

    def insert(self, tokens):
        n = tokens.shape[1] - 1
        registers = self.registers.expand(tokens.size(0), -1, -1)
        return torch.cat([tokens.narrow(1, 0, 1), registers, tokens.narrow(1, 1, n)], 1)

    def take_out(self, tokens):
        r = self.registers.size(1)
        n = tokens.size(1) - r - 1
        index = torch.cat([torch.zeros(1, dtype=torch.long), torch.arange(n) + r + 1])
        return tokens.index_select(1, index)

# wrong: *
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))
        self.extra = nn.Linear(embed_dim, embed_dim)

    def insert(self, tokens):
        return torch.cat([tokens[:, :1], self.registers.expand(len(tokens), -1, -1), tokens[:, 1:]], dim=1)

    def take_out(self, tokens):
        return torch.cat([tokens[:, :1], tokens[:, 1 + self.registers.shape[1] :]], dim=1)

# wrong: *
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))

    def insert(self, tokens):
        self.count = tokens.shape[1]
        return torch.cat([tokens[:, :1], self.registers.expand(len(tokens), -1, -1), tokens[:, 1:]], dim=1)

    def take_out(self, tokens):
        return torch.cat([tokens[:, :1], tokens[:, -self.count + 1 :]], dim=1)

# wrong: *
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))

    def insert(self, tokens):
        return torch.cat([tokens[:, :1], self.registers.expand(len(tokens), -1, -1), tokens[:, 1:]], dim=1).squeeze()

    def take_out(self, tokens):
        return torch.cat([tokens[:, :1], tokens[:, 1 + self.registers.shape[1] :]], dim=1)

# wrong: they start from large numbers
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim) + 1)

    def insert(self, tokens):
        return torch.cat([tokens[:, :1], self.registers.expand(len(tokens), -1, -1), tokens[:, 1:]], dim=1)

    def take_out(self, tokens):
        return torch.cat([tokens[:, :1], tokens[:, 1 + self.registers.shape[1] :]], dim=1)

# wrong: the same numbers in every layer
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        draw = torch.Generator().manual_seed(0)
        numbers = torch.randn(1, num_registers, embed_dim, generator=draw)
        self.registers = nn.Parameter(0.02 * numbers)

    def insert(self, tokens):
        return torch.cat([tokens[:, :1], self.registers.expand(len(tokens), -1, -1), tokens[:, 1:]], dim=1)

    def take_out(self, tokens):
        return torch.cat([tokens[:, :1], tokens[:, 1 + self.registers.shape[1] :]], dim=1)

# wrong: one number for all channels
# ~ torch.zeros(1, num_registers, embed_dim).normal_(0, 0.02) => torch.empty(1, num_registers, 1).normal_(0, 0.02).expand(-1, -1, embed_dim).clone()
