"""Which learning rate makes the loss fall fastest without diverging?"""

from __future__ import annotations

from autorecipe.record.readings import RateReading
from autorecipe.training.bench import Bench
from autorecipe.training.learning_rate import choose_rate, sweep_rates


def rate_range(bench: Bench) -> RateReading:
    """Return what a sweep of the learning rate says."""
    rates = sweep_rates()
    bench.fresh()
    losses = bench.take_steps(bench.train, len(rates), rates=rates)
    bench.fresh()
    chosen, smooth = choose_rate(rates, losses, default=bench.setup.usual_rate)
    return RateReading(
        chosen=chosen,
        default=bench.setup.learning_rate,
        largest_fall=float(1 - smooth.min() / smooth[0]) if len(smooth) and smooth[0] > 0 else 0.0,
        diverged_at=float(rates[len(smooth)]) if len(smooth) < len(rates) else None,
        curve=tuple((float(r), float(s)) for r, s in zip(rates[: len(smooth)], smooth, strict=True)),
    )
