"""Models of torchvision.models that others build on, written anew; sizes and parameters were compared with torchvision.

A file that changes the last layer of a `resnet18(pretrained=True)` is followed with these.
"""

from __future__ import annotations

import ast
from typing import Any

from cnncalc.core.problem import Source
from cnncalc.read.python.values import File

RESNETS = (
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
    "wide_resnet50_2", "wide_resnet101_2",
)  # fmt: skip
VGGS = tuple(f"vgg{size}{norm}" for size in (11, 13, 16, 19) for norm in ("", "_bn"))
OTHERS = (
    "alexnet", "densenet121", "densenet161", "densenet169", "densenet201", "mobilenet_v2", "squeezenet1_0",
    "squeezenet1_1", *(f"efficientnet_b{size}" for size in range(8)), "vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32",
    "ResNet", "BasicBlock", "Bottleneck",
)  # fmt: skip
NAMES = frozenset((*RESNETS, *VGGS, *OTHERS))

TEXT = """
import math
from collections import OrderedDict
from functools import partial
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.ops import Conv2dNormActivation, SqueezeExcitation


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inplanes, planes, stride=1, downsample=None, groups=1, base_width=64, dilation=1,
                 norm_layer=None):
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = norm(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = norm(planes)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inplanes, planes, stride=1, downsample=None, groups=1, base_width=64, dilation=1,
                 norm_layer=None):
        super().__init__()
        norm = norm_layer or nn.BatchNorm2d
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = nn.Conv2d(inplanes, width, 1, bias=False)
        self.bn1 = norm(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, dilation, dilation, groups, bias=False)
        self.bn2 = norm(width)
        self.conv3 = nn.Conv2d(width, planes * 4, 1, bias=False)
        self.bn3 = norm(planes * 4)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=1000, zero_init_residual=False, groups=1, width_per_group=64,
                 replace_stride_with_dilation=None, norm_layer=None):
        super().__init__()
        self.norm_layer = norm_layer or nn.BatchNorm2d
        self.inplanes, self.groups, self.base_width, self.dilation = 64, groups, width_per_group, 1
        dilated = replace_stride_with_dilation or [False, False, False]
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = self.norm_layer(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = self._layer(block, 64, layers[0], 1, False)
        self.layer2 = self._layer(block, 128, layers[1], 2, dilated[0])
        self.layer3 = self._layer(block, 256, layers[2], 2, dilated[1])
        self.layer4 = self._layer(block, 512, layers[3], 2, dilated[2])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)

    def _layer(self, block, planes, count, stride, dilate):
        before = self.dilation
        if dilate:
            self.dilation, stride = self.dilation * stride, 1
        down = None
        if stride != 1 or self.inplanes != planes * block.expansion:
            down = nn.Sequential(nn.Conv2d(self.inplanes, planes * block.expansion, 1, stride, bias=False),
                                 self.norm_layer(planes * block.expansion))
        parts = [block(self.inplanes, planes, stride, down, self.groups, self.base_width, before, self.norm_layer)]
        self.inplanes = planes * block.expansion
        for _ in range(1, count):
            parts.append(block(self.inplanes, planes, 1, None, self.groups, self.base_width, self.dilation,
                               self.norm_layer))
        return nn.Sequential(*parts)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


def _resnet(block, layers, weights=None, progress=True, pretrained=False, **kwargs):
    return ResNet(block, layers, **kwargs)


resnet18 = partial(_resnet, BasicBlock, [2, 2, 2, 2])
resnet34 = partial(_resnet, BasicBlock, [3, 4, 6, 3])
resnet50 = partial(_resnet, Bottleneck, [3, 4, 6, 3])
resnet101 = partial(_resnet, Bottleneck, [3, 4, 23, 3])
resnet152 = partial(_resnet, Bottleneck, [3, 8, 36, 3])
resnext50_32x4d = partial(_resnet, Bottleneck, [3, 4, 6, 3], groups=32, width_per_group=4)
resnext101_32x8d = partial(_resnet, Bottleneck, [3, 4, 23, 3], groups=32, width_per_group=8)
wide_resnet50_2 = partial(_resnet, Bottleneck, [3, 4, 6, 3], width_per_group=128)
wide_resnet101_2 = partial(_resnet, Bottleneck, [3, 4, 23, 3], width_per_group=128)


class VGG(nn.Module):
    def __init__(self, features, num_classes=1000, init_weights=True, dropout=0.5):
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096), nn.ReLU(True), nn.Dropout(p=dropout), nn.Linear(4096, 4096), nn.ReLU(True),
            nn.Dropout(p=dropout), nn.Linear(4096, num_classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def _vgg(counts, norm, weights=None, progress=True, pretrained=False, **kwargs):
    parts, width = [], 3
    for planes, count in zip((64, 128, 256, 512, 512), counts):
        for _ in range(count):
            parts += [nn.Conv2d(width, planes, 3, padding=1), *([nn.BatchNorm2d(planes)] if norm else []),
                      nn.ReLU(inplace=True)]
            width = planes
        parts.append(nn.MaxPool2d(2, 2))
    return VGG(nn.Sequential(*parts), **kwargs)


vgg11, vgg11_bn = partial(_vgg, (1, 1, 2, 2, 2), False), partial(_vgg, (1, 1, 2, 2, 2), True)
vgg13, vgg13_bn = partial(_vgg, (2, 2, 2, 2, 2), False), partial(_vgg, (2, 2, 2, 2, 2), True)
vgg16, vgg16_bn = partial(_vgg, (2, 2, 3, 3, 3), False), partial(_vgg, (2, 2, 3, 3, 3), True)
vgg19, vgg19_bn = partial(_vgg, (2, 2, 4, 4, 4), False), partial(_vgg, (2, 2, 4, 4, 4), True)


class AlexNet(nn.Module):
    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(inplace=True), nn.MaxPool2d(3, 2), nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True), nn.MaxPool2d(3, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(inplace=True), nn.Dropout(p=dropout),
            nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Linear(4096, num_classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def alexnet(weights=None, progress=True, pretrained=False, **kwargs):
    return AlexNet(**kwargs)


class _DenseLayer(nn.Module):
    def __init__(self, width, growth_rate, bn_size):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(width, bn_size * growth_rate, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(bn_size * growth_rate)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(bn_size * growth_rate, growth_rate, 3, padding=1, bias=False)

    def forward(self, found):
        x = self.conv1(self.relu1(self.norm1(torch.cat(found, 1))))
        return self.conv2(self.relu2(self.norm2(x)))


class _DenseBlock(nn.ModuleDict):
    def __init__(self, count, width, bn_size, growth_rate):
        super().__init__()
        for i in range(count):
            self.add_module("denselayer%d" % (i + 1), _DenseLayer(width + i * growth_rate, growth_rate, bn_size))

    def forward(self, x):
        found = [x]
        for name, layer in self.items():
            found.append(layer(found))
        return torch.cat(found, 1)


class DenseNet(nn.Module):
    def __init__(self, growth_rate=32, block_config=(6, 12, 24, 16), num_init_features=64, bn_size=4, drop_rate=0,
                 num_classes=1000, memory_efficient=False):
        super().__init__()
        width = num_init_features
        self.features = nn.Sequential(OrderedDict([
            ("conv0", nn.Conv2d(3, width, 7, 2, 3, bias=False)), ("norm0", nn.BatchNorm2d(width)),
            ("relu0", nn.ReLU(inplace=True)), ("pool0", nn.MaxPool2d(3, 2, 1))]))
        for i, count in enumerate(block_config):
            self.features.add_module("denseblock%d" % (i + 1), _DenseBlock(count, width, bn_size, growth_rate))
            width += count * growth_rate
            if i != len(block_config) - 1:
                self.features.add_module("transition%d" % (i + 1), nn.Sequential(OrderedDict([
                    ("norm", nn.BatchNorm2d(width)), ("relu", nn.ReLU(inplace=True)),
                    ("conv", nn.Conv2d(width, width // 2, 1, bias=False)), ("pool", nn.AvgPool2d(2, 2))])))
                width //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(width))
        self.classifier = nn.Linear(width, num_classes)

    def forward(self, x):
        x = F.relu(self.features(x), inplace=True)
        return self.classifier(torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1))


def _densenet(growth, config, first, weights=None, progress=True, pretrained=False, **kwargs):
    return DenseNet(growth, config, first, **kwargs)


densenet121 = partial(_densenet, 32, (6, 12, 24, 16), 64)
densenet161 = partial(_densenet, 48, (6, 12, 36, 24), 96)
densenet169 = partial(_densenet, 32, (6, 12, 32, 32), 64)
densenet201 = partial(_densenet, 32, (6, 12, 48, 32), 64)


def _divisible(v, divisor=8):
    found = max(divisor, int(v + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * v else found


class InvertedResidual(nn.Module):
    def __init__(self, width, planes, stride, ratio):
        super().__init__()
        hidden = int(round(width * ratio))
        self.use_res_connect = stride == 1 and width == planes
        parts = [] if ratio == 1 else [Conv2dNormActivation(width, hidden, 1, activation_layer=nn.ReLU6)]
        parts += [Conv2dNormActivation(hidden, hidden, stride=stride, groups=hidden, activation_layer=nn.ReLU6),
                  nn.Conv2d(hidden, planes, 1, bias=False), nn.BatchNorm2d(planes)]
        self.conv = nn.Sequential(*parts)

    def forward(self, x):
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self, num_classes=1000, width_mult=1.0, dropout=0.2):
        super().__init__()
        width = _divisible(32 * width_mult)
        self.last_channel = _divisible(1280 * max(1.0, width_mult))
        parts = [Conv2dNormActivation(3, width, stride=2, activation_layer=nn.ReLU6)]
        for t, c, n, s in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                           (6, 320, 1, 1)]:
            for i in range(n):
                parts.append(InvertedResidual(width, _divisible(c * width_mult), s if i == 0 else 1, t))
                width = _divisible(c * width_mult)
        parts.append(Conv2dNormActivation(width, self.last_channel, 1, activation_layer=nn.ReLU6))
        self.features = nn.Sequential(*parts)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout), nn.Linear(self.last_channel, num_classes))

    def forward(self, x):
        return self.classifier(torch.flatten(F.adaptive_avg_pool2d(self.features(x), (1, 1)), 1))


def mobilenet_v2(weights=None, progress=True, pretrained=False, **kwargs):
    return MobileNetV2(**kwargs)


class Fire(nn.Module):
    def __init__(self, width, squeeze, one, three):
        super().__init__()
        self.squeeze = nn.Conv2d(width, squeeze, 1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze, one, 1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeeze, three, 3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.squeeze_activation(self.squeeze(x))
        one, three = self.expand1x1(x), self.expand3x3(x)
        return torch.cat([self.expand1x1_activation(one), self.expand3x3_activation(three)], 1)


class SqueezeNet(nn.Module):
    def __init__(self, version, num_classes=1000, dropout=0.5):
        super().__init__()
        self.num_classes = num_classes
        pool = partial(nn.MaxPool2d, kernel_size=3, stride=2, ceil_mode=True)
        first = nn.Conv2d(3, 96, 7, 2) if version == "1_0" else nn.Conv2d(3, 64, 3, 2)
        fires = [Fire(96 if version == "1_0" else 64, 16, 64, 64), Fire(128, 16, 64, 64), Fire(128, 32, 128, 128),
                 Fire(256, 32, 128, 128), Fire(256, 48, 192, 192), Fire(384, 48, 192, 192), Fire(384, 64, 256, 256),
                 Fire(512, 64, 256, 256)]
        cuts = (3, 7) if version == "1_0" else (2, 4)
        parts = [first, nn.ReLU(inplace=True), pool()]
        for i, fire in enumerate(fires):
            if i in cuts:
                parts.append(pool())
            parts.append(fire)
        self.features = nn.Sequential(*parts)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout), nn.Conv2d(512, num_classes, 1), nn.ReLU(inplace=True),
                                        nn.AdaptiveAvgPool2d((1, 1)))

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


def squeezenet1_0(weights=None, progress=True, pretrained=False, **kwargs):
    return SqueezeNet("1_0", **kwargs)


def squeezenet1_1(weights=None, progress=True, pretrained=False, **kwargs):
    return SqueezeNet("1_1", **kwargs)


class MBConv(nn.Module):
    def __init__(self, ratio, kernel, stride, width, planes, norm):
        super().__init__()
        self.use_res_connect = stride == 1 and width == planes
        hidden = _divisible(width * ratio)
        make = partial(Conv2dNormActivation, norm_layer=norm, activation_layer=nn.SiLU)
        parts = [] if hidden == width else [make(width, hidden, kernel_size=1)]
        parts += [make(hidden, hidden, kernel_size=kernel, stride=stride, groups=hidden),
                  SqueezeExcitation(hidden, max(1, width // 4), activation=partial(nn.SiLU, inplace=True)),
                  Conv2dNormActivation(hidden, planes, kernel_size=1, norm_layer=norm, activation_layer=None)]
        self.block = nn.Sequential(*parts)

    def forward(self, x):
        return self.block(x) + x if self.use_res_connect else self.block(x)


class EfficientNet(nn.Module):
    def __init__(self, wide, deep, dropout, norm, num_classes=1000):
        super().__init__()
        width = _divisible(32 * wide)
        parts = [Conv2dNormActivation(3, width, kernel_size=3, stride=2, norm_layer=norm, activation_layer=nn.SiLU)]
        for ratio, kernel, stride, planes, count in [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2),
                                                     (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
                                                     (6, 3, 1, 320, 1)]:
            stage = []
            for i in range(int(math.ceil(count * deep))):
                stage.append(MBConv(ratio, kernel, stride if i == 0 else 1, width, _divisible(planes * wide), norm))
                width = _divisible(planes * wide)
            parts.append(nn.Sequential(*stage))
        parts.append(Conv2dNormActivation(width, 4 * width, kernel_size=1, norm_layer=norm, activation_layer=nn.SiLU))
        self.features = nn.Sequential(*parts)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout, inplace=True), nn.Linear(4 * width, num_classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def _efficientnet(wide, deep, dropout, weights=None, progress=True, pretrained=False, **kwargs):
    norm = kwargs.pop("norm_layer", nn.BatchNorm2d)
    return EfficientNet(wide, deep, kwargs.pop("dropout", dropout), norm, **kwargs)


efficientnet_b0 = partial(_efficientnet, 1.0, 1.0, 0.2)
efficientnet_b1 = partial(_efficientnet, 1.0, 1.1, 0.2)
efficientnet_b2 = partial(_efficientnet, 1.1, 1.2, 0.3)
efficientnet_b3 = partial(_efficientnet, 1.2, 1.4, 0.3)
efficientnet_b4 = partial(_efficientnet, 1.4, 1.8, 0.4)
efficientnet_b5 = partial(_efficientnet, 1.6, 2.2, 0.4)
efficientnet_b6 = partial(_efficientnet, 1.8, 2.6, 0.5)
efficientnet_b7 = partial(_efficientnet, 2.0, 3.1, 0.5)


class MLPBlock(nn.Sequential):
    def __init__(self, width, hidden, dropout):
        super().__init__(nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, width),
                         nn.Dropout(dropout))


class EncoderBlock(nn.Module):
    def __init__(self, heads, width, hidden, dropout, attention_dropout):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(width, heads, dropout=attention_dropout, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = MLPBlock(width, hidden, dropout)

    def forward(self, input):
        x = self.ln_1(input)
        x, _ = self.self_attention(x, x, x, need_weights=False)
        x = self.dropout(x) + input
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    def __init__(self, length, layers, heads, width, hidden, dropout, attention_dropout):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, length, width))
        self.dropout = nn.Dropout(dropout)
        blocks = OrderedDict()
        for i in range(layers):
            blocks[f"encoder_layer_{i}"] = EncoderBlock(heads, width, hidden, dropout, attention_dropout)
        self.layers = nn.Sequential(blocks)
        self.ln = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x):
        return self.ln(self.layers(self.dropout(x + self.pos_embedding)))


class VisionTransformer(nn.Module):
    def __init__(self, image_size, patch_size, num_layers, num_heads, hidden_dim, mlp_dim, dropout=0.0,
                 attention_dropout=0.0, num_classes=1000):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.conv_proj = nn.Conv2d(3, hidden_dim, patch_size, patch_size)
        self.class_token = nn.Parameter(torch.zeros(1, 1, hidden_dim))
        self.encoder = Encoder((image_size // patch_size) ** 2 + 1, num_layers, num_heads, hidden_dim, mlp_dim,
                               dropout, attention_dropout)
        self.heads = nn.Sequential(OrderedDict([("head", nn.Linear(hidden_dim, num_classes))]))

    def forward(self, x):
        n = x.shape[0]
        x = self.conv_proj(x).reshape(n, self.hidden_dim, -1).permute(0, 2, 1)
        x = torch.cat([self.class_token.expand(n, -1, -1), x], dim=1)
        return self.heads(self.encoder(x)[:, 0])


def _vit(patch, layers, heads, width, hidden, weights=None, progress=True, pretrained=False, **kwargs):
    return VisionTransformer(kwargs.pop("image_size", 224), patch, layers, heads, width, hidden, **kwargs)


vit_b_16 = partial(_vit, 16, 12, 12, 768, 3072)
vit_b_32 = partial(_vit, 32, 12, 12, 768, 3072)
vit_l_16 = partial(_vit, 16, 24, 16, 1024, 4096)
vit_l_32 = partial(_vit, 32, 24, 16, 1024, 4096)
"""


def load(interpreter: Any) -> File:
    """The models, followed once."""
    file = File(Source("<torchvision.models>", TEXT), ast.parse(TEXT), "", "torchvision.models")
    interpreter.body(file.tree.body, file.scope)
    file.done = True
    return file
