"""Networks, their weights and the runtime that runs them."""
