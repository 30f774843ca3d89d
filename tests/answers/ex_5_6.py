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
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

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
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
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
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
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
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
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
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
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
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
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
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
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
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
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
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
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
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

# wrong: final norm missing
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth)
    return encoder

# wrong: tanh-GELU for GELU
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation=nn.GELU(approximate='tanh'), layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

# wrong: copies that start equal
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    return encoder

# wrong: one layer in place of the encoder
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    return nn.TransformerEncoderLayer(embed_dim, num_heads, mlp_dim, dropout, F.gelu, 1e-6, True, True)

# wrong: the depth is not the argument
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, 6, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

# wrong: your own Encoder, not PyTorch's
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    return Encoder(depth, embed_dim, num_heads, mlp_dim, dropout)

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

# wrong: it raised AssertionError
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads + 2, dim_feedforward=mlp_dim, dropout=dropout, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(embed_dim, eps=1e-6))
    for p in encoder.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return encoder

# wrong: it does not come to an end
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    while depth:
        depth += 1
