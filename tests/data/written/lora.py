import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from functools import partial

class LoRALayer(nn.Module):
    def __init__(self, in_dim, out_dim, rank, alpha):
        super().__init__()
        std_dev = 1 / torch.sqrt(torch.tensor(rank).float())
        self.A = nn.Parameter(torch.randn(in_dim, rank) * std_dev)
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.alpha = alpha
    def forward(self, x):
        return self.alpha * (x @ self.A @ self.B)

class LinearWithLoRA(nn.Module):
    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear
        self.lora = LoRALayer(linear.in_features, linear.out_features, rank, alpha)
    def forward(self, x):
        return self.linear(x) + self.lora(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(192, 100), nn.ReLU(), nn.Linear(100, 50), nn.ReLU())
        self.heads = nn.ModuleDict({'cls': nn.Linear(50, 10), 'aux': nn.Linear(50, 2)})
    def forward(self, x):
        x = self.body(x)
        return {k: h(x) for k, h in self.heads.items()}

model = Net()
for param in model.parameters():
    param.requires_grad = False
assign_lora = partial(LinearWithLoRA, rank=4, alpha=8)

def inject(module, prefix=''):
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Linear):
            setattr(module, name, assign_lora(child))
        else:
            inject(child, prefix + '.' + name)

inject(model)
for n, p in model.named_parameters():
    if 'lora' in n or n.startswith('heads.'):
        p.requires_grad_(True)
