"""Training of the latent video diffusion: the video autoencoder first, then the transformer that draws in its latents.

    photos, clips ─data▶ crops ─vae_run▶ autoencoder ─export▶ ONNX + card
                                              └─▶ latents ─shards▶ batches ─dit_run▶ transformer

A run is a function of a frozen configuration and of folders. Torch is needed here and nowhere else.
"""
