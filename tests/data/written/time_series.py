"""Three ways with a series: a temporal convolution, a wavenet and a one-dimensional CNN that measures itself."""

import torch
import torch.nn as nn
from torch.nn.utils import weight_norm


class Chomp1d(nn.Module):
    def __init__(self, chomp_size):
        super(Chomp1d, self).__init__()
        self.chomp_size = chomp_size

    def forward(self, x):
        return x[:, :, : -self.chomp_size].contiguous()


class TemporalBlock(nn.Module):
    def __init__(self, n_inputs, n_outputs, kernel_size, stride, dilation, padding, dropout=0.2):
        super(TemporalBlock, self).__init__()
        self.conv1 = weight_norm(
            nn.Conv1d(n_inputs, n_outputs, kernel_size, stride=stride, padding=padding, dilation=dilation)
        )
        self.chomp1 = Chomp1d(padding)
        self.relu1 = nn.ReLU()
        self.dropout1 = nn.Dropout(dropout)
        self.net = nn.Sequential(self.conv1, self.chomp1, self.relu1, self.dropout1)
        self.downsample = nn.Conv1d(n_inputs, n_outputs, 1) if n_inputs != n_outputs else None
        self.relu = nn.ReLU()
        self.init_weights()

    def init_weights(self):
        self.conv1.weight.data.normal_(0, 0.01)
        if self.downsample is not None:
            self.downsample.weight.data.normal_(0, 0.01)

    def forward(self, x):
        out = self.net(x)
        res = x if self.downsample is None else self.downsample(x)
        return self.relu(out + res)


class TemporalConvNet(nn.Module):
    def __init__(self, num_inputs=4, num_channels=(16, 16, 24), kernel_size=2, dropout=0.2):
        super(TemporalConvNet, self).__init__()
        layers = []
        num_levels = len(num_channels)
        for i in range(num_levels):
            dilation_size = 2**i
            in_channels = num_inputs if i == 0 else num_channels[i - 1]
            out_channels = num_channels[i]
            layers += [
                TemporalBlock(
                    in_channels,
                    out_channels,
                    kernel_size,
                    stride=1,
                    dilation=dilation_size,
                    padding=(kernel_size - 1) * dilation_size,
                    dropout=dropout,
                )
            ]
        self.network = nn.Sequential(*layers)

    def forward(self, x):
        return self.network(x)


class WaveNet(nn.Module):
    def __init__(self, channels=16, skip=24, dilations=[1, 2, 4, 8], classes=32):
        super().__init__()
        self.front = nn.Conv1d(1, channels, 2, padding=1)
        self.filters = nn.ModuleList()
        self.gates = nn.ModuleList()
        self.residuals, self.skips = nn.ModuleList(), nn.ModuleList()
        for d in dilations:
            self.filters.append(nn.Conv1d(channels, channels, 2, dilation=d))
            self.gates.append(nn.Conv1d(channels, channels, 2, dilation=d))
            self.residuals.append(nn.Conv1d(channels, channels, 1))
            self.skips.append(nn.Conv1d(channels, skip, 1))
        self.end = nn.Sequential(nn.ReLU(), nn.Conv1d(skip, skip, 1), nn.ReLU(), nn.Conv1d(skip, classes, 1))

    def forward(self, x):
        x = self.front(x)[..., :-1]
        total = 0
        for f, g, r, s in zip(self.filters, self.gates, self.residuals, self.skips):
            z = torch.tanh(f(x)) * torch.sigmoid(g(x))
            skip = s(z)
            total = skip if isinstance(total, int) else total[..., -skip.size(-1) :] + skip
            x = r(z) + x[..., -z.size(2) :]
        return self.end(total)


class Measured(nn.Module):
    """The size after the convolutions is found by running zeros through them."""

    def __init__(self, length=200, channels=2, classes=6):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(channels, 16, 7), nn.ReLU(), nn.MaxPool1d(3), nn.Conv1d(16, 32, 5), nn.ReLU(), nn.MaxPool1d(3)
        )
        with torch.no_grad():
            dummy = torch.zeros(1, channels, length)
            n_flatten = self.features(dummy).view(1, -1).shape[1]
        self.classifier = nn.Linear(n_flatten, classes)

    def _get_conv_output(self, shape):
        o = self.features(torch.zeros(1, *shape))
        return int(torch.prod(torch.tensor(o.size())))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(start_dim=1))
