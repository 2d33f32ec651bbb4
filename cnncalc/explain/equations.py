"""What a layer computes, as equations: softmax, norms, attention, recurrent steps, positions, losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cnncalc.core.number import is_one
from cnncalc.core.rules import is_bias
from cnncalc.explain import functions
from cnncalc.network.row import Row


class Equation(NamedTuple):
    """An equation as text and as TeX."""

    left: str
    right: str
    tex_left: str
    tex_right: str

    @property
    def text(self) -> str:
        """The whole line."""
        return f"{self.left} = {self.right}"

    @property
    def tex(self) -> str:
        """The whole line in TeX."""
        return f"{self.tex_left} = {self.tex_right}"


def equations(row: Row) -> list[Equation]:
    """The layer's equations; none for a layer that its sentence says enough of."""
    found = FAMILIES.get(row.layer.explained)
    return found(row) if found is not None else []


# --- softmax -------------------------------------------------------------------------------------------------------


def _softmax(row: Row) -> list[Equation]:
    sign, tex_sign = ("−", "-") if row.type == "Softmin" else ("", "")
    if row.type == "LogSoftmax":
        return [Equation("y_i", "x_i − ln Σ_j e^(x_j)", "y_i", r"x_i - \ln \sum_j e^{x_j}")]
    return [
        Equation(
            "y_i",
            f"e^({sign}x_i)/Σ_j e^({sign}x_j)",
            "y_i",
            rf"\frac{{e^{{{tex_sign}x_i}}}}{{\sum_j e^{{{tex_sign}x_j}}}}",
        )
    ]


# --- norms ---------------------------------------------------------------------------------------------------------


def _trained(row: Row) -> tuple[str, str, str, str]:
    """Factor and shift around what is normalised, where they are trained: as text, and as TeX."""
    names = [weight.name for weight in row.facts.weights]
    factor = any(not is_bias(name) for name in names)
    shift = any(is_bias(name) for name in names)
    before, after = ("γ·" if factor else ""), (" + β" if shift else "")
    tex_before, tex_after = (r"\gamma \, " if factor else ""), (r" + \beta" if shift else "")
    return before, after, tex_before, tex_after


def _root_mean_square(row: Row) -> list[Equation]:
    before, after, tex_before, tex_after = _trained(row)
    return [
        Equation(
            "y",
            f"{before}x/√(mean(x²) + ε){after}",
            "y",
            rf"{tex_before}\frac{{x}}{{\sqrt{{\overline{{x^2}} + \varepsilon}}}}{tex_after}",
        )
    ]


def _norm(row: Row) -> list[Equation]:
    before, after, tex_before, tex_after = _trained(row)
    return [
        Equation(
            "y",
            f"{before}(x − μ)/√(σ² + ε){after}",
            "y",
            rf"{tex_before}\frac{{x - \mu}}{{\sqrt{{\sigma^2 + \varepsilon}}}}{tex_after}",
        )
    ]


def _response(row: Row) -> list[Equation]:
    return [
        Equation(
            "y_c",
            "x_c/(k + α/n·Σ x_c'²)^β, the sum over n channels around c",
            "y_c",
            r"\frac{x_c}{\left(k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2\right)^\beta}",
        )
    ]


# --- attention -----------------------------------------------------------------------------------------------------


