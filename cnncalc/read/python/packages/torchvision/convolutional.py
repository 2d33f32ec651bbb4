"""ResNet, VGG, AlexNet and DenseNet, in PyTorch, to be followed like a file's own classes."""

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
"""
