# right: the hidden layer in a Sequential, or nothing
class PaperHead(nn.Module):
    def __init__(self, embed_dim, num_classes, representation_size=None):
        super().__init__()
        self.hidden, size = nn.Identity(), embed_dim
        if representation_size is not None:
            size = representation_size
            self.hidden = nn.Sequential(nn.Linear(embed_dim, size), nn.Tanh())
        self.linear = nn.Linear(size, num_classes)

    def forward(self, tokens):
        return self.linear(self.hidden(tokens[:, 0]))

# wrong: GELU in place of tanh
# > The paper's code has a tanh behind the hidden layer of the head. GELU belongs to the MLPs of the
# > blocks.
# ~ nn.Tanh() => nn.GELU()
# wrong: GELU in place of tanh
# ~ nn.Tanh() => nn.GELU(approximate='tanh')

# wrong: ReLU in place of tanh
# > Your hidden layer gives what ReLU gives. The paper's code has a tanh there.
# ~ nn.Tanh() => nn.ReLU()

# wrong: sigmoid in place of tanh
# > Your hidden layer gives numbers from 0 to 1, as a sigmoid does. A tanh gives numbers from -1 to
# > 1.
# ~ nn.Tanh() => nn.Sigmoid()

# wrong: no tanh behind the hidden layer
# > With a hidden layer your head is still linear: two linear layers in a row can do no more than
# > one. Put a tanh between them.
# ~ , nn.Tanh()) => )
# wrong: no tanh behind the hidden layer
# ~ nn.Tanh() => nn.Identity()

# wrong: tanh before the hidden layer
# > The tanh comes behind the hidden layer, not before it.
# ~ nn.Sequential(nn.Linear(embed_dim, size), nn.Tanh()) => nn.Sequential(nn.Tanh(), nn.Linear(embed_dim, size))

# wrong: tanh on both sides of the hidden layer
# > One tanh, behind the hidden layer. The class token enters it as it is.
# ~ nn.Sequential(nn.Linear(embed_dim, size), nn.Tanh()) => nn.Sequential(nn.Tanh(), nn.Linear(embed_dim, size), nn.Tanh())

# wrong: tanh after the scores
# > The scores are the last layer's output: nothing follows it. The tanh stands between the two
# > layers.
# ~ , nn.Tanh()) => )
# ~ return self.linear(self.hidden(tokens[:, 0])) => return torch.tanh(self.linear(self.hidden(tokens[:, 0])))
# wrong: tanh after the scores
# ~ return self.linear(self.hidden(tokens[:, 0])) => return torch.tanh(self.linear(self.hidden(tokens[:, 0])))

# wrong: tanh in the linear form
# > Without representation_size the head is one linear layer: no tanh.
# ~ nn.Identity() => nn.Tanh()

# wrong: always a hidden layer
# > Without representation_size there is no hidden layer: the head is one linear layer, as in
# > exercise 6.1.
# ~ nn.Identity(), embed_dim => nn.Sequential(nn.Linear(embed_dim, embed_dim), nn.Tanh()), embed_dim

# wrong: never a hidden layer
# > With representation_size your head is still one linear layer from the class token to the scores.
# > Put the hidden layer and its tanh before it.
# ~ if representation_size is not None => if False

# wrong: the hidden layer has D numbers
# > The hidden layer has representation_size numbers, whatever D is.
# ~ size = representation_size => size = embed_dim

# wrong: the tanh without its layer
# > With representation_size you have the tanh, but not the hidden layer before it.
# ~ size = representation_size => pass
# ~ nn.Sequential(nn.Linear(embed_dim, size), nn.Tanh()) => nn.Tanh()

# wrong: a hidden layer that is never used
# > The linear form has a hidden layer that no score depends on. Make it only if representation_size
# > is given.
# ~ self.hidden, size = nn.Identity(), embed_dim => self.hidden, size = nn.Identity(), embed_dim; self.spare = nn.Linear(embed_dim, 7)

# wrong: the hidden layer has no bias
# > Every linear layer of the head has a bias; the hidden layer's is missing.
# ~ nn.Linear(embed_dim, size) => nn.Linear(embed_dim, size, bias=False)

# wrong: the last layer has no bias
# > Every linear layer of the head has a bias; the last one's is missing.
# ~ nn.Linear(size, num_classes) => nn.Linear(size, num_classes, bias=False)

# wrong: softmax in the head
# > Leave softmax out: `F.cross_entropy` applies it itself. The head returns logits.
# ~ return self.linear(self.hidden(tokens[:, 0])) => return self.linear(self.hidden(tokens[:, 0])).softmax(-1)

# wrong: the mean is read
# > Your scores depend on the patches. Read the class token alone, `tokens[:, 0]`.
# ~ tokens[:, 0] => tokens.mean(1)
# wrong: the mean is read
# ~ tokens[:, 0] => tokens[:, 1:].mean(1)

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

# wrong: a norm in the head
# > The encoder already ends with a norm. Another one here is one too many.
# ~ nn.Linear(size, num_classes) => nn.Sequential(nn.LayerNorm(size), nn.Linear(size, num_classes))
# wrong: a norm in the head
# ~ nn.Sequential(nn.Linear(embed_dim, size) => nn.Sequential(nn.LayerNorm(embed_dim), nn.Linear(embed_dim, size)
# wrong: a norm in the head
# ~ tokens[:, 0] => F.layer_norm(tokens[:, 0], tokens.shape[2:])

# wrong: dropout in the head
# > The same tokens give different scores each time. The head has no dropout.
# ~ tokens[:, 0] => F.dropout(tokens[:, 0], 0.5)
# wrong: dropout in the head
# ~ nn.Tanh()) => nn.Tanh(), nn.Dropout(0.5))
# wrong: dropout in the head
# ~ nn.Tanh()) => nn.Tanh(), nn.Dropout(0.1))

# wrong: the encoder gets no gradient
# > The weights learn, but no gradient reaches the tokens, and so nothing before the head learns.
# > Leave out `detach()` and whatever else cuts the tokens off.
# ~ tokens[:, 0] => tokens[:, 0].detach()

# wrong: the class token skips the hidden layer
# > With a hidden layer, the scores still get something from the class token directly. There is no
# > shortcut around the hidden layer.
# ~ self.linear = nn.Linear(size, num_classes) => self.linear = nn.Linear(size, num_classes); self.skip = nn.Linear(embed_dim, num_classes) if representation_size else None
# ~ return self.linear(self.hidden(tokens[:, 0])) => scores = self.linear(self.hidden(tokens[:, 0])); return scores if self.skip is None else scores + self.skip(tokens[:, 0])

# wrong: the hidden layer is in a plain list
# > A Python list hides its layers: `parameters()` does not find the hidden layer, and nothing
# > trains it.
# ~ self.hidden = nn.Sequential(nn.Linear(embed_dim, size), nn.Tanh()) => self.layers = [nn.Linear(embed_dim, size)]; self.hidden = lambda x: torch.tanh(self.layers[0](x))
# ~ self.hidden, size = nn.Identity(), embed_dim => self.hidden, size = (lambda x: x), embed_dim
