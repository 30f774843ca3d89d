# right: token 0 through a Linear
class ClassificationHead(nn.Module):
    def __init__(self, embed_dim, num_classes):
        super().__init__()
        self.linear = nn.Linear(embed_dim, num_classes)

    def forward(self, tokens):
        return self.linear(tokens[:, 0])

# wrong: softmax in the head
# > Leave softmax out: `F.cross_entropy` applies it itself, and twice is once too often. The head
# > returns scores, called logits.
# ~ self.linear(tokens[:, 0]) => self.linear(tokens[:, 0]).softmax(-1)
# wrong: softmax in the head
# ~ self.linear(tokens[:, 0]) => self.linear(tokens[:, 0]).log_softmax(-1)

# wrong: softmax over the batch
# > The scores of each class add up to 1 over the images: a softmax over axis 0. Leave it out
# > altogether: the loss applies it.
# ~ self.linear(tokens[:, 0]) => self.linear(tokens[:, 0]).softmax(0)

# wrong: the mean is read
# > Your scores depend on the patches. Read the class token alone, `tokens[:, 0]`: attention has
# > already brought it what it needs.
# ~ tokens[:, 0] => tokens.mean(1)
# wrong: the mean is read
# ~ tokens[:, 0] => tokens[:, 1:].mean(1)

# wrong: the largest values are read
# > Your scores depend on the patches. Read the class token alone, `tokens[:, 0]`: attention has
# > already brought it what it needs.
# ~ tokens[:, 0] => tokens.amax(1)
# wrong: the largest values are read
# ~ tokens[:, 0] => tokens[:, 1:].amax(1)

# wrong: the patches are read, too
# > Your scores depend on the patches. Read the class token alone, `tokens[:, 0]`: attention has
# > already brought it what it needs.
# ~ tokens[:, 0] => tokens.sum(1)
# wrong: the patches are read, too
# ~ tokens[:, 0] => tokens[:, 0] + tokens[:, 1:].mean(1)
# wrong: the patches are read, too
# ~ self.linear(tokens[:, 0]) => self.linear(tokens).amax(1)
# wrong: the patches are read, too
# ~ self.linear(tokens[:, 0]) => self.linear(tokens).softmax(1)[:, 0]

# wrong: the last token is read
# > You read the last patch. The class token comes first: `tokens[:, 0]`.
# ~ tokens[:, 0] => tokens[:, -1]

# wrong: the first patch is read
# > You read token 1, the first patch. The class token is token 0.
# ~ tokens[:, 0] => tokens[:, 1]

# wrong: every token gets scores
# > Your result has scores for each token. Pick the class token first: `tokens[:, 0]`.
# ~ tokens[:, 0] => tokens

# wrong: one axis too many
# > There is one axis too many, of length 1: `tokens[:, :1]` keeps it. `tokens[:, 0]` drops it.
# ~ tokens[:, 0] => tokens[:, :1]

# wrong: the first image, not the first token
# > `tokens[0]` is the first image of the batch. Tokens are counted along axis 1.
# ~ tokens[:, 0] => tokens[0]

# wrong: the winner, not the scores
# > You returned the winning class. The loss needs the scores of all classes.
# ~ self.linear(tokens[:, 0]) => self.linear(tokens[:, 0]).argmax(-1)

# wrong: a norm in the head
# > The encoder already ends with a norm. Another one here is one too many.
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.LayerNorm(embed_dim), nn.Linear(embed_dim, num_classes))
# wrong: a norm in the head
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.LayerNorm(embed_dim, eps=1e-6), nn.Linear(embed_dim, num_classes))
# wrong: a norm in the head
# ~ tokens[:, 0] => F.layer_norm(tokens[:, 0], tokens.shape[2:])

# wrong: a norm in the head
# ~ tokens[:, 0] => F.normalize(tokens[:, 0], dim=-1)

# wrong: a batch norm in the head
# > The scores of one image depend on the other images in its batch. No norm of any kind is needed
# > here.
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.BatchNorm1d(embed_dim), nn.Linear(embed_dim, num_classes))

# wrong: an activation after the scores
# > The head is one Linear layer and nothing else, no activation. The encoder has done the thinking.
# ~ self.linear(tokens[:, 0]) => self.linear(tokens[:, 0]).sigmoid()
# wrong: an activation after the scores
# ~ self.linear(tokens[:, 0]) => self.linear(tokens[:, 0]).relu()
# wrong: an activation after the scores
# ~ self.linear(tokens[:, 0]) => self.linear(tokens[:, 0]).tanh()
# wrong: an activation after the scores
# ~ self.linear(tokens[:, 0]) => F.gelu(self.linear(tokens[:, 0]))