def _attention(row: Row) -> list[Equation]:
    """The steps of an attention, with the shape of the scores."""
    layer: Any = row.layer
    kind = row.type
    heads = layer.num_heads
    query, key = row.facts.inputs[0], row.facts.inputs[min(1, len(row.facts.inputs) - 1)]
    names = ("L", "L") if len(row.facts.inputs) == 1 else ("L", "S")
    pairs = f"[{', '.join([*([] if is_one(heads) else ['h']), *names])}]"
    sizes = [*([] if is_one(heads) else [heads]), query[1], layer.length(key) if layer.has("length") else key[1]]
    shown = f"{pairs} = [{', '.join(map(str, sizes))}]"
    if kind == "Attention":
        bias = " + b" if layer.bias else ""
        first = Equation("Q, K, V", f"X W_q{bias}, X W_k{bias}, X W_v{bias}", "Q, K, V", _projected(bool(layer.bias)))
        if len(row.facts.inputs) > 1:
            first = first._replace(right=first.right.replace("X W_k", "M W_k").replace("X W_v", "M W_v"))
        divisor = {"sqrt_dk": "√d_k", "sqrt_dmodel": "√E", "none": ""}.get(layer.scale, str(layer.scale))
        last = "output" if not layer.out_proj else "heads"
    else:
        bias, held = (" + b" if layer.bias else ""), "the thirds of in_proj_weight"
        if layer.kdim is not None or layer.vdim is not None:
            held = "q_proj_weight, k_proj_weight, v_proj_weight"
        text = f"X W_qᵀ{bias}, M W_kᵀ{bias}, M W_vᵀ{bias}; W {held}"
        text = text if len(row.facts.inputs) > 1 else text.replace("M ", "X ")
        first = Equation("Q, K, V", text, "Q, K, V", _projected(bool(layer.bias), "^T"))
        divisor, last = "√d_k", "heads"
    tex_divisor = divisor.replace("√d_k", r"\sqrt{d_k}").replace("√E", r"\sqrt{E}")
    scores = f"Q Kᵀ/{divisor}" if divisor else "Q Kᵀ"
    tex_scores = rf"\frac{{Q K^T}}{{{tex_divisor}}}" if divisor else "Q K^T"
    found = [
        first,
        Equation("scores", f"{scores}, {shown}", r"\text{scores}", rf"{tex_scores},\quad {shown}"),
        Equation(
            "attention", "softmax(scores), every row sums to 1", r"\text{attention}", r"\text{softmax}(\text{scores})"
        ),
        Equation(last, "attention V", rf"\text{{{last}}}", r"\text{attention} \; V"),
    ]
    if last == "heads":
        word = "W_o" if kind == "Attention" else "out_proj"
        found.append(
            Equation(
                "output",
                f"heads side by side, times {word}",
                r"\text{output}",
                rf"\text{{heads}} \; \text{{{word.replace('_', ' ')}}}",
            )
        )
    return found


def _latent(row: Row) -> list[Equation]:
    """The latent, what is made of it, and the scores of both parts."""
    layer: Any = row.layer
    kept = f"[{layer.kv_lora_rank + layer.qk_rope_head_dim} numbers of a position, which are cached]"
    turn, tex = "turned", r"\text{turned}"
    query = "X W_q" if layer.q_lora_rank is None else "norm(X W_qa) W_qb"
    tex_query = query.replace("norm", r"\text{norm}").replace("W_qa", "W_{qa}").replace("W_qb", "W_{qb}")
    divisor = "√(d_n + d_r)" if layer.scale is None else f"{layer.scale:g}"
    tex_divisor = r"\sqrt{d_n + d_r}" if layer.scale is None else divisor
    return [
        Equation("C, K_r", f"X W_kva {kept}", "C, K_r", rf"X W_{{kva}} \;\text{{{kept}}}"),
        Equation("K_n, V", "norm(C) W_kvb", "K_n, V", r"\text{norm}(C) W_{kvb}"),
        Equation("Q_n, Q_r", query, "Q_n, Q_r", tex_query),
        Equation(
            "scores",
            f"(Q_n K_nᵀ + {turn}(Q_r) {turn}(K_r)ᵀ)/{divisor}",
            r"\text{scores}",
            rf"\frac{{Q_n K_n^T + {tex}(Q_r) \, {tex}(K_r)^T}}{{{tex_divisor}}}",
        ),
        Equation("output", "softmax(scores) V W_o", r"\text{output}", r"\text{softmax}(\text{scores}) \; V W_o"),
    ]


def _keras_attention(row: Row) -> list[Equation]:
    return [
        Equation("scores", "Q Kᵀ", r"\text{scores}", "Q K^T"),
        Equation("output", "softmax(scores) V", r"\text{output}", r"\text{softmax}(\text{scores}) \; V"),
    ]


