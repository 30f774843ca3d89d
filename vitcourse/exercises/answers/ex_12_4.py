# right: expand and cat
class Registers(nn.Module):
    def __init__(self, embed_dim, num_registers):
        super().__init__()
        self.registers = nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim))

    def insert(self, tokens):
        registers = self.registers.expand(len(tokens), -1, -1)
        return torch.cat([tokens[:, :1], registers, tokens[:, 1:]], dim=1)

    def take_out(self, tokens):
        num_registers = self.registers.shape[1]
        return torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1)

# wrong: the class token behind the registers
# > Your registers come first, and the class token behind them. Everybody reads the class token at
# > index 0: it stays in front.
# ~ torch.cat([tokens[:, :1], registers, tokens[:, 1:]], dim=1) => torch.cat([registers, tokens], dim=1)
# wrong: the class token behind the registers
# ~ torch.cat([tokens[:, :1], registers, tokens[:, 1:]], dim=1) => torch.cat([registers, tokens], dim=1)
# ~ torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1) => tokens[:, num_registers:]

# wrong: registers at the end
# > Your registers come last. They stand right behind the class token, in front of the patches.
# ~ torch.cat([tokens[:, :1], registers, tokens[:, 1:]], dim=1) => torch.cat([tokens, registers], dim=1)
# wrong: registers at the end
# ~ torch.cat([tokens[:, :1], registers, tokens[:, 1:]], dim=1) => torch.cat([tokens, registers], dim=1)
# ~ torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1) => tokens[:, :-num_registers]

# wrong: the class token is lost
# > The class token is gone: it comes in front of the registers.
# ~ [tokens[:, :1], registers, tokens[:, 1:]] => [registers, tokens[:, 1:]]

# wrong: the class token is there twice
# > The class token is there twice, before the registers and behind them: the patches are tokens[:, 1:].
# ~ [tokens[:, :1], registers, tokens[:, 1:]] => [tokens[:, :1], registers, tokens]

# wrong: registers after the first patch
# > Your registers come one place too late: a patch stands between the class token and them.
# ~ [tokens[:, :1], registers, tokens[:, 1:]] => [tokens[:, :2], registers, tokens[:, 2:]]

# wrong: registers replace patches
# > Your registers take the place of patches. All patches stay, further back.
# ~ [tokens[:, :1], registers, tokens[:, 1:]] => [tokens[:, :1], registers, tokens[:, 1 + self.registers.shape[1] :]]

# wrong: nothing is put in
# > `insert` gives back the tokens as they were.
# ~ torch.cat([tokens[:, :1], registers, tokens[:, 1:]], dim=1) => tokens.clone()

# wrong: registers added to the tokens
# > You add the registers to tokens. They are tokens of their own, beside the others.
# ~ torch.cat([tokens[:, :1], registers, tokens[:, 1:]], dim=1) => tokens + registers.mean(1, keepdim=True)

# wrong: the first register only
# > You put in the first register R times. They are R different tokens.
# ~ self.registers.expand(len(tokens), -1, -1) => self.registers[:, :1].expand(len(tokens), self.registers.shape[1], -1)

# wrong: one register is put in
# > Only one register is put in. All `num_registers` go into each image.
# ~ self.registers.expand(len(tokens), -1, -1) => self.registers[:, :1].expand(len(tokens), -1, -1)

# wrong: one copy for all images
# > There is one copy of the registers, and each image needs its own: `expand` them to (B, R, D) before
# > you join.
# ~ self.registers.expand(len(tokens), -1, -1) => self.registers

# wrong: the class token has lost its axis
# > A tensor with two axes cannot be joined to one with three. `tokens[:, 0]` is (B, D); `tokens[:, :1]`
# > is (B, 1, D).
# ~ [tokens[:, :1], registers, tokens[:, 1:]] => [tokens[:, 0], registers, tokens[:, 1:]]

# wrong: joined along the batch
# > Join along the axis of the tokens, dim=1.
# ~ registers, tokens[:, 1:]], dim=1) => registers, tokens[:, 1:]], dim=0)

# wrong: in the reverse order
# > The registers are put in from the last to the first.
# ~ self.registers.expand(len(tokens), -1, -1) => self.registers.flip(1).expand(len(tokens), -1, -1)

# wrong: they do not learn
# > No gradient comes back to the registers, so they never learn: take out `detach()`, `.data` or
# > `no_grad`.
# ~ self.registers.expand(len(tokens), -1, -1) => self.registers.detach().expand(len(tokens), -1, -1)
# wrong: they do not learn
# ~ self.registers.expand(len(tokens), -1, -1) => self.registers.data.expand(len(tokens), -1, -1)

