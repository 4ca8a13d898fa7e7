"""Somebody at a screen: attaches through a terminal of its own, types, and drops the terminal, as a lost connection does.

attached.py SCREEN: each line of standard input is what is typed, as Python writes it (\\x01 is Ctrl-A); what the terminal shows goes to
standard output. The end of standard input drops the terminal without a detach.
"""

import os
import pty
import select
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp("screen", ["screen", "-r", sys.argv[1]])
typed = b""
while True:
    ready, _, _ = select.select([0, terminal], [], [])
    if terminal in ready:
        try:
            os.write(1, os.read(terminal, 65536))
        except OSError:
            break
    if 0 in ready:
        more = os.read(0, 4096)
        if not more:
            break
        typed += more
        while b"\n" in typed:
            line, typed = typed.split(b"\n", 1)
            os.write(terminal, line.decode("unicode_escape").encode("latin-1"))
os.close(terminal)
os.waitpid(pid, 0)