def _projected(bias: bool, turned: str = "") -> str:
    return r",\ ".join(f"X W_{name}{turned}" + (f" + b_{name}" if bias else "") for name in "qkv")


def _scaled(row: Row) -> list[Equation]:
    layer: Any = row.layer
    sizes = row.facts.ports["scores"][1:]
    shown = f"[{', '.join(['...'] * (len(sizes) > 2) + ['L', 'S'])}] = [{', '.join(map(str, sizes))}]"
    scale = "/√E" if layer.scale is None else f"·{layer.scale:g}"
    tex = r"\frac{Q K^T}{\sqrt{E}}" if layer.scale is None else rf"{layer.scale:g}\, Q K^T"
    return [
        Equation("scores", f"Q Kᵀ{scale}, {shown}", r"\text{scores}", rf"{tex},\quad {shown}"),
        Equation("output", "softmax(scores) V", r"\text{output}", r"\text{softmax}(\text{scores}) \; V"),
    ]


# --- recurrent steps -----------------------------------------------------------------------------------------------


def _recurrent(row: Row) -> list[Equation]:
    """One step; W reads the input, U the state before, and each gate has rows of its own in both."""
    layer: Any = row.layer
    options = layer.__dict__
    bias = bool(options.get("bias", options.get("use_bias", True)))
    plus, tex_plus = (" + b", " + b") if bias else ("", "")
    inner, tex_inner = f"W x_t + U h_(t−1){plus}", rf"W x_t + U h_{{t-1}}{tex_plus}"
    made = {*layer.steps}
    if made == {"h"}:
        name = options.get("nonlinearity") or options.get("activation", "tanh")
        return [Equation("h_t", f"{name}({inner})", "h_t", rf"\text{{{name}}}({tex_inner})")]
    if made == {*"hcifgo"} or made == {*"ifgo"}:
        return [
            Equation("i, f, o", f"σ({inner})", "i, f, o", rf"\sigma({tex_inner})"),
            Equation("g", f"tanh({inner})", "g", rf"\tanh({tex_inner})"),
            Equation("c_t", "f·c_(t−1) + i·g", "c_t", r"f \odot c_{t-1} + i \odot g"),
            Equation("h_t", "o·tanh(c_t)", "h_t", r"o \odot \tanh(c_t)"),
        ]
    assert made == {*"hrzn"}, f"{row.type}: how a step makes {layer.steps} is not written here"
    second, tex_second = (" + b'", " + b'") if bias else ("", "")
    if options.get("reset_after", True):
        reset, tex_reset = f"r·(U h_(t−1){second})", rf"r \odot (U h_{{t-1}}{tex_second})"
    else:
        reset, tex_reset = "U (r·h_(t−1))", r"U (r \odot h_{t-1})"
    return [
        Equation("r, z", f"σ({inner})", "r, z", rf"\sigma({tex_inner})"),
        Equation("n", f"tanh(W x_t{plus} + {reset})", "n", rf"\tanh(W x_t{tex_plus} + {tex_reset})"),
        Equation("h_t", "(1 − z)·n + z·h_(t−1)", "h_t", r"(1 - z) \odot n + z \odot h_{t-1}"),
    ]


def _block(row: Row) -> list[Equation]:
    """The parts of a transformer layer in their order, each with its shortcut, and norms before or after."""
    layer: Any = row.layer
    parts = ["self-attention({})", f"linear2({layer.activation}(linear1({{}})))"]
    if row.type == "TransformerDecoderLayer":
        parts.insert(1, "cross-attention({}, memory)")
    found = []
    before = "x"
    for number, part in enumerate(parts, 1):
        after = "y" if number == len(parts) else f"h_{number}" if len(parts) > 2 else "h"
        if layer.norm_first:
            right = f"{before} + {part.format(f'norm{number}({before})')}"
        else:
            right = f"norm{number}({before} + {part.format(before)})"
        found.append(Equation(after, right, after, rf"\text{{{right.replace('_', chr(92) + '_')}}}"))
        before = after
    return found


