#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""complete_in_zsh.py FOLDER LINE…: types each line and a tab into an interactive zsh that has the functions of FOLDER, and prints what
the line has become."""
import os
import pty
import re
import select
import sys
import time

SETUP = """PS1='READY>'; unsetopt ZLE_BRACKETED_PASTE beep; LISTMAX=0; fpath=({folder} $fpath)
autoload -Uz compinit; compinit -u -D
show() {{ print -r -- "<<$BUFFER>>"; BUFFER=; zle accept-line }}
zle -N show; bindkey '^X' show; bindkey '^I' complete-word; print SET''UP
"""


def read_until(terminal, mark, seconds=30):
    text, end = "", time.monotonic() + seconds
    while not re.search(mark, text):
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"zsh does not answer: {text[-400:]!r}")
        text += os.read(terminal, 65536).decode("utf-8", "replace")
    return text


def main():
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], dict(os.environ, TERM="dumb", COLUMNS="400"))
    os.write(terminal, SETUP.format(folder=os.path.abspath(sys.argv[1])).encode())
    read_until(terminal, "SETUP\r?\n")
    for line in sys.argv[2:]:
        os.write(terminal, (line + "\t\x18").encode())
        text = read_until(terminal, "<<.*>>")
        print(re.search("<<(.*)>>", text).group(1))
    os.close(terminal)


if __name__ == "__main__":
    main()
