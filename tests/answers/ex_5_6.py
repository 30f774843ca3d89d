from vitcourse.model import Encoder

# stub: as handed out
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    raise NotImplementedError("exercise 5.6")

# right: told by name, started anew
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

# right: no word on nested tensors, another start
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    encoder.apply(lambda m: m.reset_parameters() if hasattr(m, 'reset_parameters') else None)
    for layer in encoder.layers:
        layer.self_attn._reset_parameters()
    return encoder

# right: layers in a Sequential
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layers = [nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, F.gelu, 1e-6, True, True) for _ in range(depth)]
    return nn.Sequential(*layers, nn.LayerNorm(embed_dim, eps=1e-6))

# right: the list of layers is replaced
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    encoder.layers = nn.ModuleList(
        nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, 'gelu', 1e-6, True, True)
        for _ in range(depth)
    )
    return encoder

# right: a class that turns the axes round
class torch_encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                embed_dim, num_heads, mlp_dim, dropout, nn.GELU(), layer_norm_eps=1e-6, norm_first=True
            )
            for _ in range(depth)
        )
        self.norm = nn.LayerNorm(embed_dim, 1e-6)

    def forward(self, x):
        x = x.transpose(0, 1)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x).transpose(0, 1)

# wrong: batch_first is left at False
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    return encoder

# wrong: norm_first is left at False
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    return encoder

# wrong: the activation is left at ReLU
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    return encoder

# wrong: eps is left at 1e-5 in the layers
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    return encoder

# wrong: the hidden size is left at 2048
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    return encoder

# wrong: dropout is left at 0.1
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    return encoder

# wrong: the layer is left at its defaults
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    return encoder

# wrong: the layer is left at its defaults
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout
    )
    encoder = nn.TransformerEncoder(layer, depth)
    return encoder

# wrong: the layer is left at its defaults
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim
    )
    encoder = nn.TransformerEncoder(layer, depth)
    return encoder

# wrong: only batch_first is repaired
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, batch_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth)
    return encoder

# wrong: only batch_first and norm_first are repaired
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim))
    return encoder

# wrong: only batch_first and norm_first are repaired
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth)
    return encoder

# wrong: eps is left at 1e-5 everywhere
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim))
    return encoder

# wrong: eps is left at 1e-5 in the last norm
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim))
    return encoder

# wrong: final norm missing
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth)
    return encoder

# wrong: *
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    encoder

# wrong: *
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, 1, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

# wrong: *
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.RMSNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

# wrong: *
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder.requires_grad_(False)

# wrong: *
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    return [nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, F.gelu, 1e-6, True, True) for _ in range(depth)]

# wrong: *
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads + 1, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

# wrong: it never finishes
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    while depth:
        depth += 1

# right: Sequential of layers and a norm
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    layers = [
        nn.TransformerEncoderLayer(
            d_model=embed_dim,
            nhead=num_heads,
            dim_feedforward=mlp_dim,
            dropout=dropout,
            activation="gelu",
            layer_norm_eps=1e-6,
            batch_first=True,
            norm_first=True,
        )
        for _ in range(depth)
    ]
    return nn.Sequential(*layers, nn.LayerNorm(embed_dim, eps=1e-6))

# right: TransformerEncoder with its layers exchanged
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    def layer():
        return nn.TransformerEncoderLayer(
            embed_dim, num_heads, mlp_dim, dropout, F.gelu, 1e-6, batch_first=True, norm_first=True
        )

    encoder = nn.TransformerEncoder(
        layer(), num_layers=depth, norm=nn.LayerNorm(embed_dim, eps=1e-6), enable_nested_tensor=False
    )
    encoder.layers = nn.ModuleList([layer() for _ in range(depth)])
    return encoder

# right: sequence first inside, transposed outside
class SequenceFirst(nn.Module):
    """PyTorch's layout inside, ours outside."""

    def __init__(self, layers, norm):
        super().__init__()
        self.layers, self.norm = nn.ModuleList(layers), norm

    def forward(self, x):
        x = x.transpose(0, 1)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x).transpose(0, 1)


def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    options = dict(activation=nn.GELU(), norm_first=True, layer_norm_eps=1e-6, dropout=dropout)
    return SequenceFirst(
        (nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, **options) for _ in range(depth)),
        nn.LayerNorm(embed_dim, eps=1e-6),
    )

# right: copies, reset by hand
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu",
        layer_norm_eps=1e-6, batch_first=True, norm_first=True,
    )
    encoder = nn.TransformerEncoder(layer, depth, nn.LayerNorm(embed_dim, eps=1e-6), enable_nested_tensor=False)
    for layer in encoder.layers:  # copies of one: draw again
        layer.self_attn._reset_parameters()
        layer.self_attn.out_proj.reset_parameters()
        nn.init.zeros_(layer.self_attn.out_proj.bias)
        layer.linear1.reset_parameters()
        layer.linear2.reset_parameters()
    return encoder

