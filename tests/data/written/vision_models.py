import math
from abc import ABC, abstractmethod
from enum import Enum
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm, weight_norm


class NeRF(nn.Module):
    def __init__(self, D=8, W=256, input_ch=63, input_ch_views=27, output_ch=4, skips=[4], use_viewdirs=True):
        super(NeRF, self).__init__()
        self.D, self.W = D, W
        self.input_ch, self.input_ch_views, self.skips, self.use_viewdirs = input_ch, input_ch_views, skips, use_viewdirs
        self.pts_linears = nn.ModuleList(
            [nn.Linear(input_ch, W)] + [nn.Linear(W, W) if i not in self.skips else nn.Linear(W + input_ch, W) for i in range(D - 1)])
        self.views_linears = nn.ModuleList([nn.Linear(input_ch_views + W, W // 2)])
        if use_viewdirs:
            self.feature_linear = nn.Linear(W, W)
            self.alpha_linear = nn.Linear(W, 1)
            self.rgb_linear = nn.Linear(W // 2, 3)
        else:
            self.output_linear = nn.Linear(W, output_ch)

    def forward(self, x):
        input_pts, input_views = torch.split(x, [self.input_ch, self.input_ch_views], dim=-1)
        h = input_pts
        for i, l in enumerate(self.pts_linears):
            h = self.pts_linears[i](h)
            h = F.relu(h)
            if i in self.skips:
                h = torch.cat([input_pts, h], -1)
        if self.use_viewdirs:
            alpha = self.alpha_linear(h)
            feature = self.feature_linear(h)
            h = torch.cat([feature, input_views], -1)
            for i, l in enumerate(self.views_linears):
                h = F.relu(self.views_linears[i](h))
            outputs = torch.cat([self.rgb_linear(h), alpha], -1)
        else:
            outputs = self.output_linear(h)
        return outputs


class Embedder:
    def __init__(self, **kwargs):
        self.kwargs = kwargs
        self.create_embedding_fn()

    def create_embedding_fn(self):
        embed_fns, d, out_dim = [], self.kwargs['input_dims'], 0
        if self.kwargs['include_input']:
            embed_fns.append(lambda x: x)
            out_dim += d
        max_freq, N_freqs = self.kwargs['max_freq_log2'], self.kwargs['num_freqs']
        if self.kwargs['log_sampling']:
            freq_bands = 2. ** torch.linspace(0., max_freq, steps=N_freqs)
        else:
            freq_bands = torch.linspace(2. ** 0., 2. ** max_freq, steps=N_freqs)
        for freq in freq_bands:
            for p_fn in self.kwargs['periodic_fns']:
                embed_fns.append(lambda x, p_fn=p_fn, freq=freq: p_fn(x * freq))
                out_dim += d
        self.embed_fns, self.out_dim = embed_fns, out_dim

    def embed(self, inputs):
        return torch.cat([fn(inputs) for fn in self.embed_fns], -1)


def get_embedder(multires, i=0):
    if i == -1:
        return nn.Identity(), 3
    embed_kwargs = {'include_input': True, 'input_dims': 3, 'max_freq_log2': multires - 1, 'num_freqs': multires,
                    'log_sampling': True, 'periodic_fns': [torch.sin, torch.cos]}
    embedder_obj = Embedder(**embed_kwargs)
    embed = lambda x, eo=embedder_obj: eo.embed(x)
    return embed, embedder_obj.out_dim


class TinyNeRF(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, ch = get_embedder(10)
        self.net = nn.Sequential(nn.Linear(ch, 128), nn.ReLU(True), nn.Linear(128, 4))

    def forward(self, pts):
        return self.net(self.embed(pts))


# capsules
def squash(x, dim=-1, eps=1e-8):
    n = (x ** 2).sum(dim=dim, keepdim=True)
    return n / (1 + n) * x / (torch.sqrt(n) + eps)


class PrimaryCaps(nn.Module):
    def __init__(self, num_capsules=8, in_channels=256, out_channels=32, kernel_size=9):
        super().__init__()
        self.capsules = nn.ModuleList([nn.Conv2d(in_channels, out_channels, kernel_size, stride=2, padding=0) for _ in range(num_capsules)])

    def forward(self, x):
        u = torch.stack([capsule(x) for capsule in self.capsules], dim=1)
        u = u.view(x.size(0), 32 * 6 * 6, -1)
        return squash(u)


class DigitCaps(nn.Module):
    def __init__(self, num_capsules=10, num_routes=32 * 6 * 6, in_channels=8, out_channels=16):
        super().__init__()
        self.num_routes, self.num_capsules = num_routes, num_capsules
        self.W = nn.Parameter(torch.randn(1, num_routes, num_capsules, out_channels, in_channels))

    def forward(self, x):
        batch_size = x.size(0)
        x = torch.stack([x] * self.num_capsules, dim=2).unsqueeze(4)
        W = torch.cat([self.W] * batch_size, dim=0)
        u_hat = torch.matmul(W, x)
        b_ij = torch.zeros(1, self.num_routes, self.num_capsules, 1)
        num_iterations = 3
        for iteration in range(num_iterations):
            c_ij = F.softmax(b_ij, dim=1)
            c_ij = torch.cat([c_ij] * batch_size, dim=0).unsqueeze(4)
            s_j = (c_ij * u_hat).sum(dim=1, keepdim=True)
            v_j = squash(s_j)
            if iteration < num_iterations - 1:
                a_ij = torch.matmul(u_hat.transpose(3, 4), torch.cat([v_j] * self.num_routes, dim=1))
                b_ij = b_ij + a_ij.squeeze(4).mean(dim=0, keepdim=True)
        return v_j.squeeze(1)


class CapsNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 256, 9)
        self.primary = PrimaryCaps()

    def forward(self, x):
        return self.primary(F.relu(self.conv(x))).norm(dim=-1)


# PointNet
class TNet(nn.Module):
    def __init__(self, k=3):
        super().__init__()
        self.k = k
        self.conv1, self.conv2 = nn.Conv1d(k, 64, 1), nn.Conv1d(64, 256, 1)
        self.fc1, self.fc2 = nn.Linear(256, 64), nn.Linear(64, k * k)
        self.bn1, self.bn2 = nn.BatchNorm1d(64), nn.BatchNorm1d(256)

    def forward(self, x):
        bs = x.size(0)
        xb = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        pool = nn.MaxPool1d(xb.size(-1))(xb)
        flat = nn.Flatten(1)(pool)
        init = torch.eye(self.k, requires_grad=True).repeat(bs, 1, 1)
        if xb.is_cuda:
            init = init.cuda()
        return self.fc2(F.relu(self.fc1(flat))).view(-1, self.k, self.k) + init


class PointNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.input_transform, self.feature_transform = TNet(k=3), TNet(k=64)
        self.conv1, self.conv2 = nn.Conv1d(3, 64, 1), nn.Conv1d(64, 128, 1)
        self.fc = nn.Linear(128, classes)
        self.logsoftmax = nn.LogSoftmax(dim=1)

    def forward(self, input):
        matrix3x3 = self.input_transform(input)
        xb = torch.bmm(torch.transpose(input, 1, 2), matrix3x3).transpose(1, 2)
        xb = F.relu(self.conv1(xb))
        matrix64x64 = self.feature_transform(xb)
        xb = torch.bmm(torch.transpose(xb, 1, 2), matrix64x64).transpose(1, 2)
        xb = torch.max(self.conv2(xb), 2, keepdim=True)[0]
        xb = xb.view(-1, 128)
        return self.logsoftmax(self.fc(xb)), matrix3x3, matrix64x64


# style transfer
class ConvLayer(torch.nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride):
        super(ConvLayer, self).__init__()
        self.reflection_pad = torch.nn.ReflectionPad2d(kernel_size // 2)
        self.conv2d = torch.nn.Conv2d(in_channels, out_channels, kernel_size, stride)

    def forward(self, x):
        return self.conv2d(self.reflection_pad(x))


class UpsampleConvLayer(torch.nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride, upsample=None):
        super().__init__()
        self.upsample = upsample
        self.reflection_pad = torch.nn.ReflectionPad2d(int(np.floor(kernel_size / 2)))
        self.conv2d = torch.nn.Conv2d(in_channels, out_channels, kernel_size, stride)

    def forward(self, x):
        x_in = x
        if self.upsample:
            x_in = torch.nn.functional.interpolate(x_in, mode='nearest', scale_factor=self.upsample)
        return self.conv2d(self.reflection_pad(x_in))


class TransformerNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.in1 = ConvLayer(3, 32, kernel_size=9, stride=1), nn.InstanceNorm2d(32, affine=True)
        self.conv2 = ConvLayer(32, 64, kernel_size=3, stride=2)
        self.deconv1 = UpsampleConvLayer(64, 32, kernel_size=3, stride=1, upsample=2)
        self.deconv3 = ConvLayer(32, 3, kernel_size=9, stride=1)

    def forward(self, X):
        y = F.relu(self.in1(self.conv1(X)))
        return self.deconv3(self.deconv1(self.conv2(y)))


def gram(input):
    a, b, c, d = input.size()
    features = input.view(a, b, c * d)
    return torch.bmm(features, features.transpose(1, 2)).div(b * c * d)


class AdaIN(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Conv2d(3, 8, 3)
        self.dec = nn.ConvTranspose2d(8, 3, 3)

    @staticmethod
    def calc_mean_std(feat, eps=1e-5):
        size = feat.size()
        assert len(size) == 4
        N, C = size[:2]
        feat_var = feat.view(N, C, -1).var(dim=2) + eps
        return feat.view(N, C, -1).mean(dim=2).view(N, C, 1, 1), feat_var.sqrt().view(N, C, 1, 1)

    def forward(self, content, style, alpha=1.0):
        assert 0 <= alpha <= 1
        c, s = self.enc(content), self.enc(style)
        sm, ss = self.calc_mean_std(s)
        cm, cs = self.calc_mean_std(c)
        t = (c - cm.expand(c.size())) / cs.expand(c.size()) * ss.expand(c.size()) + sm.expand(c.size())
        return self.dec(alpha * t + (1 - alpha) * c), gram(t)


# SSD heads
class SSDHead(nn.Module):
    def __init__(self, num_classes=21, boxes=(4, 6, 6)):
        super().__init__()
        self.num_classes = num_classes
        self.extras = nn.ModuleList([nn.Conv2d(c, c * 2, 3, stride=2, padding=1) for c in (16, 32)])
        self.loc, self.conf = nn.ModuleList(), nn.ModuleList()
        for k, ch in zip(boxes, (16, 32, 64)):
            self.loc += [nn.Conv2d(ch, k * 4, kernel_size=3, padding=1)]
            self.conf += [nn.Conv2d(ch, k * num_classes, kernel_size=3, padding=1)]

    def forward(self, x):
        sources, loc, conf = [x], list(), list()
        for k, v in enumerate(self.extras):
            x = F.relu(v(x), inplace=True)
            sources.append(x)
        for (x, l, c) in zip(sources, self.loc, self.conf):
            loc.append(l(x).permute(0, 2, 3, 1).contiguous())
            conf.append(c(x).permute(0, 2, 3, 1).contiguous())
        loc = torch.cat([o.view(o.size(0), -1) for o in loc], 1)
        conf = torch.cat([o.view(o.size(0), -1) for o in conf], 1)
        return loc.view(loc.size(0), -1, 4), conf.view(conf.size(0), -1, self.num_classes)


# diffusion U-Net
class SinusoidalPosEmb(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, time):
        device = time.device
        half_dim = self.dim // 2
        embeddings = math.log(10000) / (half_dim - 1)
        embeddings = torch.exp(torch.arange(half_dim, device=device) * -embeddings)
        embeddings = time[:, None] * embeddings[None, :]
        return torch.cat((embeddings.sin(), embeddings.cos()), dim=-1)


class DBlock(nn.Module):
    def __init__(self, in_ch, out_ch, time_emb_dim, up=False):
        super().__init__()
        self.time_mlp = nn.Linear(time_emb_dim, out_ch)
        if up:
            self.conv1 = nn.Conv2d(2 * in_ch, out_ch, 3, padding=1)
            self.transform = nn.ConvTranspose2d(out_ch, out_ch, 4, 2, 1)
        else:
            self.conv1 = nn.Conv2d(in_ch, out_ch, 3, padding=1)
            self.transform = nn.Conv2d(out_ch, out_ch, 4, 2, 1)
        self.conv2 = nn.Conv2d(out_ch, out_ch, 3, padding=1)
        self.bnorm1, self.bnorm2, self.relu = nn.BatchNorm2d(out_ch), nn.BatchNorm2d(out_ch), nn.ReLU()

    def forward(self, x, t, ):
        h = self.bnorm1(self.relu(self.conv1(x)))
        time_emb = self.relu(self.time_mlp(t))
        time_emb = time_emb[(..., ) + (None, ) * 2]
        h = h + time_emb
        h = self.bnorm2(self.relu(self.conv2(h)))
        return self.transform(h)


class SimpleUnet(nn.Module):
    def __init__(self):
        super().__init__()
        image_channels, down_channels, up_channels, out_dim, time_emb_dim = 3, (16, 32, 64), (64, 32, 16), 3, 32
        self.time_mlp = nn.Sequential(SinusoidalPosEmb(time_emb_dim), nn.Linear(time_emb_dim, time_emb_dim), nn.ReLU())
        self.conv0 = nn.Conv2d(image_channels, down_channels[0], 3, padding=1)
        self.downs = nn.ModuleList([DBlock(down_channels[i], down_channels[i + 1], time_emb_dim) for i in range(len(down_channels) - 1)])
        self.ups = nn.ModuleList([DBlock(up_channels[i], up_channels[i + 1], time_emb_dim, up=True) for i in range(len(up_channels) - 1)])
        self.output = nn.Conv2d(up_channels[-1], out_dim, 1)

    def forward(self, x, timestep):
        t = self.time_mlp(timestep)
        x = self.conv0(x)
        residual_inputs = []
        for down in self.downs:
            x = down(x, t)
            residual_inputs.append(x)
        for up in self.ups:
            residual_x = residual_inputs.pop()
            x = torch.cat((x, residual_x), dim=1)
            x = up(x, t)
        return self.output(x)


# GAN with spectral norm & conditional
class CDiscriminator(nn.Module):
    def __init__(self, n_classes=10, img_shape=(1, 28, 28)):
        super().__init__()
        self.label_embedding = nn.Embedding(n_classes, n_classes)

        def block(in_feat, out_feat, normalize=True):
            layers = [spectral_norm(nn.Linear(in_feat, out_feat))]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(*block(n_classes + int(np.prod(img_shape)), 512, normalize=False), *block(512, 256), nn.Linear(256, 1))

    def forward(self, img, labels):
        d_in = torch.cat((img.view(img.size(0), -1), self.label_embedding(labels)), -1)
        return self.model(d_in)


# Abstract + enum
class Act(Enum):
    RELU = "relu"
    GELU = "gelu"

    def make(self):
        return {Act.RELU: nn.ReLU, Act.GELU: nn.GELU}[self]()


class Base(nn.Module, ABC):
    @abstractmethod
    def body(self, x): ...

    def forward(self, x):
        return self.head(self.body(x))


class Mixer(Base):
    def __init__(self, act=Act.GELU, patch=4, d=32, depth=2, size=16):
        super().__init__()
        n = (size // patch) ** 2
        self.stem = nn.Conv2d(3, d, patch, patch)
        self.tok = nn.ModuleList(nn.Sequential(nn.LayerNorm(n), nn.Linear(n, 2 * n), act.make(), nn.Linear(2 * n, n)) for _ in range(depth))
        self.chan = nn.ModuleList(nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), act.make(), nn.Linear(2 * d, d)) for _ in range(depth))
        self.head = nn.Linear(d, 10)

    def body(self, x):
        x = self.stem(x).flatten(2)
        for t, c in zip(self.tok, self.chan):
            x = x + t(x)
            x = x + c(x.mT).mT
        return x.mean(-1)
