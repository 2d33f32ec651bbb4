"""What PyTorch has no module for, written out: the source of each helper that generated code may need."""

from __future__ import annotations

HELPERS: dict[str, str] = {
    "causal": '''
def causal(query, key):
    """True where a position of the query must not read one of the key: the later ones."""
    return torch.ones(query.shape[1], key.shape[1], dtype=torch.bool, device=query.device).triu(1)
''',
    "share": '''
def share(module, owner):
    """Let a module use the parameters of another one: they are counted, and trained, once."""
    for name, parameter in list(owner.named_parameters()):
        *path, last = name.split(".")
        setattr(module.get_submodule(".".join(path)), last, parameter)
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
    "Attention": '''
class Attention(nn.Module):
    """softmax(Q K^T / scale) V on row vectors, with matrices W_q, W_k, W_v (and W_o) on the right."""

    def __init__(self, query, key, value, heads, scale=1, kv_heads=None, output=None, bias=False, causal=False,
                 window=None, rope=None, q_norm=None, k_norm=None, softcap=None, bias_of_scores=None,
                 dropout=0.0):
        super().__init__()
        self.heads, self.kv_heads, self.scale = heads, kv_heads or heads, scale
        self.causal, self.window, self.softcap, self.bias_of_scores = causal, window, softcap, bias_of_scores
        self.rope, self.q_norm, self.k_norm, self.dropout = rope, q_norm, k_norm, dropout
        for name, sizes in (("q", query), ("k", key), ("v", value), ("o", output)):
            if sizes is not None:
                bound = sizes[0] ** -0.5
                setattr(self, f"W_{name}", nn.Parameter(torch.empty(*sizes).uniform_(-bound, bound)))
                if bias:
                    setattr(self, f"b_{name}", nn.Parameter(torch.zeros(sizes[1])))

    def project(self, x, name):
        x = x @ getattr(self, f"W_{name}")
        shift = getattr(self, f"b_{name}", None)
        return x if shift is None else x + shift

    def forward(self, x, memory, other):
        found = {"query": self.project(x, "q"), "key": self.project(memory, "k"), "value": self.project(other, "v")}
        query = found["query"].unflatten(-1, (self.heads, -1)).transpose(1, 2)
        key = found["key"].unflatten(-1, (self.kv_heads, -1)).transpose(1, 2)
        value = found["value"].unflatten(-1, (self.kv_heads, -1)).transpose(1, 2)
        if self.q_norm is not None:
            query, key = self.q_norm(query), self.k_norm(key)
        if self.rope is not None:
            query, key = self.rope(query), self.rope(key)
        if self.kv_heads != self.heads:
            key, value = (y.repeat_interleave(self.heads // self.kv_heads, 1) for y in (key, value))
        scores = query @ key.transpose(-1, -2) / self.scale
        if self.softcap is not None:
            scores = self.softcap * torch.tanh(scores / self.softcap)
        masked = scores if self.bias_of_scores is None else self.bias_of_scores(scores)
        if self.causal or self.window is not None:
            steps, places = (torch.arange(size, device=x.device) for size in scores.shape[-2:])
            ahead = places - steps[:, None]
            if not self.causal:
                barred = ahead.abs() >= self.window
            else:
                barred = ahead > 0 if self.window is None else (ahead > 0) | (ahead <= -self.window)
            masked = masked.masked_fill(barred, float("-inf"))
        attention = masked.softmax(-1)
        dropped = nn.functional.dropout(attention, self.dropout, self.training)
        output = (dropped @ value).transpose(1, 2).flatten(2)
        if hasattr(self, "W_o"):
            output = self.project(output, "o")
        one = self.heads == 1
        found["scores"], found["attention"] = (y[:, 0] if one else y for y in (scores, attention))
        return {"output": output, **found}
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
    "MixtureOfExperts": '''
class MixtureOfExperts(nn.Module):
    """Each position passes the top_k experts that the router prefers, weighted by their scores."""

    def __init__(self, features, hidden, experts, top_k, function, gated=True, bias=False, shared=0, router_bias=False,
                 scoring="softmax", normalize=True, groups=1, top_groups=None, correction_bias=False, scale=1.0):
        super().__init__()
        self.top_k, self.function, self.shared = top_k, function, shared
        self.scoring, self.normalize, self.scale = scoring, normalize, scale
        self.groups, self.top_groups = groups, top_groups or groups
        self.router = nn.Linear(features, experts, bias=router_bias)
        self.register_buffer("correction_bias", torch.zeros(experts) if correction_bias else None)
        self.experts = self.arrays(experts, features, hidden, gated, bias)
        if shared:
            self.shared_experts = self.arrays(shared, features, hidden, gated, bias)

    @staticmethod
    def arrays(count, features, hidden, gated, bias):
        found = nn.ParameterDict()
        sizes = {"gate_proj": (hidden, features), "up_proj": (hidden, features), "down_proj": (features, hidden)}
        for name, (rows, columns) in sizes.items():
            if gated or name != "gate_proj":
                bound = columns**-0.5
                found[f"{name}_weight"] = nn.Parameter(torch.empty(count, rows, columns).uniform_(-bound, bound))
                if bias:
                    found[f"{name}_bias"] = nn.Parameter(torch.zeros(count, rows))
        return found

    def expert(self, held, number, x):
        def through(name, y):
            shift = held[f"{name}_bias"][number] if f"{name}_bias" in held else None
            return F.linear(y, held[f"{name}_weight"][number], shift)

        hidden = through("up_proj", x)
        gated = "gate_proj_weight" in held
        hidden = hidden * self.function(through("gate_proj", x)) if gated else self.function(hidden)
        return through("down_proj", hidden)

    def forward(self, x):
        rows = x.flatten(0, -2)
        scores = self.router(rows)
        made = scores.sigmoid() if self.scoring == "sigmoid" else scores.softmax(-1)
        liking = made if self.correction_bias is None else made + self.correction_bias
        if self.groups > 1:
            split = liking.unflatten(-1, (self.groups, -1))
            most = 1 if self.correction_bias is None else min(2, split.shape[-1])
            kept = split.topk(most, dim=-1)[0].sum(-1).topk(self.top_groups, dim=-1)[1]
            kept = kept[..., None].expand(-1, -1, split.shape[-1])
            shut = torch.ones_like(split, dtype=torch.bool).scatter(1, kept, False)
            liking = split.masked_fill(shut, float("-inf")).flatten(1)
        chosen = liking.topk(self.top_k, dim=-1)[1]
        part = made.gather(-1, chosen)
        part = (part / part.sum(-1, keepdim=True) if self.normalize else part) * self.scale
        out = torch.zeros_like(rows)
        for number in range(self.router.out_features):
            here, place = (chosen == number).nonzero(as_tuple=True)
            if here.numel():
                made = part[here, place, None] * self.expert(self.experts, number, rows[here])
                out = out.index_add(0, here, made)
        for number in range(self.shared):
            out = out + self.expert(self.shared_experts, number, rows)
        return out.reshape(x.shape)
''',
    "AttentionRNN": '''
class AttentionRNN(nn.Module):
    """h[t] is softmax attention over x[t] and the k states before (k=None: all, which share the second matrices)."""

    def __init__(self, size, k):
        super().__init__()
        self.k = k
        count = 2 if k is None else k + 1
        for name in "QKV":
            bound = size**-0.5
            setattr(self, name, nn.Parameter(torch.empty(count, size, size).uniform_(-bound, bound)))

    def project(self, matrices, slots):
        return torch.stack([slot @ matrices[min(at, len(matrices) - 1)].T for at, slot in enumerate(slots)], 1)

    def forward(self, x):
        steps = x.shape[1]
        past = [] if self.k is None else [torch.zeros_like(x[:, 0])] * self.k
        found = {"scores": [], "attention": [], "h": []}
        for t in range(steps):
            slots = [x[:, t], *past]
            scores = (self.project(self.Q, slots) * self.project(self.K, slots)).sum(2)
            attention = scores.softmax(1)
            h = (attention[:, :, None] * self.project(self.V, slots)).sum(1)
            missing = steps - len(slots) if self.k is None else 0
            found["scores"].append(F.pad(scores, (0, missing)))
            found["attention"].append(F.pad(attention, (0, missing)))
            found["h"].append(h)
            past = [h, *past] if self.k is None else [h, *past][: self.k]
        return {name: torch.stack(values, 1) for name, values in found.items()}
''',
    "SelectiveScan": '''
class SelectiveScan(nn.Module):
    """h = exp(d A) h + d B x and y = C h + D x along the sequence, with A = -exp(A_log), d = softplus(dt)."""

    def __init__(self, size, state, num_heads=None, groups=1, dt_bias=False):
        super().__init__()
        self.heads, self.groups = num_heads, groups
        wide = num_heads or size
        steps = torch.arange(1.0, state + 1).log().repeat(size, 1)
        self.A_log = nn.Parameter(steps if num_heads is None else torch.arange(1.0, num_heads + 1).log())
        self.D = nn.Parameter(torch.ones(wide))
        self.dt_bias = nn.Parameter(torch.zeros(wide)) if dt_bias else None

    def grouped(self, x, heads):
        apart = x.unflatten(2, (self.groups, -1))
        return apart if self.groups == 1 else apart.repeat_interleave(heads // self.groups, 2)

    def forward(self, x, dt, b, c):
        heads = self.heads or x.shape[2]
        step = F.softplus(dt if self.dt_bias is None else dt + self.dt_bias, threshold=1e9)
        a = -self.A_log.exp()
        decay = step[..., None] * (a if self.heads is None else a[:, None])
        values, b, c = x.unflatten(2, (heads, -1)), self.grouped(b, heads), self.grouped(c, heads)
        state, read = 0.0, []
        for t in range(x.shape[1]):
            put = (step[:, t, :, None] * values[:, t])[..., None] * b[:, t, :, None]
            state = decay[:, t].exp()[:, :, None] * state + put
            read.append((state * c[:, t, :, None]).sum(-1))
        return (torch.stack(read, 1) + self.D[:, None] * values).flatten(2)
''',
    "LinearAttention": '''
class LinearAttention(nn.Module):
    """S = S + k v^T and y = q S along the sequence; with decay S shrinks by sigmoid(decay) at each step."""

    def __init__(self, num_heads=1, decay=False):
        super().__init__()
        self.heads = num_heads
        self.decay = nn.Parameter(torch.full((num_heads,), 3.0)) if decay else None

    def forward(self, query, key, value):
        q, k, v = (x.unflatten(2, (self.heads, -1)) for x in (query, key, value))
        keep = 1.0 if self.decay is None else self.decay.sigmoid()[:, None, None]
        state, read = 0.0, []
        for t in range(query.shape[1]):
            state = keep * state + k[:, t, :, :, None] * v[:, t, :, None, :]
            read.append((q[:, t, :, :, None] * state).sum(2))
        return torch.stack(read, 1).flatten(2)
''',
    "WKV": '''
class WKV(nn.Module):
    """The mean of RWKV 4: values so far, weighted by e^k, shrinking by e^-w a step; the newest by e^(u + k)."""

    def __init__(self, size):
        super().__init__()
        self.time_decay = nn.Parameter(torch.linspace(-5.0, 3.0, size))
        self.time_first = nn.Parameter(torch.full((size,), -1.2))

    def forward(self, key, value):
        decay, made = self.time_decay.exp(), []
        over = under = torch.zeros_like(key[:, 0])
        top = torch.full_like(under, -1e38)
        for t in range(key.shape[1]):
            k, v = key[:, t], value[:, t]
            now = self.time_first + k
            most = torch.maximum(top, now)
            old, new = (top - most).exp(), (now - most).exp()
            made.append((old * over + new * v) / (old * under + new))
            after = torch.maximum(top - decay, k)
            kept, put = (top - decay - after).exp(), (k - after).exp()
            over, under, top = kept * over + put * v, kept * under + put, after
        return torch.stack(made, 1)
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
