# right: two layers and two dropouts
# > A dropout of its own for each place. It has no weights, so one will do for both.
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.gelu = nn.GELU()
        self.drop1 = nn.Dropout(dropout)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.drop2 = nn.Dropout(dropout)

    def forward(self, x):
        h = self.drop1(self.gelu(self.fc1(x)))
        return self.drop2(self.fc2(h))

# wrong: tanh-GELU instead of GELU
# > This is the tanh approximation of GELU. The exact one is `nn.GELU()` without `approximate`; with
# > weights trained for it the approximation is off in the fourth decimal.
# ~ nn.GELU() => nn.GELU(approximate="tanh")

# wrong: QuickGELU instead of GELU
# > x * sigmoid(1.702 x) is QuickGELU, which OpenAI's CLIP uses. The ViT has the exact GELU,
# > `nn.GELU()`.
# ~ nn.GELU() => lambda x: x * torch.sigmoid(1.702 * x)

# wrong: erf without the root
# > GELU is x / 2 * (1 + erf(x / sqrt(2))): the root of 2 is missing. `nn.GELU()` has it all.
# ~ nn.GELU() => lambda x: x / 2 * (1 + torch.erf(x))

# wrong: ReLU instead of GELU
# > The transformer of 2017 has ReLU, the ViT has GELU: `nn.GELU()`.
# ~ nn.GELU() => nn.ReLU()

# wrong: SiLU instead of GELU
# > Your result is that of SiLU. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.SiLU()

# wrong: ELU instead of GELU
# > Your result is that of ELU. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.ELU()

# wrong: leaky ReLU instead of GELU
# > Your result is that of leaky ReLU. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.LeakyReLU()

# wrong: sigmoid instead of GELU
# > Your result is that of a sigmoid. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.Sigmoid()

# wrong: tanh instead of GELU
# > Your result is that of tanh. It should be the exact GELU, `nn.GELU()`.
# ~ nn.GELU() => nn.Tanh()

# wrong: no activation
# > Two linear layers in a row can do no more than one. Put a GELU between them.
# ~ self.gelu(self.fc1(x)) => self.fc1(x)

# wrong: activation after the second layer
# > Your GELU is at the end, and there is none between the layers. Move it.
# ~ self.gelu(self.fc1(x)) => self.fc1(x)
# ~ self.fc2(h) => self.gelu(self.fc2(h))
# wrong: activation after the second layer
# > There is one GELU too many: what the MLP adds to a token may be negative, so no GELU at the end.
# ~ self.drop2(self.fc2(h)) => self.gelu(self.drop2(self.fc2(h)))

# wrong: activation before the first layer
# > Your GELU comes before the first layer. It belongs between the two.
# ~ self.gelu(self.fc1(x)) => self.fc1(self.gelu(x))

# wrong: a residual inside the MLP
# > You add x to the result. Adding is the block's business, in exercise 5.3.
# ~ return self.drop2 => return x + self.drop2

# wrong: a norm inside the MLP
# > The MLP has no norm. The block will hand it normalised tokens.
# ~ self.gelu = nn.GELU() => self.gelu = nn.GELU(); self.norm = nn.LayerNorm(embed_dim, eps=1e-6)
# ~ self.fc1(x) => self.fc1(self.norm(x))
# wrong: a norm inside the MLP
# ~ self.gelu = nn.GELU() => self.gelu = nn.GELU(); self.norm = nn.LayerNorm(hidden_dim, eps=1e-6)
# ~ self.fc1(x) => self.norm(self.fc1(x))

# wrong: one layer instead of two
# > There is one layer. There should be two: to hidden_dim, and back.
# ~ nn.Linear(embed_dim, hidden_dim) => nn.Linear(embed_dim, embed_dim)
# ~ self.fc2 = nn.Linear(hidden_dim, embed_dim) =>
# ~ return self.drop2(self.fc2(h)) => return h

# wrong: three layers instead of two
# > There is a third layer between the two.
# ~ self.gelu = nn.GELU() => self.gelu = nn.GELU(); self.middle = nn.Linear(hidden_dim, hidden_dim)
# ~ self.gelu(self.fc1(x)) => self.gelu(self.middle(self.gelu(self.fc1(x))))

# wrong: the second layer does not lead back
# > Your result has hidden_dim numbers. The second layer goes back to embed_dim.
# ~ nn.Linear(hidden_dim, embed_dim) => nn.Linear(hidden_dim, hidden_dim)

# wrong: the hidden size is not the argument
# > The hidden layer has 4 * embed_dim numbers, as many models do. Here it is the argument:
# > hidden_dim.
# ~ nn.Linear(embed_dim, hidden_dim) => nn.Linear(embed_dim, 4 * embed_dim)
# ~ nn.Linear(hidden_dim, embed_dim) => nn.Linear(4 * embed_dim, embed_dim)

# wrong: a bias is missing
# > Both layers have a bias (ViT weights come with one): leave `bias=False` out.
# ~ nn.Linear(embed_dim, hidden_dim) => nn.Linear(embed_dim, hidden_dim, bias=False)
# ~ nn.Linear(hidden_dim, embed_dim) => nn.Linear(hidden_dim, embed_dim, bias=False)
# wrong: a bias is missing
# ~ nn.Linear(embed_dim, hidden_dim) => nn.Linear(embed_dim, hidden_dim, bias=False)
# wrong: a bias is missing
# ~ nn.Linear(hidden_dim, embed_dim) => nn.Linear(hidden_dim, embed_dim, bias=False)

