"""HTTP app, durable jobs, workers."""