# wrong: two layers instead of one
# > The head is one Linear layer and nothing else, no activation. The encoder has done the thinking.
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Linear(embed_dim, embed_dim), nn.Tanh(), nn.Linear(embed_dim, num_classes))
# wrong: two layers instead of one
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Linear(embed_dim, embed_dim), nn.GELU(), nn.Linear(embed_dim, num_classes))
# wrong: two layers instead of one
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Linear(embed_dim, embed_dim), nn.ReLU(), nn.Linear(embed_dim, num_classes))
# wrong: two layers instead of one
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Linear(embed_dim, embed_dim), nn.Linear(embed_dim, num_classes))
# wrong: two layers instead of one
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Linear(embed_dim, 2 * embed_dim), nn.GELU(), nn.Linear(2 * embed_dim, num_classes))
# wrong: two layers instead of one
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Linear(embed_dim, 2 * embed_dim), nn.ReLU(), nn.Linear(2 * embed_dim, num_classes))
# wrong: two layers instead of one
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Linear(embed_dim, 4 * embed_dim), nn.GELU(), nn.Linear(4 * embed_dim, num_classes))
# wrong: two layers instead of one
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Linear(embed_dim, 4 * embed_dim), nn.ReLU(), nn.Linear(4 * embed_dim, num_classes))

# wrong: the bias is missing
# > Published heads have a bias, one number for each class: leave out `bias=False`.
# ~ nn.Linear(embed_dim, num_classes) => nn.Linear(embed_dim, num_classes, bias=False)

# wrong: dropout in the head
# > The same tokens give different scores each time. The head has no dropout.
# ~ tokens[:, 0] => F.dropout(tokens[:, 0], 0.5)
# wrong: dropout in the head
# ~ tokens[:, 0] => F.dropout(tokens[:, 0], 0.2)
# wrong: dropout in the head
# ~ tokens[:, 0] => F.dropout(tokens[:, 0], 0.1)
# wrong: dropout in the head
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Dropout(0.1), nn.Linear(embed_dim, num_classes))
# wrong: dropout in the head
# ~ nn.Linear(embed_dim, num_classes) => nn.Sequential(nn.Dropout(0.5), nn.Linear(embed_dim, num_classes))

# wrong: the encoder gets no gradient
# > The weights learn, but no gradient reaches the tokens, and so nothing before the head learns.
# > Leave out `detach()` and whatever else cuts the tokens off.
# ~ tokens[:, 0] => tokens[:, 0].detach()

# wrong: `super().__init__()` is missing
# > Begin `__init__` with `super().__init__()`. It prepares the module to hold layers.
# ~ super().__init__() =>

# wrong: the weights do not learn
# > `parameters()` must list the weights, and gradients must reach them: make an `nn.Linear` in
# > `__init__`, and do not switch gradients off.
# ~ self.linear = nn.Linear(embed_dim, num_classes) => self.weight = torch.randn(embed_dim, num_classes)
# ~ self.linear(tokens[:, 0]) => tokens[:, 0] @ self.weight
# wrong: the weights do not learn
# ~ return self.linear(tokens[:, 0]) => with torch.no_grad(): return self.linear(tokens[:, 0])

# wrong: the layer is in a plain list
# > A Python list hides its layers: `parameters()` does not find them, and nothing trains them.
# ~ self.linear = nn.Linear(embed_dim, num_classes) => self.layers = [nn.Linear(embed_dim, num_classes)]
# ~ self.linear(tokens[:, 0]) => self.layers[0](tokens[:, 0])

# wrong: a layer that is never used
# > There are numbers in your ClassificationHead that no result depends on: take the unused layer
# > out.
# ~ super().__init__() => super().__init__(); self.norm = nn.LayerNorm(embed_dim)

# wrong: the layer is made again in every call
# > A layer made in `forward` starts from new random numbers each time and never learns.
# ~ self.linear = nn.Linear(embed_dim, num_classes) => self.sizes = embed_dim, num_classes
# ~ self.linear(tokens[:, 0]) => nn.Linear(*self.sizes)(tokens[:, 0])