# wrong: they all start alike
# > Your registers all start from the same numbers. Then their gradients are the same, too, and they
# > stay alike forever. Start from small random numbers: `0.02 * torch.randn(...)`.
# ~ 0.02 * torch.randn(1, num_registers, embed_dim) => torch.zeros(1, num_registers, embed_dim)
# wrong: they all start alike
# ~ 0.02 * torch.randn(1, num_registers, embed_dim) => torch.ones(1, num_registers, embed_dim)
# wrong: they all start alike
# ~ 0.02 * torch.randn(1, num_registers, embed_dim) => 0.02 * torch.randn(1, 1, embed_dim).repeat(1, num_registers, 1)

# wrong: one number for all channels
# > Each of your registers starts with one number in all its channels. Draw a number for each channel:
# > `0.02 * torch.randn(1, num_registers, embed_dim)`.
# ~ 0.02 * torch.randn(1, num_registers, embed_dim) => 0.02 * torch.randn(1, num_registers, 1).repeat(1, 1, embed_dim)

# wrong: the same numbers in every layer
# > Two layers made one after the other start from the same numbers, as after a fixed seed. Draw new
# > ones for each layer: seeds are set outside, by whoever trains.
# ~ super().__init__() => super().__init__(); torch.manual_seed(0)

# wrong: they start from large numbers
# > Your registers start from numbers that are not small, or not around 0. Start from
# > `0.02 * torch.randn(...)`.
# ~ 0.02 * torch.randn => torch.randn
# wrong: they start from large numbers
# ~ 0.02 * torch.randn => torch.rand

# wrong: a plain tensor
# > `parameters()` does not list it, so no optimiser trains it and `state_dict()` forgets it. Keep an
# > `nn.Parameter` on `self`.
# ~ nn.Parameter(0.02 * torch.randn(1, num_registers, embed_dim)) => 0.02 * torch.randn(1, num_registers, embed_dim)

# wrong: a frozen parameter
# > Your registers are a parameter that asks for no gradient: leave out `requires_grad=False`.
# ~ torch.randn(1, num_registers, embed_dim)) => torch.randn(1, num_registers, embed_dim), requires_grad=False)

# wrong: a class token too many
# > `registers` holds one token more than `num_registers`: the class token comes with the tokens.
# ~ torch.randn(1, num_registers, => torch.randn(1, num_registers + 1,

# wrong: registers and channels exchanged
# > `registers` is (1, embed_dim, num_registers). It should be (1, num_registers, embed_dim).
# ~ torch.randn(1, num_registers, embed_dim) => torch.randn(1, embed_dim, num_registers)
# wrong: registers and channels exchanged
# ~ embed_dim, num_registers): => num_registers, embed_dim):

# wrong: no axis in front
# > `registers` is (num_registers, embed_dim). The text asks for (1, num_registers, embed_dim).
# ~ torch.randn(1, num_registers, embed_dim) => torch.randn(num_registers, embed_dim)

# wrong: another name
# > There is a parameter, but not under the name `registers`.
# ~ self.registers = nn.Parameter => self.tokens = nn.Parameter
# ~ self.registers.expand => self.tokens.expand
# ~ num_registers = self.registers.shape[1] => num_registers = self.tokens.shape[1]

# wrong: `super().__init__()` is missing
# > nn.Module prepares itself in `super().__init__()`: call it at the start of `__init__`.
# ~ super().__init__() =>

# wrong: the first patch is taken out as well
# > One patch is missing after `take_out`. The class token and R registers come before the patches: they
# > begin at 1 + R.
# ~ 1 + num_registers : => 2 + num_registers :

# wrong: one register is left
# > One or two registers are still there after `take_out`. The patches begin at index 1 + R.
# ~ 1 + num_registers : => num_registers :

# wrong: the class token is taken out as well
# > After `take_out` the class token is gone. Only registers leave.
# ~ torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1) => tokens[:, 1 + num_registers :]

# wrong: the last tokens are taken out
# > `take_out` removes the last R tokens, which are patches. The registers are those behind the class
# > token.
# ~ torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1) => tokens[:, :-num_registers]

# wrong: the first tokens are taken out
# > `take_out` removes the first R tokens, the class token among them. It stays; registers come behind
# > it.
# ~ torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1) => tokens[:, num_registers:]

# wrong: nothing is taken out
# > `take_out` gives back all tokens.
# ~ torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1) => tokens.clone()

# wrong: the registers are returned
# > `take_out` returns what it should remove.
# ~ torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1) => tokens[:, 1 : 1 + num_registers]

# wrong: four registers are assumed
# > You count on four registers. Their number is `num_registers`.
# ~ num_registers = self.registers.shape[1] => num_registers = 4
# wrong: four registers are assumed
# ~ 0.02 * torch.randn(1, num_registers, embed_dim) => 0.02 * torch.randn(1, 4, embed_dim)

# wrong: the registers are zeroed
# > The registers' places are still there, with zeros in them: leave these tokens out.
# ~ torch.cat([tokens[:, :1], tokens[:, 1 + num_registers :]], dim=1) => torch.cat([tokens[:, :1], 0 * tokens[:, 1 : 1 + num_registers], tokens[:, 1 + num_registers :]], dim=1)
