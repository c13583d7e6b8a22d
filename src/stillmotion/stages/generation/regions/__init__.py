"""Moving regions: what flows, sways, ripples, flickers, drifts, turns or follows a path, evaluated at any time t."""
