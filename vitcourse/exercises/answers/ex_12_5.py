# right: three layers
class SwiGLU(nn.Module):
    def __init__(self, embed_dim, hidden_dim):
        super().__init__()
        self.gate = nn.Linear(embed_dim, hidden_dim)
        self.fc1 = nn.Linear(embed_dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, embed_dim)

    def forward(self, x):
        gate, value = self.gate(x), self.fc1(x)
        hidden = F.silu(gate) * value
        return self.fc2(hidden)

# wrong: gate and value exchanged
# > You send what `fc1` gives through SiLU, and not what `gate` gives. The file's numbers belong to the
# > other way round.
# ~ F.silu(gate) * value => gate * F.silu(value)

# wrong: sigmoid instead of SiLU
# > Your gate is a sigmoid, as in GLU. SiLU multiplies it by its input: x * sigmoid(x).
# ~ F.silu(gate) => gate.sigmoid()

# wrong: GELU instead of SiLU
# > Your gate is a GELU, as in GEGLU. SwiGLU has SiLU: x * sigmoid(x).
# ~ F.silu(gate) => F.gelu(gate)

# wrong: ReLU instead of SiLU
# > Your gate is a ReLU, as in ReGLU. SwiGLU has SiLU: x * sigmoid(x).
# ~ F.silu(gate) => F.relu(gate)

# wrong: tanh instead of SiLU
# > Your gate is a tanh. SwiGLU has SiLU: x * sigmoid(x).
# ~ F.silu(gate) => torch.tanh(gate)

# wrong: softmax instead of SiLU
# > Your gate is a softmax: the hidden numbers compete for 1. SiLU looks at each by itself.
# ~ F.silu(gate) => gate.softmax(dim=-1)

# wrong: a layer instead of its result
# > You multiply a layer, not what it gives. `nn.SiLU()` makes a layer: call it, `nn.SiLU()(x)`, or
# > write `F.silu(x)`.
# ~ F.silu(gate) => nn.SiLU(gate)

# wrong: no activation
# > You multiply what `gate` and `fc1` give, without SiLU.
# ~ F.silu(gate) * value => gate * value

# wrong: SiLU on both
# > What `fc1` gives goes through SiLU, too. Only the gate does.
# ~ F.silu(gate) * value => F.silu(gate) * F.silu(value)

# wrong: SiLU on the product
# > You take SiLU of the product. It acts on the gate, before the two meet.
# ~ F.silu(gate) * value => F.silu(gate * value)

# wrong: SiLU before the gate's layer
# > SiLU acts on x, in front of `gate`. It acts on what `gate` gives.
# ~ F.silu(gate) * value => self.gate(F.silu(x)) * value

# wrong: added instead of multiplied
# > You add the two. The gate multiplies.
# ~ F.silu(gate) * value => F.silu(gate) + value

# wrong: the gate alone
# > `fc1` is not used: multiply by what it gives.
# ~ F.silu(gate) * value => F.silu(gate)

# wrong: the value alone
# > The gate is not used: multiply by SiLU of what `gate` gives.
# ~ F.silu(gate) * value => value

# wrong: an ordinary MLP
# > This is an MLP with SiLU and without a gate. Multiply by SiLU of what `gate` gives.
# ~ F.silu(gate) * value => F.silu(value)

# wrong: the gate's square
# > You multiply the gate by itself. The other factor is what `fc1` gives.
# ~ F.silu(gate) * value => F.silu(gate) * gate

# wrong: an activation at the end
# > There is an activation after `fc2`. What an MLP adds to a token may have any sign.
# ~ return self.fc2(hidden) => return F.silu(self.fc2(hidden))
# wrong: an activation at the end
# ~ return self.fc2(hidden) => return F.gelu(self.fc2(hidden))
# wrong: an activation at the end
# ~ return self.fc2(hidden) => return F.relu(self.fc2(hidden))

# wrong: a shortcut inside
# > You add x to the result. That is the block's work.
# ~ return self.fc2(hidden) => return x + self.fc2(hidden)

# wrong: fc2 is missing
# > Your result has hidden_dim numbers: `fc2` brings them back to embed_dim.
# ~ return self.fc2(hidden) => return hidden

# wrong: the gate has no bias
# > `gate` lacks its bias.
# ~ self.gate = nn.Linear(embed_dim, hidden_dim) => self.gate = nn.Linear(embed_dim, hidden_dim, bias=False)

# wrong: no biases
# > Your layers lack their biases. PyTorch's default is the right one here.
# ~ self.gate = nn.Linear(embed_dim, hidden_dim) => self.gate = nn.Linear(embed_dim, hidden_dim, bias=False)
# ~ self.fc1 = nn.Linear(embed_dim, hidden_dim) => self.fc1 = nn.Linear(embed_dim, hidden_dim, bias=False)
# ~ self.fc2 = nn.Linear(hidden_dim, embed_dim) => self.fc2 = nn.Linear(hidden_dim, embed_dim, bias=False)

# wrong: fc2 has no bias
# > `fc2` lacks its bias.
# ~ self.fc2 = nn.Linear(hidden_dim, embed_dim) => self.fc2 = nn.Linear(hidden_dim, embed_dim, bias=False)

# wrong: fc1 has no bias
# > `fc1` lacks its bias.
# ~ self.fc1 = nn.Linear(embed_dim, hidden_dim) => self.fc1 = nn.Linear(embed_dim, hidden_dim, bias=False)

# wrong: two thirds of hidden_dim
# > Your hidden layers have two thirds of `hidden_dim` numbers, as when a SwiGLU replaces an MLP of equal
# > size. Here `hidden_dim` is the size itself.
# ~ super().__init__() => super().__init__(); hidden_dim = int(2 * hidden_dim / 3)

# wrong: one layer for gate and value
# > Gate and value are one layer of twice the width. The text asks for two: `gate` and `fc1`.
# ~ self.gate = nn.Linear(embed_dim, hidden_dim) =>
# ~ self.fc1 = nn.Linear(embed_dim, hidden_dim) => self.w12 = nn.Linear(embed_dim, 2 * hidden_dim)
# ~ self.gate(x), self.fc1(x) => self.w12(x).chunk(2, dim=-1)

# wrong: the names of Llama's code
# > These are the right layers under other names. Files of weights go by names: `gate`, `fc1`, `fc2`.
# ~ self.gate = nn.Linear => self.w1 = nn.Linear
# ~ self.fc1 = nn.Linear => self.w3 = nn.Linear
# ~ self.fc2 = nn.Linear => self.w2 = nn.Linear
# ~ self.gate(x), self.fc1(x) => self.w1(x), self.w3(x)
# ~ self.fc2(hidden) => self.w2(hidden)

# wrong: the gate is cut off
# > No gradient reaches the gate, so it never learns: take out `detach()` or `no_grad`.
# ~ F.silu(gate) => F.silu(gate.detach())

# wrong: `super().__init__()` is missing
# > nn.Module prepares itself in `super().__init__()`: call it at the start of `__init__`.
# ~ super().__init__() =>

# wrong: dropout
# > Your layer drops numbers in training mode. Nobody asked for dropout here.
# ~ hidden = F.silu(gate) * value => hidden = F.dropout(F.silu(gate) * value, 0.1, self.training)
