"""The engine 'nano': our own latent video diffusion, led by the plan as the geometry draws it, or alone.

engine ─▶ guide (geometry) ─Codec▶ latents ─denoise, window by window▶ latents ─Codec▶ compose ─▶ frames
"""
