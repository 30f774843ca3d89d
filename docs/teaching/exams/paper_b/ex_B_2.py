# stub: as handed out
class StripEmbedding(nn.Module):
    def __init__(self, frequencies, width, most, embed_dim):
        super().__init__()
        raise NotImplementedError("exercise B.2")


# right: step by step
class StripEmbedding(nn.Module):
    def __init__(self, frequencies, width, most, embed_dim):
        super().__init__()
        self.width = width
        self.most = most
        self.proj = nn.Linear(frequencies * width, embed_dim)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, most + 1, embed_dim))

    def forward(self, spectrograms):
        n = spectrograms.shape[2] // self.width
        if n > self.most:
            raise ValueError("too long")
        tokens = rearrange(spectrograms[:, :, : n * self.width], "b f (n w) -> b n (f w)", n=n)
        tokens = self.proj(tokens)
        cls = self.cls_token.expand(len(tokens), -1, -1)
        tokens = torch.cat([cls, tokens], dim=1)
        return tokens + self.pos_embed[:, : n + 1]


# wrong: positions before the class token
# > The class token gets no position in yours, and each strip gets that of its neighbour. Put it in
# > front first, then add the positions.
# ~ tokens = self.proj(tokens) => tokens = self.proj(tokens) + self.pos_embed[:, :n]
# ~ return tokens + self.pos_embed[:, : n + 1] => return tokens

# wrong: CLS gets no position
# > The class token gets no position in yours. Row 0 of the table belongs to it.
# ~ return tokens + self.pos_embed[:, : n + 1] => return torch.cat([tokens[:, :1], tokens[:, 1:] + self.pos_embed[:, 1 : n + 1]], 1)

# wrong: the last positions are used
# > A short recording begins at the beginning: it gets the first rows of the table. Yours gets the last.
# ~ self.pos_embed[:, : n + 1] => self.pos_embed[:, -(n + 1) :]

# wrong: one position for all
# > In yours, every token gets the same position.
# ~ self.pos_embed[:, : n + 1] => self.pos_embed[:, :1]

# wrong: no positions
# > No positions are added in yours.
# ~ return tokens + self.pos_embed[:, : n + 1] => return tokens

# wrong: appended, not prepended
# > Your class token comes last. It should be token 0.
# ~ [cls, tokens], dim=1 => [tokens, cls], dim=1

# wrong: no class token
# > The class token is missing in the result.
# ~ tokens = torch.cat([cls, tokens], dim=1) =>
# ~ self.pos_embed[:, : n + 1] => self.pos_embed[:, :n]

# wrong: the class token is a plain tensor
# > `cls_token` is not among the parameters: no optimiser would train it. Assign an nn.Parameter.
# ~ nn.Parameter(torch.zeros(1, 1, embed_dim)) => torch.zeros(1, 1, embed_dim)

# wrong: the positions are a plain tensor
# > `pos_embed` is not among the parameters: no optimiser would train it. Assign an nn.Parameter.
# ~ nn.Parameter(torch.zeros(1, most + 1, embed_dim)) => torch.zeros(1, most + 1, embed_dim)

# wrong: the table has no row for CLS
# > `pos_embed` needs one row more: `most` strips and the class token.
# ~ most + 1 => most

# wrong: no error for a recording that is too long
# > A recording with more strips than positions should raise a ValueError.
# ~ if n > self.most: => if False:
# ~ self.pos_embed[:, : n + 1] => torch.cat([self.pos_embed, self.pos_embed], 1)[:, : n + 1]

# wrong: too long by one already
# > A recording of exactly `most` strips is allowed.
# ~ n > self.most => n >= self.most

# wrong: moments before frequencies
# > Inside a strip, the moments of the first frequency come first, as in task B.1.
# ~ b n (f w) => b n (w f)

# wrong: the class token is cut off from learning
# > No gradient reaches `cls_token`: no `detach`, no `.data`.
# ~ self.cls_token.expand => self.cls_token.detach().expand

# wrong: the positions are cut off from learning
# > No gradient reaches `pos_embed`: no `detach`, no `.data`.
# ~ self.pos_embed[:, : n + 1] => self.pos_embed.detach()[:, : n + 1]


# right: with unfold
class StripEmbedding(nn.Module):
    def __init__(self, frequencies, width, most, embed_dim):
        super().__init__()
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim) * 0.02)
        self.pos_embed = nn.Parameter(torch.randn(1, most + 1, embed_dim) * 0.02)
        self.proj = nn.Linear(frequencies * width, embed_dim)
        self.width = width

    def forward(self, spectrograms):
        strips = spectrograms.unfold(2, self.width, self.width).transpose(1, 2).flatten(2)
        count = strips.shape[1] + 1
        if count > self.pos_embed.shape[1]:
            raise ValueError(f"{count - 1} strips are too many")
        x = torch.cat([self.cls_token.repeat(len(strips), 1, 1), self.proj(strips)], dim=1)
        return x + self.pos_embed[:, :count]


# right: strip by strip
class StripEmbedding(nn.Module):
    def __init__(self, frequencies, width, most, embed_dim):
        super().__init__()
        self.proj = nn.Linear(frequencies * width, embed_dim)
        self.pos_embed = nn.Parameter(torch.empty(1, most + 1, embed_dim).normal_(std=0.02))
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
        self.size = frequencies, width, most

    def forward(self, spectrograms):
        frequencies, width, most = self.size
        n = spectrograms.shape[2] // width
        if not n <= most:
            raise ValueError(f"at most {most} strips")
        places = [self.cls_token[:, 0].expand(len(spectrograms), -1) + self.pos_embed[:, 0]]
        for i in range(n):
            strip = spectrograms[:, :, i * width : (i + 1) * width].flatten(1)
            places.append(self.proj(strip) + self.pos_embed[:, i + 1])
        return torch.stack(places, 1)
