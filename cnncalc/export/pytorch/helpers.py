"""What PyTorch has no module for, written out: the source of each helper that generated code may need."""

from __future__ import annotations

from cnncalc.export.pytorch.scan_helpers import SCANS
from cnncalc.read.python.packages.written import MIXTURE

HELPERS: dict[str, str] = {
    "causal": '''
def causal(query, key):
    """True where a position of the query must not read one of the key: the later ones."""
    return torch.ones(query.shape[1], key.shape[1], dtype=torch.bool, device=query.device).triu(1)
''',
    "sinusoidal": '''
def sinusoidal(x):
    """Sines and cosines of the positions of [N, length, features]."""
    pairs = torch.arange((x.shape[2] + 1) // 2, dtype=torch.float64, device=x.device)
    steps = torch.arange(x.shape[1], dtype=torch.float64, device=x.device)
    angles = steps[:, None] / 10000.0 ** (2 * pairs / x.shape[2])
    return torch.stack((angles.sin(), angles.cos()), -1).flatten(1)[:, : x.shape[2]].to(x.dtype)
''',
    "Rotary": '''
class Rotary(nn.Module):
    """Pairs of features of each head turned by the angle of their position; x is [..., length, features]."""

    def __init__(self, size, base=10000.0, interleaved=True, turning=None, factor=1.0, original_length=None,
                 low_freq_factor=1.0, high_freq_factor=4.0):
        super().__init__()
        self.size, self.part, self.interleaved = size, turning or size, interleaved
        self.turning = self.part + self.part % 2
        self.base, self.factor, self.original_length = base, factor, original_length
        self.low, self.high = low_freq_factor, high_freq_factor

    def speeds(self, device):
        pairs = torch.arange(self.turning // 2, dtype=torch.float64, device=device)
        speeds = self.base ** (-2 * pairs / self.part)
        if self.original_length is None:
            return speeds / self.factor
        waves = self.original_length * speeds / (2 * torch.pi)
        kept = ((waves - self.low) / (self.high - self.low)).clamp(0, 1)  # short waves keep their angles
        return speeds * (kept + (1 - kept) / self.factor)

    def forward(self, x):
        steps = torch.arange(x.shape[-2], dtype=torch.float64, device=x.device)
        angles = steps[:, None] * self.speeds(x.device)
        sin, cos = angles.sin().to(x.dtype)[:, None], angles.cos().to(x.dtype)[:, None]
        heads = x.unflatten(-1, (-1, self.size))
        turned, rest = heads[..., : self.turning], heads[..., self.turning :]
        if self.interleaved:
            first, second = turned.unflatten(-1, (-1, 2)).unbind(-1)
            parts = torch.stack((first * cos - second * sin, second * cos + first * sin), -1).flatten(-2)
        else:
            first, second = turned.chunk(2, -1)
            parts = torch.cat((first * cos - second * sin, second * cos + first * sin), -1)
        return torch.cat((parts, rest), -1).flatten(-2)
''',
    "alibi": '''
def alibi(scores):
    """Scores [N, heads, L, S] minus the distance times the slope of each head."""
    heads = scores.shape[1]
    whole = 1 << (heads.bit_length() - 1)
    slopes = [2 ** (-8 * (at + 1) / whole) for at in range(whole)]
    slopes += [2 ** (-4 * (at + 1) / whole) for at in range(0, 2 * (heads - whole), 2)]
    apart = (torch.arange(scores.shape[3])[None] - torch.arange(scores.shape[2])[:, None]).abs()
    return scores - (torch.tensor(slopes, dtype=torch.float64)[:, None, None] * apart).to(scores)
''',
    "causal_mask": '''
def causal_mask(scores):
    """Scores [..., L, S] with minus infinity above the diagonal."""
    later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
    return scores.masked_fill(later, float("-inf"))
''',
    "window_mask": '''
def window_mask(query, key, window):
    """True where a query [..., L, E] reads a key [..., S, E]: so many positions up to itself."""
    ahead = torch.arange(key.shape[-2], device=key.device) - torch.arange(query.shape[-2], device=key.device)[:, None]
    return (ahead <= 0) & (ahead > -window)
''',
    "DropPath": '''
class DropPath(nn.Module):
    """Drop whole samples of a residual branch while training (the whole batch with mode="batch")."""

    def __init__(self, p, mode="row"):
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        count = x.shape[0] if self.mode == "row" else 1
        kept = (torch.rand(count, *[1] * (x.ndim - 1), device=x.device) >= self.p).to(x.dtype)
        return x * kept / (1 - self.p) if self.p < 1 else x * kept
''',
    "GatedFeedForward": '''
class GatedFeedForward(nn.Module):
    """down(function(gate x) * (up x))."""

    def __init__(self, features, hidden, out, function, bias=False):
        super().__init__()
        self.gate_proj = nn.Linear(features, hidden, bias=bias)
        self.up_proj = nn.Linear(features, hidden, bias=bias)
        self.down_proj = nn.Linear(hidden, out, bias=bias)
        self.function = function

    def forward(self, x):
        return self.down_proj(self.function(self.gate_proj(x)) * self.up_proj(x))
''',
    "MixtureOfExperts": MIXTURE,
    "LatentAttention": '''
class LatentAttention(nn.Module):
    """Keys and values of all heads are made from one latent vector of a position; a turned part of keys is shared."""

    def __init__(self, embed_dim, num_heads, kv_lora_rank, q_lora_rank, qk_nope_head_dim, qk_rope_head_dim, v_head_dim,
                 rope, bias=False, causal=True, eps=1e-6, scale=None, dropout=0.0):
        super().__init__()
        self.num_heads, self.rope, self.causal, self.dropout = num_heads, rope, causal, dropout
        self.sizes, self.low = (qk_nope_head_dim, qk_rope_head_dim), (kv_lora_rank, qk_rope_head_dim)
        self.made, self.scale = (qk_nope_head_dim, v_head_dim), None if scale is None else 1 / scale
        queries = num_heads * sum(self.sizes)
        if q_lora_rank is None:
            self.q_proj = nn.Linear(embed_dim, queries, bias=False)
        else:
            self.q_a_proj = nn.Linear(embed_dim, q_lora_rank, bias=bias)
            self.q_a_layernorm = nn.RMSNorm(q_lora_rank, eps=eps)
            self.q_b_proj = nn.Linear(q_lora_rank, queries, bias=False)
        self.kv_a_proj_with_mqa = nn.Linear(embed_dim, sum(self.low), bias=bias)
        self.kv_a_layernorm = nn.RMSNorm(kv_lora_rank, eps=eps)
        self.kv_b_proj = nn.Linear(kv_lora_rank, num_heads * sum(self.made), bias=False)
        self.o_proj = nn.Linear(num_heads * v_head_dim, embed_dim, bias=bias)

    def heads(self, x):
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def forward(self, x):
        if hasattr(self, "q_proj"):
            query = self.q_proj(x)
        else:
            query = self.q_b_proj(self.q_a_layernorm(self.q_a_proj(x)))
        still, turned = self.heads(query).split(self.sizes, -1)
        query = torch.cat((still, self.rope(turned)), -1)
        latent, shared = self.kv_a_proj_with_mqa(x).split(self.low, -1)
        still, value = self.heads(self.kv_b_proj(self.kv_a_layernorm(latent))).split(self.made, -1)
        key = torch.cat((still, self.rope(shared)[:, None].expand(-1, self.num_heads, -1, -1)), -1)
        dropout = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(query, key, value, dropout_p=dropout, is_causal=self.causal,
                                               scale=self.scale)
        return self.o_proj(mixed.transpose(1, 2).flatten(2))
''',
    "AttentionRNN": '''
class AttentionRNN(nn.Module):
    """h[t] is softmax attention over x[t] and the k states before (k=None: all, which share the second matrices)."""

    def __init__(self, size, k):
        super().__init__()
        self.k = k
        shape, bound = (2 if k is None else k + 1, size, size), size**-0.5
        self.Q = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.K = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.V = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))

    def project(self, matrices, slots):
        return torch.stack([slot @ matrices[min(i, len(matrices) - 1)].T for i, slot in enumerate(slots)], 1)

    def forward(self, x):
        steps = x.shape[1]
        past = [] if self.k is None else [torch.zeros_like(x[:, 0])] * self.k
        found = {"scores": [], "attention": [], "h": []}
        for t in range(steps):
            slots = [x[:, t], *past]
            scores = torch.einsum("nsd,nsd->ns", self.project(self.Q, slots), self.project(self.K, slots))
            attention = scores.softmax(1)
            h = torch.einsum("ns,nsd->nd", attention, self.project(self.V, slots))
            missing = steps - len(slots) if self.k is None else 0
            found["scores"].append(F.pad(scores, (0, missing)))
            found["attention"].append(F.pad(attention, (0, missing)))
            found["h"].append(h)
            past = [h, *past] if self.k is None else [h, *past][: self.k]
        return {name: torch.stack(values, 1) for name, values in found.items()}
''',
    **SCANS,
    "XIELU": '''
class XIELU(nn.Module):
    """a x^2 + beta x above 0, b (e^x - 1 - x) + beta x below; what a and b are the softplus of is trained."""

    def __init__(self, beta, eps):
        super().__init__()
        self.beta, self.eps = beta, eps
        self.alpha_p, self.alpha_n = (nn.Parameter(torch.tensor([value]).expm1().log()) for value in (0.8, 0.3))

    def forward(self, x):
        above, below = F.softplus(self.alpha_p), self.beta + F.softplus(self.alpha_n)
        low = torch.expm1(x.clamp(max=self.eps)) - x
        return torch.where(x > 0, above * x * x + self.beta * x, low * below + self.beta * x)
''',
    "GRN": '''
class GRN(nn.Module):
    """The length of each channel over the mean length of all, times x, and x on top (ConvNeXt V2)."""

    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.zeros(size)), nn.Parameter(torch.zeros(size))

    def forward(self, x):
        length = x.flatten(2).norm(dim=2)
        scaled = length / (length.mean(1, keepdim=True) + self.eps)
        shape = (1, -1) + (1,) * (x.dim() - 2)
        return self.weight.view(shape) * x * scaled.view(*scaled.shape, *shape[2:]) + self.bias.view(shape) + x
''',
}
