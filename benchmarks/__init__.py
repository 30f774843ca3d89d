"""Side-by-side runs against the peers: `python -m benchmarks`. They print; they assert nothing."""