# --- positions -----------------------------------------------------------------------------------------------------


def _position(row: Row) -> list[Equation]:
    layer: Any = row.layer
    if layer.kind == "learned":
        return [
            Equation("y_p", "x_p + weight_p, a trained vector for each position p", "y_p", r"x_p + \text{weight}_p")
        ]
    angle, tex_angle = "p/10000^(2i/E)", r"\frac{p}{10000^{2i/E}}"
    return [
        Equation("y_p", "x_p + PE_p", "y_p", "x_p + PE_p"),
        Equation("PE_(p, 2i)", f"sin({angle})", "PE_{p, 2i}", rf"\sin\left({tex_angle}\right)"),
        Equation("PE_(p, 2i+1)", f"cos({angle})", "PE_{p, 2i+1}", rf"\cos\left({tex_angle}\right)"),
    ]


def _rotation(row: Row) -> list[Equation]:
    """Of the pair a, b of features at position p, counted from 0."""
    base = f"{row.layer.__dict__['base']:g}"
    return [
        Equation("θ_i", f"{base}^(−2i/d)", r"\theta_i", rf"{base}^{{-2i/d}}"),
        Equation("y_a", "x_a·cos(p·θ_i) − x_b·sin(p·θ_i)", "y_a", r"x_a \cos(p\,\theta_i) - x_b \sin(p\,\theta_i)"),
        Equation("y_b", "x_a·sin(p·θ_i) + x_b·cos(p·θ_i)", "y_b", r"x_a \sin(p\,\theta_i) + x_b \cos(p\,\theta_i)"),
    ]


def _slopes(row: Row) -> list[Equation]:
    """What ALiBi takes off the scores of the query at q and the key at k, for head i, counted from 1."""
    heads = row.facts.inputs[0][1]
    found = [
        Equation("y_(i, q, k)", "x_(i, q, k) − m_i·|q − k|", "y_{i, q, k}", r"x_{i, q, k} - m_i \, |q - k|"),
        Equation("m_i", "2^(−8·i/h)", "m_i", "2^{-8 i/h}"),
    ]
    if isinstance(heads, int) and heads & (heads - 1):
        whole = 1 << (heads.bit_length() - 1)
        rest = f"for the first {whole}; then every second slope of {2 * whole} heads"
        found[1] = Equation("m_i", f"2^(−8·i/{whole}) {rest}", "m_i", rf"2^{{-8 i/{whole}}} \text{{ {rest}}}")
    return found


def _mask(row: Row) -> list[Equation]:
    """The scores of the query at q and the key at k."""
    return [Equation("y_(q, k)", "x_(q, k) where k ≤ q, −∞ elsewhere", "y_{q, k}",
                     r"\begin{cases} x_{q, k} & k \le q \\ -\infty & k > q \end{cases}")]  # fmt: skip


# --- losses --------------------------------------------------------------------------------------------------------


def _loss(row: Row) -> list[Equation]:
    """The loss of one number, and its derivative."""
    text, slope, tex, tex_slope = row.layer.of_one
    return [Equation("l", text, "l", tex), Equation("∂l/∂x", slope, r"\frac{\partial l}{\partial x}", tex_slope)]


Family = Callable[[Row], list[Equation]]
# By what a layer's class declares as `explained`; what is not here has no equations.
FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("batch norm", "instance norm", "group norm", "layer norm", "layer norm of axes"), _norm),
    **dict.fromkeys(("root mean square", "root mean square of axes"), _root_mean_square),
    "softmax": _softmax,
    **dict.fromkeys(("recurrent", "step"), _recurrent),
    "loss": _loss,
    **dict.fromkeys(("function", "dropout"), lambda row: [Equation(*one) for one in functions.lines(row)]),
    "response": _response,
    "transformer layer": _block,
    "attention": _attention,
    "latent attention": _latent,
    "dot products": _keras_attention,
    "scaled dot products": _scaled,
    "vectors": _position,
    "rotation": _rotation,
    "slopes": _slopes,
    "mask": _mask,
}
