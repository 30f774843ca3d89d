from vitcourse.model import Encoder

# right: each default told otherwise
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    layer = nn.TransformerEncoderLayer(
        embed_dim, num_heads, dim_feedforward=mlp_dim, dropout=dropout,
        activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True,
    )
    norm = nn.LayerNorm(embed_dim, eps=1e-6)
    encoder = nn.TransformerEncoder(layer, depth, norm=norm)
    for parameter in encoder.parameters():
        if parameter.ndim > 1:
            nn.init.xavier_uniform_(parameter)
    return encoder

# wrong: batch_first is left at False
# > The layer takes the first axis to be the tokens, so the images of a batch look at each other:
# > `batch_first=True`.
# ~ batch_first=True, =>

# wrong: norm_first is left at False
# > This is post-norm, the arrangement of 2017: `norm_first=True`.
# ~ norm_first=True, =>

# wrong: the activation is left at ReLU
# > The ViT has GELU: `activation="gelu"`.
# ~ activation="gelu", =>

# wrong: eps is left at 1e-5 in the layers
# > ViT weights were trained with 1e-6: `layer_norm_eps=1e-6`.
# ~ layer_norm_eps=1e-6, =>

# wrong: the hidden size is left at 2048
# > Pass the size of the MLP: `dim_feedforward=mlp_dim`.
# ~ dim_feedforward=mlp_dim, =>

# wrong: dropout is left at 0.1
# > PyTorch's layer drops 10 per cent unless told otherwise: `dropout=dropout`.
# ~ dropout=dropout, =>

# wrong: the layer is left at its defaults
# > Its defaults are for the text models of 2017: sequence first, norm after the sum, ReLU, eps
# > 1e-5. Each has to be set.
# ~ activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True, =>
# wrong: the layer is left at its defaults
# ~ activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True, =>
# ~ , norm=norm =>
# wrong: the layer is left at its defaults
# ~ dropout=dropout, =>
# ~ activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True, =>
# ~ , norm=norm =>

# wrong: the layer is left at its defaults
# ~ dim_feedforward=mlp_dim, dropout=dropout, =>
# ~ activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True, =>
# ~ , norm=norm =>

# wrong: only batch_first and the activation are repaired
# > It is still post-norm, with eps 1e-5: `norm_first=True`, `layer_norm_eps=1e-6`.
# ~ layer_norm_eps=1e-6, batch_first=True, norm_first=True => batch_first=True

# wrong: only batch_first is repaired
# > The images are kept apart now. But it is still post-norm, with ReLU and eps 1e-5.
# ~ activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True => batch_first=True
# wrong: only batch_first is repaired
# > The images are kept apart now. But it is still post-norm, with ReLU and eps 1e-5. And the last
# > norm is missing.
# ~ activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True => batch_first=True
# ~ , norm=norm =>

# wrong: only batch_first and norm_first are repaired
# > Still ReLU, and eps 1e-5: `activation="gelu"`, `layer_norm_eps=1e-6`.
# ~ activation="gelu", layer_norm_eps=1e-6, =>
# wrong: only batch_first and norm_first are repaired
# > Still ReLU, and eps 1e-5: `activation="gelu"`, `layer_norm_eps=1e-6`. And eps in the last norm:
# > `nn.LayerNorm(embed_dim, eps=1e-6)`.
# ~ activation="gelu", layer_norm_eps=1e-6, =>
# ~ nn.LayerNorm(embed_dim, eps=1e-6) => nn.LayerNorm(embed_dim)
# wrong: only batch_first and norm_first are repaired
# > Still ReLU, and eps 1e-5: `activation="gelu"`, `layer_norm_eps=1e-6`. And the last norm is
# > missing.
# ~ activation="gelu", layer_norm_eps=1e-6, =>
# ~ , norm=norm =>

# wrong: eps is left at 1e-5 everywhere
# > ViT weights were trained with 1e-6: `layer_norm_eps=1e-6`, and `eps=1e-6` in the last norm.
# ~ layer_norm_eps=1e-6, =>
# ~ nn.LayerNorm(embed_dim, eps=1e-6) => nn.LayerNorm(embed_dim)

# wrong: eps is left at 1e-5 in the last norm
# > The last norm is a layer of its own: `nn.LayerNorm(embed_dim, eps=1e-6)`.
# ~ nn.LayerNorm(embed_dim, eps=1e-6) => nn.LayerNorm(embed_dim)

# wrong: final norm missing
# > nn.TransformerEncoder has none unless you pass one: `norm=nn.LayerNorm(embed_dim, eps=1e-6)`.
# ~ , norm=norm =>

# wrong: tanh-GELU instead of GELU
# > This is the tanh approximation of GELU. The exact one is `nn.GELU()` without `approximate`; with
# > weights trained for it the approximation is off in the fourth decimal.
# ~ activation="gelu" => activation=nn.GELU(approximate="tanh")

# wrong: copies that start the same
# > nn.TransformerEncoder copies the layer that it gets, numbers and all. Give each a new start:
# > `nn.init.xavier_uniform_` on every matrix, or make the layers one by one.
# ~ for parameter in encoder.parameters(): =>
# ~ if parameter.ndim > 1: =>
# ~ nn.init.xavier_uniform_(parameter) =>

# wrong: the layers are not registered
# > `parameters()` does not find your layers, so nothing trains them: a plain list, tuple or dict
# > hides what is in it. Use `nn.ModuleList` or `nn.Sequential`.
class torch_encoder(nn.Module):
    def __init__(self, depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        more = {"activation": "gelu", "layer_norm_eps": 1e-6, "batch_first": True, "norm_first": True}
        sizes = embed_dim, num_heads, mlp_dim, dropout
        self.layers = [nn.TransformerEncoderLayer(*sizes, **more) for _ in range(depth)]
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)

# wrong: one layer instead of the encoder
# > This is a single block. `nn.TransformerEncoder(layer, depth, norm=...)` makes a stack from it.
# ~ return encoder => return layer

# wrong: the depth is not the argument
# > There are six layers, whatever `depth` is: `num_layers=depth`.
# ~ layer, depth => layer, 6

# wrong: your own Encoder, not PyTorch's
# > The task is to set up PyTorch's layer: there is no nn.TransformerEncoderLayer in yours.
def torch_encoder(depth, embed_dim, num_heads, mlp_dim, dropout=0.0):
    return Encoder(depth, embed_dim, num_heads, mlp_dim, dropout)
