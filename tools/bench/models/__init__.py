"""The diagrams of the benchmarks."""

from pathlib import Path

MODELS = Path(__file__).parent
