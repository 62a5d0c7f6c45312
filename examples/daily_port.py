"""`call.testWebsocketConnectivity()` of daily-js and its abort, for code carried over.

    python daily_port.py regions.toml

Without a file: the catalogue "daily".
"""

import json
import sys
from collections.abc import Callable

import wsconn

Results = dict[str, str | list[str]]


class Precall:
    """A call object's two functions for WebSockets, and the event `test-completed`."""

    def __init__(
        self,
        regions: object = "daily",
        on_test_completed: Callable[[Results], object] | None = None,
    ) -> None:
        self.regions = wsconn.load_regions(regions)
        self.on_test_completed = on_test_completed
        self.test: wsconn.ConnectivityTest | None = None

    def test_websocket_connectivity(self) -> Results:
        """Block until all regions have settled or the test is aborted.

        From asyncio: `await asyncio.to_thread(call.test_websocket_connectivity)`.
        """
        # Without verify_frames an open socket is a pass, as it is for daily-js.
        self.test = wsconn.start(self.regions, timeout=10, verify_frames=False)
        if self.on_test_completed:
            tell = self.on_test_completed
            self.test.add_done_callback(lambda test: tell(test.result().to_dict()))
        return self.test.result().to_dict()

    def abort_test_websocket_connectivity(self) -> None:
        """End the test that is under way, if there is one; from any thread."""
        if self.test:
            self.test.abort()


def main() -> None:
    call = Precall(sys.argv[1] if len(sys.argv) > 1 else "daily")
    results = call.test_websocket_connectivity()
    print(json.dumps(results, indent=2))
    match results["result"]:
        case "failed":
            print("No region can be reached: ask your network's administrator.")
        case "warning":
            print(
                "Some regions cannot be reached:", ", ".join(results["failedRegions"])
            )
        case "aborted":
            print("The test was stopped.")
        case "passed":
            print("A WebSocket can be opened to every region.")


if __name__ == "__main__":
    main()
