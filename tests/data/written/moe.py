"""Dense mixture of experts, a highway, squeeze and excitation, gated units, and an ensemble."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Expert(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, d))

    def forward(self, x):
        return self.net(x)


class SoftMoE(nn.Module):
    def __init__(self, d=32, h=64, n=4):
        super().__init__()
        self.experts = nn.ModuleList(Expert(d, h) for _ in range(n))
        self.gate = nn.Linear(d, n, bias=False)

    def forward(self, x):
        weights = F.softmax(self.gate(x), dim=-1)
        outs = torch.stack([e(x) for e in self.experts], dim=-2)
        return (weights.unsqueeze(-1) * outs).sum(dim=-2)


class Highway(nn.Module):
    def __init__(self, size: int = 24, num_layers: int = 2, f=torch.relu):
        super().__init__()
        self.num_layers = num_layers
        self.nonlinear = nn.ModuleList([nn.Linear(size, size) for _ in range(num_layers)])
        self.linear = nn.ModuleList([nn.Linear(size, size) for _ in range(num_layers)])
        self.gate = nn.ModuleList([nn.Linear(size, size) for _ in range(num_layers)])
        self.f = f

    def forward(self, x):
        for layer in range(self.num_layers):
            gate = torch.sigmoid(self.gate[layer](x))
            nonlinear = self.f(self.nonlinear[layer](x))
            linear = self.linear[layer](x)
            x = gate * nonlinear + (1 - gate) * linear
        return x


class SE(nn.Module):
    def __init__(self, c=32, r=4):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(c, c // r, bias=False), nn.ReLU(True), nn.Linear(c // r, c, bias=False), nn.Sigmoid()
        )

    def forward(self, x):
        b, c, *_ = x.size()
        y = F.adaptive_avg_pool2d(x, 1).view(b, c)
        y = self.fc(y).view(b, c, 1, 1)
        return x * y.expand_as(x)


class CBAM(nn.Module):
    def __init__(self, channels=16, reduction_ratio=4):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels, channels // reduction_ratio),
            nn.ReLU(),
            nn.Linear(channels // reduction_ratio, channels),
        )
        self.spatial = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x):
        attention = None
        for pool_type in ["avg", "max"]:
            if pool_type == "avg":
                pool = F.avg_pool2d(x, (x.size(2), x.size(3)), stride=(x.size(2), x.size(3)))
            elif pool_type == "max":
                pool = F.max_pool2d(x, (x.size(2), x.size(3)), stride=(x.size(2), x.size(3)))
            raw = self.mlp(pool)
            attention = raw if attention is None else attention + raw
        x = x * torch.sigmoid(attention).unsqueeze(2).unsqueeze(3).expand_as(x)
        compressed = torch.cat((torch.max(x, 1)[0].unsqueeze(1), torch.mean(x, 1).unsqueeze(1)), dim=1)
        return x * torch.sigmoid(self.spatial(compressed))


class SwiGLU(nn.Module):
    def __init__(self, dim=32, hidden=None, multiple_of=16):
        super().__init__()
        hidden = hidden or int(8 * dim / 3)
        hidden = -(-hidden // multiple_of) * multiple_of
        self.w12 = nn.Linear(dim, 2 * hidden)
        self.w3 = nn.Linear(hidden, dim)

    def forward(self, x):
        x1, x2 = self.w12(x).chunk(2, dim=-1)
        return self.w3(F.silu(x1) * x2)


class Ensemble(nn.Module):
    def __init__(self, n=3):
        super().__init__()
        self.members = nn.ModuleList(
            [nn.Sequential(SE(8, 2), nn.Conv2d(8, 4, 3), nn.AdaptiveMaxPool2d(2)) for _ in range(n)]
        )
        for p in self.members[0].parameters():
            p.requires_grad = False

    def forward(self, x):
        logits = sum(m(x).flatten(1) for m in self.members) / len(self.members)
        return logits, logits.softmax(-1).max(-1).values
