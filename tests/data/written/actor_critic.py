import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions.categorical import Categorical
from torch.distributions import Normal, kl_divergence
import torch.distributions as D


def layer_init(layer, std=np.sqrt(2), bias_const=0.0):
    torch.nn.init.orthogonal_(layer.weight, std)
    torch.nn.init.constant_(layer.bias, bias_const)
    return layer


class Agent(nn.Module):
    """CleanRL's PPO."""
    def __init__(self, obs_shape=(4, 84, 84), n_actions=6):
        super().__init__()
        self.network = nn.Sequential(
            layer_init(nn.Conv2d(4, 32, 8, stride=4)), nn.ReLU(),
            layer_init(nn.Conv2d(32, 64, 4, stride=2)), nn.ReLU(),
            layer_init(nn.Conv2d(64, 64, 3, stride=1)), nn.ReLU(),
            nn.Flatten(), layer_init(nn.Linear(64 * 7 * 7, 512)), nn.ReLU())
        self.actor = layer_init(nn.Linear(512, n_actions), std=0.01)
        self.critic = layer_init(nn.Linear(512, 1), std=1)

    def forward(self, x, action=None):
        hidden = self.network(x / 255.0)
        logits = self.actor(hidden)
        probs = Categorical(logits=logits)
        if action is None:
            action = probs.sample()
        return action, probs.log_prob(action), probs.entropy(), self.critic(hidden)


class Continuous(nn.Module):
    def __init__(self, obs_shape=(17,), act_shape=(6,)):
        super().__init__()
        n = int(np.array(obs_shape).prod())
        self.critic = nn.Sequential(layer_init(nn.Linear(n, 64)), nn.Tanh(), layer_init(nn.Linear(64, 1), std=1.0))
        self.actor_mean = nn.Sequential(layer_init(nn.Linear(int(np.prod(obs_shape)), 64)), nn.Tanh(),
                                        layer_init(nn.Linear(64, np.prod(act_shape)), std=0.01))
        self.actor_logstd = nn.Parameter(torch.zeros(1, np.prod(act_shape)))

    def forward(self, x, action=None):
        mean = self.actor_mean(x)
        std = torch.exp(self.actor_logstd.expand_as(mean))
        dist = Normal(mean, std)
        action = dist.sample() if action is None else action
        return action, dist.log_prob(action).sum(1), dist.entropy().sum(1), self.critic(x)


class SAC(nn.Module):
    LOG_STD_MAX, LOG_STD_MIN = 2, -5

    def __init__(self, s=11, a=3, hidden=256):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(s, hidden), nn.Linear(hidden, hidden)
        self.mean, self.logstd = nn.Linear(hidden, a), nn.Linear(hidden, a)
        self.register_buffer("action_scale", torch.tensor((1.0, 2.0, 3.0), dtype=torch.float32))
        self.register_buffer("action_bias", torch.zeros(a))

    def forward(self, x):
        x = F.relu(self.fc2(F.relu(self.fc1(x))))
        mean, log_std = self.mean(x), torch.tanh(self.logstd(x))
        log_std = self.LOG_STD_MIN + 0.5 * (self.LOG_STD_MAX - self.LOG_STD_MIN) * (log_std + 1)
        normal = Normal(mean, log_std.exp())
        x_t = normal.rsample()
        y_t = torch.tanh(x_t)
        action = y_t * self.action_scale + self.action_bias
        log_prob = normal.log_prob(x_t) - torch.log(self.action_scale * (1 - y_t.pow(2)) + 1e-6)
        return action, log_prob.sum(1, keepdim=True), torch.tanh(mean) * self.action_scale


class WorldModel(nn.Module):
    def __init__(self, z=8):
        super().__init__()
        self.enc, self.prior = nn.Linear(20, 2 * z), nn.Linear(4, 2 * z)

    def forward(self, x, h):
        mu, s = self.enc(x).chunk(2, -1)
        q = D.Normal(mu, F.softplus(s) + 1e-4)
        m2, s2 = self.prior(h).chunk(2, -1)
        p = D.Normal(m2, F.softplus(s2) + 1e-4)
        return {"z": q.rsample(), "kl": kl_divergence(q, p).sum(-1)}


class GlobalFilter(nn.Module):
    def __init__(self, dim=12, h=14, w=8):
        super().__init__()
        self.complex_weight = nn.Parameter(torch.randn(h, w, dim, 2, dtype=torch.float32) * 0.02)

    def forward(self, x):
        B, N, C = x.shape
        a = b = int(np.sqrt(N))
        x = x.view(B, a, b, C)
        x = torch.fft.rfft2(x, dim=(1, 2), norm='ortho')
        x = x * torch.view_as_complex(self.complex_weight)
        x = torch.fft.irfft2(x, s=(a, b), dim=(1, 2), norm='ortho')
        return x.reshape(B, N, C)


class FNet(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.ff = nn.Linear(d, d)

    def forward(self, x):
        return self.ff(torch.fft.fft(torch.fft.fft(x, dim=-1), dim=-2).real)


class SpectralConv1d(nn.Module):
    def __init__(self, i=4, o=5, modes=6):
        super().__init__()
        self.o, self.modes = o, modes
        self.weights1 = nn.Parameter(torch.rand(i, o, modes, dtype=torch.cfloat) / (i * o))

    def forward(self, x):
        batchsize = x.shape[0]
        x_ft = torch.fft.rfft(x)
        out_ft = torch.zeros(batchsize, self.o, x.size(-1) // 2 + 1, device=x.device, dtype=torch.cfloat)
        out_ft[:, :, :self.modes] = torch.einsum("bix,iox->box", x_ft[:, :, :self.modes], self.weights1)
        return torch.fft.irfft(out_ft, n=x.size(-1))
