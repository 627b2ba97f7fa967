# SPDX-License-Identifier: Apache-2.0
"""Statistics over the seeds of an experiment: mean ± standard deviation, differences paired by seed with their t interval."""
import math
import statistics
from dataclasses import dataclass

# Student's t, 97.5 % quantile, for 1 to 30 degrees of freedom.
T_975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
         2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)


@dataclass(frozen=True)
class Sample:
    """Values of several runs with the 95 % t interval of their mean; the interval is None for one run."""
    values: tuple

    @property
    def mean(self):
        return statistics.mean(self.values)

    @property
    def deviation(self):
        """Sample standard deviation; None for one run."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    @property
    def interval(self):
        count = len(self.values)
        if count < 2:
            return None
        half = T_975[min(count - 1, len(T_975)) - 1] * self.deviation / math.sqrt(count)
        return self.mean - half, self.mean + half

    @property
    def side(self):
        """("above" or "below", how many runs are on the same side as the mean)."""
        if self.mean < 0:
            return "below", sum(value < 0 for value in self.values)
        return "above", sum(value > 0 for value in self.values)


def sample(values):
    """A Sample, or None where there are no values."""
    return Sample(tuple(values)) if values else None


def paired(first, second):
    """Differences first - second of two {seed: value}, over the seeds that both have; None where they share none."""
    return sample([first[seed] - second[seed] for seed in sorted(first) if seed in second])


def verdict(gain):
    """What the interval of a gain says: above zero, below zero, or undecided."""
    if gain.interval is None:
        return "one run, not decided"
    low, high = gain.interval
    if low > 0:
        return "seen"
    return "NOT seen" if high < 0 else "not decided"


def above_by_chance(accuracy, floor, pictures):
    """Whether an accuracy could be that of a constant answer: its 95 % normal interval over the pictures reaches down to the floor."""
    return accuracy - 1.96 * math.sqrt(accuracy * (1 - accuracy) / pictures) <= floor
