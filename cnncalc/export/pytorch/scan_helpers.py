"""Layers that carry a state along a sequence, written out for PyTorch."""

from __future__ import annotations

SCANS: dict[str, str] = {
    "delayed": '''
def delayed(x, steps, fill=0.0):
    """[N, length, ...] some steps later; `fill` where nothing was before."""
    before = torch.full_like(x[:, :steps], fill)
    return torch.cat((before, x[:, :-steps]), 1)
''',
    "scanned": '''
def scanned(keep, put):
    """h[t] = keep[t] h[t-1] + put[t] along axis 1, in log2(length) rounds instead of a loop over steps."""
    steps = 1
    while steps < put.shape[1]:
        put = put + keep * delayed(put, steps)
        keep = keep * delayed(keep, steps)
        steps *= 2
    return put
''',
    "SelectiveScan": '''
class SelectiveScan(nn.Module):
    """h = exp(d A) h + d B x and y = C h + D x along the sequence, with A = -exp(A_log), d = softplus(dt)."""

    def __init__(self, size, state, num_heads=None, groups=1, dt_bias=False):
        super().__init__()
        self.num_heads, self.groups = num_heads, groups
        if num_heads is None:
            self.A_log = nn.Parameter(torch.arange(1.0, state + 1).log().repeat(size, 1))
        else:
            self.A_log = nn.Parameter(torch.arange(1.0, num_heads + 1).log())
        self.D = nn.Parameter(torch.ones(num_heads or size))
        self.dt_bias = nn.Parameter(torch.zeros(num_heads or size)) if dt_bias else None

    def forward(self, x, dt, B, C):
        heads = self.num_heads or x.shape[2]
        step = F.softplus(dt if self.dt_bias is None else dt + self.dt_bias, threshold=1e9)[..., None]
        A = -self.A_log.exp()
        keep = (step * (A if self.num_heads is None else A[:, None])).exp()[:, :, :, None]
        values = x.unflatten(2, (heads, -1))
        B, C = (y.unflatten(2, (self.groups, -1)).repeat_interleave(heads // self.groups, 2) for y in (B, C))
        state = scanned(keep, (step * values)[..., None] * B[:, :, :, None])
        y = torch.einsum("nlhds,nlhs->nlhd", state, C) + self.D[:, None] * values
        return y.flatten(2)
''',
    "LinearAttention": '''
class LinearAttention(nn.Module):
    """S = S + k v^T and y = q S along the sequence; with decay S shrinks by sigmoid(decay) at each step."""

    def __init__(self, num_heads=1, decay=False):
        super().__init__()
        self.num_heads = num_heads
        self.decay = nn.Parameter(torch.full((num_heads,), 3.0)) if decay else None

    def forward(self, query, key, value):
        q, k, v = (x.unflatten(2, (self.num_heads, -1)) for x in (query, key, value))
        state = k[..., None] @ v[..., None, :]
        if self.decay is None:
            state = state.cumsum(1)
        else:
            state = scanned(self.decay.sigmoid()[:, None, None].expand_as(state), state)
        return (q[..., None, :] @ state).squeeze(3).flatten(2)
''',
    "WKV": '''
class WKV(nn.Module):
    """The mean of RWKV 4: values so far, weighted by e^k, shrinking by e^-w a step; the newest by e^(u + k)."""

    def __init__(self, size):
        super().__init__()
        self.time_decay = nn.Parameter(torch.linspace(-5.0, 3.0, size))
        self.time_first = nn.Parameter(torch.full((size,), -1.2))

    def forward(self, key, value):
        # The sums are over e^top, with top the largest exponent in them: nothing overflows.
        top, over, under = key, value, torch.ones_like(key)
        steps = 1
        while steps < key.shape[1]:
            before = delayed(top, steps, -1e38) - steps * self.time_decay.exp()
            most = torch.maximum(top, before)
            mine, theirs = (top - most).exp(), (before - most).exp()
            over = mine * over + theirs * delayed(over, steps)
            under = mine * under + theirs * delayed(under, steps)
            top = most
            steps *= 2
        top, over, under = delayed(top, 1, -1e38), delayed(over, 1), delayed(under, 1)
        now = self.time_first + key
        most = torch.maximum(top, now)
        old, new = (top - most).exp(), (now - most).exp()
        return (old * over + new * value) / (old * under + new)
''',
}