# wrong: both layers share one matrix
# > The second layer uses the first one's matrix again. Each should have its own.
# ~ self.fc2 = nn.Linear(hidden_dim, embed_dim) => self.bias = nn.Parameter(torch.zeros(embed_dim))
# ~ self.fc2(h) => h @ self.fc1.weight + self.bias

# wrong: the layers are not registered
# > `parameters()` does not find your layers, so nothing trains them: a plain list, tuple or dict
# > hides what is in it. Keep layers on `self`, or in `nn.ModuleList` or `nn.Sequential`.
# ~ self.fc1 = nn.Linear(embed_dim, hidden_dim) => self.layers = [nn.Linear(embed_dim, hidden_dim)]
# ~ self.fc2 = nn.Linear(hidden_dim, embed_dim) => self.layers += [nn.Linear(hidden_dim, embed_dim)]
# ~ self.fc1(x) => self.layers[0](x)
# ~ self.fc2(h) => self.layers[1](h)

# wrong: the layers are made again in every call
# > Each call gives another result, even in eval mode, and there is nothing to train. Layers made in
# > `forward` start from new random numbers each time: make them in `__init__`.
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.embed_dim, self.hidden_dim = embed_dim, hidden_dim

    def forward(self, x):
        fc1 = nn.Linear(self.embed_dim, self.hidden_dim)
        fc2 = nn.Linear(self.hidden_dim, self.embed_dim)
        return fc2(F.gelu(fc1(x)))

# wrong: super().__init__() is forgotten
# > A module begins with `super().__init__()`, before any layer is kept on `self`.
# ~ super().__init__() =>

# wrong: no dropout
# > Nothing is dropped in training mode: `nn.Dropout(dropout)` after the GELU and at the end.
# ~ self.drop1(self.gelu(self.fc1(x))) => self.gelu(self.fc1(x))
# ~ self.drop2(self.fc2(h)) => self.fc2(h)

# wrong: dropout only after the first layer
# > Dropout should also follow the second layer.
# ~ self.drop2(self.fc2(h)) => self.fc2(h)

# wrong: dropout only after the second layer
# > Dropout should also follow the GELU.
# ~ self.drop1(self.gelu(self.fc1(x))) => self.gelu(self.fc1(x))

# wrong: too much dropout
# > More is dropped than `dropout` says. It should act once after the GELU, and once at the end.
# ~ self.drop2(self.fc2(h)) => self.drop2(self.drop2(self.fc2(h)))
# wrong: too much dropout
# ~ self.drop1(self.gelu(self.fc1(x))) => self.drop1(self.drop1(self.gelu(self.fc1(x))))

# wrong: dropout before the first layer
# > What goes into the first layer is dropped, too. Dropout acts after the GELU and at the end.
# ~ self.fc1(x) => self.fc1(self.drop1(x))

# wrong: dropout is on by default
# > By default, nothing should be dropped: `dropout=0.0` in the first line of `__init__`.
# ~ dropout=0.0 => dropout=0.1

# wrong: dropout before the GELU
# > The first dropout comes after the GELU: what it keeps is scaled up, and the GELU of twice a
# > number is not twice its GELU.
# ~ self.drop1(self.gelu(self.fc1(x))) => self.gelu(self.drop1(self.fc1(x)))

# right: dropout as a function
# > A function does not know whether the model is in training: it has to be told.
class MLP(nn.Module):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)
        self.p = dropout

    def forward(self, x):
        h = F.dropout(F.gelu(self.fc1(x)), self.p, training=self.training)
        return F.dropout(self.fc2(h), p=self.p, training=self.training)

# wrong: dropout active in eval mode
# > `F.dropout(x, p)` drops even in eval mode, because `training=True` is its default. Use
# > `nn.Dropout`, or pass `training=self.training`.
# ~ F.gelu(self.fc1(x)), self.p, training=self.training => F.gelu(self.fc1(x)), self.p
# ~ self.fc2(h), p=self.p, training=self.training => self.fc2(h), self.p
# wrong: dropout active in eval mode
# ~ F.gelu(self.fc1(x)), self.p, training=self.training => F.gelu(self.fc1(x)), self.p
# ~ F.dropout(self.fc2(h), p=self.p, training=self.training) => self.fc2(h)
# wrong: dropout active in eval mode
# ~ F.dropout(F.gelu(self.fc1(x)), self.p, training=self.training) => F.gelu(self.fc1(x))
# ~ self.fc2(h), p=self.p, training=self.training => self.fc2(h), self.p

# right: one Sequential
# > No `forward` at all: the class inherits it. The layers have numbers in place of names, then.
class MLP(nn.Sequential):
    def __init__(self, embed_dim, hidden_dim, dropout=0.0):
        drop = nn.Dropout(dropout)
        fc1, fc2 = nn.Linear(embed_dim, hidden_dim), nn.Linear(hidden_dim, embed_dim)
        super().__init__(fc1, nn.GELU(), drop, fc2, drop)

# wrong: dropout is not the argument
# > Half is dropped, whatever `dropout` is: `nn.Dropout()` without a number does that. Pass it
# > `dropout`.
# ~ nn.Dropout(dropout) => nn.Dropout()
# wrong: dropout is not the argument
# > You drop 10 per cent, whatever `dropout` is. Pass `dropout` to `nn.Dropout`.
# ~ nn.Dropout(dropout) => nn.Dropout(0.1)
