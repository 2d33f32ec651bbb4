"""MobileNetV2, SqueezeNet, EfficientNet and ViT, in PyTorch; the imports stand in `convolutional`."""

TEXT = """
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
