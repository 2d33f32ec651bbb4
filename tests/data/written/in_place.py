import torch
from torch import nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(10, 4)
        self.conv = nn.Conv1d(1, 5, 3)
        self.freeze = nn.Linear(3, 3)
        for p in self.freeze.parameters(): p.requires_grad_(False)
    def forward(self, x):
        y = self.lin(x)
        y.relu_()
        y.unsqueeze_(1)            # b 1 6 4
        z = y.clone()
        z.squeeze_(1).add_(1)
        y.transpose_(2, 3)
        w = torch.empty(1)
        w.fill_(3)
        k = int(torch.tensor([2, 3]).prod())
        a = y.reshape(y.size(0), 1, -1)[..., :k]
        a = self.conv(a)
        y.squeeze_().mul_(2).clamp_(min=0)
        q = x.detach()
        q.t_ if False else q.flatten(1)
        return y, z, a, x.masked_fill(x > 0, 0.).cumsum(-1).flip([1])
