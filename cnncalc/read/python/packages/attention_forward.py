"""torch.nn.functional.multi_head_attention_forward, in PyTorch as it behaves."""

TEXT = """
def multi_head_attention_forward(
        query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn,
        dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, need_weights=True,
        attn_mask=None, use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None, v_proj_weight=None,
        static_k=None, static_v=None, average_attn_weights=True, is_causal=False):
    single = query.dim() == 2
    if single:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
    length, batch, width = query.shape
    if width != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}")
    head = width // num_heads
    if head * num_heads != width:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    weights = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else in_proj_weight.chunk(3)
    biases = (None, None, None) if in_proj_bias is None else in_proj_bias.chunk(3)
    parts = [F.linear(x, weight, bias) for x, weight, bias in zip((query, key, value), weights, biases)]
    if bias_k is not None and bias_v is not None:
        parts = [parts[0], torch.cat([parts[1], bias_k.repeat(1, batch, 1)]),
                 torch.cat([parts[2], bias_v.repeat(1, batch, 1)])]
    q, k, v = [part.reshape(part.shape[0], batch * num_heads, head).transpose(0, 1) for part in parts]
    k = k if static_k is None else static_k
    v = v if static_v is None else static_v
    if add_zero_attn:
        zeros = torch.zeros(batch * num_heads, 1, head)
        k, v = torch.cat([k, zeros], dim=1), torch.cat([v, zeros], dim=1)
    scores = torch.bmm(q, k.transpose(1, 2)).softmax(-1)
    mixed = torch.bmm(scores, v).transpose(0, 1).contiguous().view(length, batch, width)
    result = F.linear(mixed, out_proj_weight, out_proj_bias)
    if single:
        result = result.squeeze(1)
    if not need_weights:
        return result, None
    scores = scores.view(batch, num_heads, length, k.shape[1])
    scores = scores.mean(dim=1) if average_attn_weights else scores
    return result, scores.squeeze(0) if single else scores
"""
