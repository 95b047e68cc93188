"""Measurements against peers, as ratios: `python -m benchmarks` (or `make bench`).

Ours and the peer's turn come one after the other, many times over in one run, and medians are compared. Machines are
noisy and differ; seconds printed here say little, and only the ratios and differences count.
"""
