"""How far and how fast videos spread, and the circuit breaker that slows those that should be looked at first."""
