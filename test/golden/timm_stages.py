"""What a ViT of timm's answers, stage by stage, under Hugging Face's names. Needs pip's torch."""


def timm_stages(model, pixels):
    """pixels [B, 3, H, W] → logits [B, classes] where there are classes, last_hidden_state [B, N, D] behind the final norm,
    hidden_states.0 … L [B, N, D], attentions.0 … L-1 [B, H, N, N]."""
    hidden, attentions = [], []
    for at, block in enumerate(model.blocks):
        block.attn.fused_attn = False
        if at == 0:
            block.register_forward_pre_hook(lambda _, inputs: hidden.append(inputs[0]))
        block.register_forward_hook(lambda _, inputs, output: hidden.append(output))
        block.attn.attn_drop.register_forward_hook(lambda _, inputs, output: attentions.append(output))
    logits = model(pixels)
    named = {**({"logits": logits} if model.num_classes else {}), "last_hidden_state": model.norm(hidden[-1])}
    return {**named, **{f"hidden_states.{i}": h for i, h in enumerate(hidden)}, **{f"attentions.{i}": a for i, a in enumerate(attentions)}}