# right: a subclass with the settings
class PreNormLayer(nn.TransformerEncoderLayer):
    def __init__(self, dim, heads, hidden, p):
        super().__init__(dim, heads, hidden, p, "gelu", batch_first=True, norm_first=True)
        self.norm1.eps = self.norm2.eps = 1e-6


def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    net = nn.Sequential()
    for i in range(depth):
        net.append(PreNormLayer(embed_dim, num_heads, mlp_dim, dropout))
    return net.append(nn.LayerNorm(embed_dim, 1e-6))

# wrong: *
# one layer, depth times
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    layers = [
        nn.TransformerEncoderLayer(
            d_model=embed_dim,
            nhead=num_heads,
            dim_feedforward=mlp_dim,
            dropout=dropout,
            activation="gelu",
            layer_norm_eps=1e-6,
            batch_first=True,
            norm_first=True,
        )
    ] * depth
    return nn.Sequential(*layers, nn.LayerNorm(embed_dim, eps=1e-6))

# wrong: it raised RuntimeError
# transposed on the way in, not on the way out
class SequenceFirst(nn.Module):
    """PyTorch's layout inside, ours outside."""

    def __init__(self, layers, norm):
        super().__init__()
        self.layers, self.norm = nn.ModuleList(layers), norm

    def forward(self, x):
        x = x.transpose(0, 1)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    options = dict(activation=nn.GELU(), norm_first=True, layer_norm_eps=1e-6, dropout=dropout)
    return SequenceFirst(
        (nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, **options) for _ in range(depth)),
        nn.LayerNorm(embed_dim, eps=1e-6),
    )

# wrong: *
# batch_first=True and transposed as well: mixes again
class SequenceFirst(nn.Module):
    """PyTorch's layout inside, ours outside."""

    def __init__(self, layers, norm):
        super().__init__()
        self.layers, self.norm = nn.ModuleList(layers), norm

    def forward(self, x):
        x = x.transpose(0, 1)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x).transpose(0, 1)


def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    options = dict(batch_first=True, activation=nn.GELU(), norm_first=True, layer_norm_eps=1e-6, dropout=dropout)
    return SequenceFirst(
        (nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, **options) for _ in range(depth)),
        nn.LayerNorm(embed_dim, eps=1e-6),
    )

# wrong: only batch_first is repaired
# depth and eps: tutorial with batch_first only
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    layer = nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, batch_first=True)
    return nn.TransformerEncoder(layer, depth)

# wrong: *
# last norm comes first
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    norm = nn.LayerNorm(embed_dim, eps=1e-6)
    blocks = [nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, "gelu", 1e-6, True, True) for _ in range(depth)]
    return nn.Sequential(norm, *blocks)

# wrong: *
# biases switched off
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    layers = [
        nn.TransformerEncoderLayer(
            d_model=embed_dim,
            nhead=num_heads,
            dim_feedforward=mlp_dim,
            dropout=dropout,
            activation="gelu",
            layer_norm_eps=1e-6,
            batch_first=True,
            norm_first=True,
            bias=False,
        )
        for _ in range(depth)
    ]
    return nn.Sequential(*layers, nn.LayerNorm(embed_dim, eps=1e-6))

# wrong: *
# a norm handed to TransformerEncoder and once more behind it
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    def layer():
        return nn.TransformerEncoderLayer(
            embed_dim, num_heads, mlp_dim, dropout, F.gelu, 1e-6, batch_first=True, norm_first=True
        )

    encoder = nn.TransformerEncoder(
        layer(), num_layers=depth, norm=nn.LayerNorm(embed_dim, eps=1e-6), enable_nested_tensor=False
    )
    encoder.layers = nn.ModuleList([layer() for _ in range(depth)])
    return nn.Sequential(encoder, nn.LayerNorm(embed_dim, eps=1e-6))

# wrong: it raised TypeError
# keyword misspelled (raises)
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    layers = [
        nn.TransformerEncoderLayer(
            d_model=embed_dim,
            num_heads=num_heads,
            dim_feedforward=mlp_dim,
            dropout=dropout,
            activation="gelu",
            layer_norm_eps=1e-6,
            batch_first=True,
            norm_first=True,
        )
        for _ in range(depth)
    ]
    return nn.Sequential(*layers, nn.LayerNorm(embed_dim, eps=1e-6))

# right: matrices drawn anew by Xavier, biases equal in all layers
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    layer = nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, "gelu", 1e-6, batch_first=True, norm_first=True)
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6), enable_nested_tensor=False)
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

# right: nested TransformerEncoders of one layer
def torch_encoder(
    depth: int, embed_dim: int, num_heads: int, mlp_dim: int, dropout: float = 0.0
) -> nn.Module:
    parts = []
    for _ in range(depth):
        one = nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, "gelu", 1e-6, batch_first=True, norm_first=True)
        parts.append(nn.TransformerEncoder(one, 1, enable_nested_tensor=False))
    parts.append(nn.LayerNorm(embed_dim, eps=1e-6))
    return nn.Sequential(*parts)
