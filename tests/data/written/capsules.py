"""Capsules with routing, whose weights are repeated for each sample of the batch."""

import torch
import torch.nn as nn
import torch.nn.functional as F


def squash(x, dim=-1):
    length = (x**2).sum(dim, keepdim=True)
    return length * x / ((1.0 + length) * torch.sqrt(length))


class Primary(nn.Module):
    def __init__(self, capsules=4, channels=16, out=8):
        super().__init__()
        self.capsules = nn.ModuleList([nn.Conv2d(channels, out, 5, stride=2) for _ in range(capsules)])

    def forward(self, x):
        u = torch.stack([capsule(x) for capsule in self.capsules], dim=1)
        return squash(u.view(x.size(0), u.size(1), -1).transpose(1, 2))


class Digits(nn.Module):
    def __init__(self, routes, capsules=10, width=4, out=6):
        super().__init__()
        self.capsules = capsules
        self.routes = routes
        self.W = nn.Parameter(torch.randn(1, routes, capsules, out, width))

    def forward(self, x):
        batch_size = x.size(0)
        x = torch.stack([x] * self.capsules, dim=2).unsqueeze(4)
        u = torch.matmul(torch.cat([self.W] * batch_size, dim=0), x)
        b = torch.zeros(1, self.routes, self.capsules, 1)
        for turn in range(2):
            c = torch.cat([F.softmax(b, dim=1)] * batch_size, dim=0).unsqueeze(4)
            v = squash((c * u).sum(dim=1, keepdim=True), 3)
            if turn == 0:
                a = torch.matmul(u.transpose(3, 4), torch.cat([v] * self.routes, dim=1))
                b = b + a.squeeze(4).mean(dim=0, keepdim=True)
        bias = torch.stack([b[0, 0, :, 0]] * batch_size)
        return v.squeeze(1).squeeze(-1) + bias.unsqueeze(-1)


class CapsNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 5)
        self.primary = Primary()
        self.digits = Digits(8 * 4 * 4)

    def forward(self, x):
        return self.digits(self.primary(F.relu(self.conv(x))))
