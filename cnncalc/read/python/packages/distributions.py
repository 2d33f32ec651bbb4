"""Distributions of torch.distributions, in PyTorch, to be followed like a file's own classes."""

NAMES = (
    "Normal", "Laplace", "LogNormal", "Cauchy", "Uniform", "MultivariateNormal", "Categorical", "OneHotCategorical",
    "Bernoulli", "Independent", "kl_divergence",
)  # fmt: skip

TEXT = """
import math


class Normal:
    def __init__(self, loc, scale, validate_args=None):
        if torch.is_tensor(loc) and torch.is_tensor(scale) and loc.shape != scale.shape:
            loc, scale = torch.broadcast_tensors(loc, scale)
        elif torch.is_tensor(scale) and not torch.is_tensor(loc):
            loc = torch.full_like(scale, loc)
        elif torch.is_tensor(loc) and not torch.is_tensor(scale):
            scale = torch.full_like(loc, scale)
        self.loc = loc
        self.scale = scale

    @property
    def mean(self):
        return self.loc

    @property
    def stddev(self):
        return self.scale

    @property
    def variance(self):
        return self.scale ** 2

    def rsample(self, sample_shape=()):
        if not len(sample_shape):
            return self.loc + self.scale * torch.randn_like(self.loc)
        return self.loc + self.scale * torch.randn(tuple(sample_shape) + tuple(self.loc.shape))

    def sample(self, sample_shape=()):
        return self.rsample(sample_shape)

    def log_prob(self, value):
        return -((value - self.loc) ** 2) / (2 * self.scale ** 2) - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def entropy(self):
        return 0.5 + 0.5 * math.log(2 * math.pi) + torch.log(self.scale)


class Laplace(Normal):
    pass


class LogNormal(Normal):
    pass


class Cauchy(Normal):
    pass


class Uniform(Normal):
    def __init__(self, low, high, validate_args=None):
        super().__init__(low, high)
        self.low = self.loc
        self.high = self.scale


class MultivariateNormal:
    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        self.loc = loc

    @property
    def mean(self):
        return self.loc

    def rsample(self, sample_shape=()):
        if not len(sample_shape):
            return self.loc + torch.randn_like(self.loc)
        return self.loc + torch.randn(tuple(sample_shape) + tuple(self.loc.shape))

    def sample(self, sample_shape=()):
        return self.rsample(sample_shape)

    def log_prob(self, value):
        return ((value - self.loc) ** 2).sum(-1)

    def entropy(self):
        return self.loc.sum(-1)


class Categorical:
    def __init__(self, probs=None, logits=None, validate_args=None):
        self._probs = probs
        self._logits = logits

    @property
    def logits(self):
        if self._logits is None:
            return torch.log(self.probs)
        return self._logits - self._logits.logsumexp(dim=-1, keepdim=True)

    @property
    def probs(self):
        if self._probs is None:
            return torch.softmax(self._logits, dim=-1)
        return self._probs / self._probs.sum(-1, keepdim=True)

    def sample(self, sample_shape=()):
        drawn = self.probs.argmax(dim=-1)
        return drawn.expand(tuple(sample_shape) + tuple(drawn.shape)) if len(sample_shape) else drawn

    def log_prob(self, value):
        return self.logits.gather(-1, value.unsqueeze(-1)).squeeze(-1)

    def entropy(self):
        return -(self.logits * self.probs).sum(-1)


class OneHotCategorical(Categorical):
    def sample(self, sample_shape=()):
        drawn = self.probs
        return drawn.expand(tuple(sample_shape) + tuple(drawn.shape)) if len(sample_shape) else drawn

    def log_prob(self, value):
        return (self.logits * value).sum(-1)


class Bernoulli:
    def __init__(self, probs=None, logits=None, validate_args=None):
        self.probs = torch.sigmoid(logits) if probs is None else probs
        self.logits = logits

    def sample(self, sample_shape=()):
        if not len(sample_shape):
            return torch.bernoulli(self.probs)
        return torch.bernoulli(self.probs.expand(tuple(sample_shape) + tuple(self.probs.shape)))

    def log_prob(self, value):
        return value * torch.log(self.probs) + (1 - value) * torch.log(1 - self.probs)

    def entropy(self):
        return -(self.probs * torch.log(self.probs) + (1 - self.probs) * torch.log(1 - self.probs))


class Independent:
    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        self.base_dist = base_distribution
        self.ndims = reinterpreted_batch_ndims

    @property
    def mean(self):
        return self.base_dist.mean

    def sample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape=()):
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value):
        return self.base_dist.log_prob(value).sum(tuple(range(-self.ndims, 0)))

    def entropy(self):
        return self.base_dist.entropy().sum(tuple(range(-self.ndims, 0)))


def kl_divergence(p, q):
    ratio = (p.scale / q.scale) ** 2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - torch.log(ratio))
"""
