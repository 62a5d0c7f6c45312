"""When a connection was cut that was cut in silence: a firewall forgot it, and told neither end.

On an idle connection nothing shows that, and a ping ends its idleness. So other idle connections stand beside it, each
of which is sent its one ping at another time. Between the last that answered and the first that did not lies the
moment; where that is too wide a gap and there is time, new ones are opened for the times in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

RESOLUTION_SECONDS = 1.0


class IdleSearch:
    """The times at which idle connections to one region answered a ping, or did not; `most` stand beside the first."""

    def __init__(self, seconds: float, most: int) -> None:
        self.answered = 0.0
        self.silent = seconds
        self._most = most

    def times(self, left: float) -> Sequence[float]:
        """Return after how much idleness new connections should be sent a ping, within the `left` seconds."""
        gap = self.silent - self.answered
        count = min(self._most, math.ceil(gap / RESOLUTION_SECONDS) - 1)
        found = [self.answered + gap * number / (count + 1) for number in range(1, count + 1)]
        return [time for time in found if time <= left]

    def note(self, seconds: float, *, answered: bool) -> bool:
        """Note what a connection did after so much idleness; tells whether that narrowed the gap from above."""
        if answered and seconds < self.silent:
            self.answered = max(self.answered, seconds)
        elif not answered and seconds < self.silent:
            self.silent = seconds
            self.answered = self.answered if self.answered < seconds else 0.0
            return True
        return False
