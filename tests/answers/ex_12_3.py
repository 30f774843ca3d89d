# stub: as handed out
def qk_norm_scores(q, k, q_norm, k_norm):
    raise NotImplementedError("exercise 12.3")

# right: einsum
def qk_norm_scores(q, k, q_norm, k_norm):
    scores = torch.einsum("bhid,bhjd->bhij", q_norm(q), k_norm(k))
    return scores * q.shape[-1] ** -0.5

# right: queries divided first
def qk_norm_scores(q, k, q_norm, k_norm):
    B, h, N, d = q.shape
    q = q_norm(q) / math.sqrt(d)
    return torch.matmul(q, k_norm(k).mT)

# right: the root as a tensor
def qk_norm_scores(q, k, q_norm, k_norm):
    q, k = q_norm(q), k_norm(k)
    return q @ k.transpose(-2, -1) / torch.tensor(q.shape[-1]).sqrt()

# right: loop over heads
def qk_norm_scores(q, k, q_norm, k_norm):
    scale = k.size(-1) ** 0.5
    return torch.stack(
        [q_norm(q[:, i]) @ k_norm(k[:, i]).transpose(1, 2) / scale for i in range(q.shape[1])], dim=1
    )

# right: norms written out
def normed(x, norm):
    mean = x.mean(dim=-1, keepdim=True)
    var = (x - mean).square().mean(dim=-1, keepdim=True)
    return (x - mean) * torch.rsqrt(var + norm.eps) * norm.weight + norm.bias

def qk_norm_scores(q, k, q_norm, k_norm):
    return normed(q, q_norm) @ normed(k, k_norm).transpose(2, 3) / q.shape[3] ** 0.5

# right: F.layer_norm
def qk_norm_scores(q, k, q_norm, k_norm):
    d = (q.shape[-1],)
    q = F.layer_norm(q, d, q_norm.weight, q_norm.bias, q_norm.eps)
    k = F.layer_norm(k, d, k_norm.weight, k_norm.bias, k_norm.eps)
    return torch.matmul(q, k.permute(0, 1, 3, 2)).div(math.sqrt(d[0]))

# right: batches and heads as one axis
def qk_norm_scores(q, k, q_norm, k_norm):
    shape = q.shape[:2]
    q, k = q_norm(q).flatten(0, 1), k_norm(k).flatten(0, 1)
    return torch.bmm(q, k.transpose(1, 2)).unflatten(0, shape) / math.sqrt(q.shape[-1])

# right: products summed
def qk_norm_scores(q, k, q_norm, k_norm):
    q, k = q_norm(q)[:, :, :, None], k_norm(k)[:, :, None]
    return (q * k).sum(dim=-1) / math.sqrt(q.shape[-1])

# wrong: *
def qk_norm_scores(q, k, q_norm, k_norm):
    q_norm = nn.LayerNorm(q.shape[-1])
    return q_norm(q) @ k_norm(k).mT / math.sqrt(q.shape[-1])

# wrong: *
def qk_norm_scores(q, k, q_norm, k_norm):
    with torch.no_grad():
        return q_norm(q) @ k_norm(k).mT / math.sqrt(q.shape[-1])

# wrong: *
def qk_norm_scores(q, k, q_norm, k_norm):
    return q_norm(q) @ k_norm(k).mT / 8 ** 0.5

# wrong: it changes its input
def qk_norm_scores(q, k, q_norm, k_norm):
    q.copy_(q_norm(q))
    k.copy_(k_norm(k))
    return q @ k.mT / math.sqrt(q.shape[-1])

# wrong: it changes its input
def qk_norm_scores(q, k, q_norm, k_norm):
    k /= math.sqrt(k.shape[-1])
    return q_norm(q) @ k_norm(k).mT
