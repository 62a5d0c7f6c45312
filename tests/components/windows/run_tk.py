"""Run examples/tk_precheck.py's `main`, close its window when the test is done, and print what was in it.

    run_tk.py REGIONS

The first line is the window's height and the screen's, the others are the text below the table. Runs in .components/tk.
"""

import tk_precheck

import wsconn


class Closing(tk_precheck.Precheck):
    """The example's window, which its user closes."""

    def end(self, result: wsconn.ConnectivityResult) -> None:
        super().end(result)
        self.root.update_idletasks()
        print(self.root.winfo_height(), self.root.winfo_screenheight())
        print(self.text.get("1.0", "end"))
        self.close()


tk_precheck.Precheck = Closing
tk_precheck.main()
