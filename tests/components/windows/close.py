"""Wait for a window whose title ends as told, on the X server of DISPLAY, print the title; with --close, close it.

    close.py TITLE_END [--close]

Closing is what a window manager does when its button is clicked: the message WM_DELETE_WINDOW (ICCCM, 4.2.8.1). Runs in
.components/examples, which has Xlib.
"""

import sys
import time

from Xlib import X
from Xlib.display import Display
from Xlib.protocol.event import ClientMessage
from Xlib.xobject.drawable import Window

WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.02


def titled(window: Window, ending: str) -> Window | None:
    if str(window.get_wm_name() or "").endswith(ending) and window.get_attributes().map_state == X.IsViewable:
        return window
    for child in window.query_tree().children:
        if found := titled(child, ending):
            return found
    return None


def main(ending: str, *options: str) -> None:
    display = Display()
    deadline = time.monotonic() + WAIT_SECONDS
    while not (window := titled(display.screen().root, ending)):
        if time.monotonic() > deadline:
            sys.exit(f"there is no window whose title ends with {ending!r}")
        time.sleep(LOOK_SECONDS)
    print(window.get_wm_name())
    if "--close" in options:
        protocols, delete = (display.intern_atom(name) for name in ("WM_PROTOCOLS", "WM_DELETE_WINDOW"))
        event = ClientMessage(window=window, client_type=protocols, data=(32, [delete, X.CurrentTime, 0, 0, 0]))
        window.send_event(event)
        display.sync()  # the server has it, and may be left
    display.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
