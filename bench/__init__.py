"""The benchmarks: Dockyard against public opponents, in one run on one machine, as ratios of medians.

`docker compose` as packaged, and `direct`: a script that drives the Engine API by hand. Figures are written to docs/benchmarks.md with the
bounds they were measured against; a bound that isn't met is said, never loosened.
"""
