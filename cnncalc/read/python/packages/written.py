"""A class that `export --to pytorch` writes and that cannot be followed: where positions go depends on the numbers."""

from __future__ import annotations

import ast
from functools import cache

from cnncalc.read.python.values import Class, External, Function, Refused

MIXTURE = '''
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
        if self.function is None:  # a gate up to 7
            gate = through("gate_proj", x).clamp(max=7)
            return through("down_proj", (hidden.clamp(-7, 7) + 1) * gate * torch.sigmoid(1.702 * gate))
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
            made = part[here, place, None] * self.expert(self.experts, number, rows[here])
            out = out.index_add(0, here, made)
        for number in range(self.shared):
            out = out + self.expert(self.shared_experts, number, rows)
        return out.reshape(x.shape)
'''
# The layer's options by the names of the class's arguments.
OPTIONS = {"features": "in_features", "hidden": "hidden_features", "experts": "num_experts", "shared": "shared_experts"}


@cache
def _known() -> str:
    return ast.dump(ast.parse(MIXTURE).body[0])


def is_mixture(kind: Class) -> bool:
    """Whether a class of a file is that class, word for word."""
    return kind.name == "MixtureOfExperts" and kind.node is not None and ast.dump(kind.node) == _known()


def options(maker: Function, args: list[object], kwargs: dict[str, object], node: ast.AST) -> dict[str, object]:
    """The options of the layer, from the arguments of the class."""
    names = [one.arg for one in maker.node.args.args[1:]]
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    function = given.pop("function", None)
    if function is not None and not isinstance(function, External):
        raise Refused("python-unknown-call", "MixtureOfExperts with a function of the file is not followed", node)
    given["activation"] = "clamped_swish" if function is None else function.name
    return {OPTIONS.get(name, name): value for name, value in given.items()}
