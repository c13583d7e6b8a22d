"""Our own latent video diffusion. So far the samplers; no backend yet."""
