#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Turns `swift-erofs-fuse --experimental-dump-help` (standard input) into a manual page (standard output)."""

import json
import sys

END = r"""
.SH CONFIGURATION
A TOML file given with
.B \-\-config
has a key for each long option; an option given wins over the file, as does
.BR \-o .
.SH "EXIT STATUS"
0: done. 1: the operation failed. 2: wrong usage. An error is one line on standard error: what failed, on what, and why.
.SH FILES
.TP
.I $XDG_CACHE_HOME/swift\-erofs\-fuse
the cache, else
.IR ~/.cache/swift\-erofs\-fuse .
.TP
.I $XDG_RUNTIME_DIR/swift\-erofs\-fuse
sockets over which running mounts are asked
.SH "SEE ALSO"
.BR mount (8),
.BR fusermount3 (1),
.BR mkfs.erofs (1)
"""


def roff(text):
    """Text that roff shows as it is."""
    return "\n".join(
        "\\&" + line if line[:1] in (".", "'") else line
        for line in text.replace("\\", "\\e").replace("-", "\\-").split("\n"))


def names(argument):
    """How an argument is written on the command line."""
    value = "" if argument["kind"] == "flag" else argument.get("valueName", "value").upper()
    if argument["kind"] == "positional":
        return f"\\fI{roff(value)}\\fR" + (" ..." if argument["isRepeating"] else "")
    forms = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument["names"]]
    return ", ".join(f"\\fB{roff(form)}\\fR" for form in forms) + (f" \\fI{roff(value)}\\fR" if value else "")


def shown(command):
    return [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]


def describe(command, path):
    """The section of a command, and those of its subcommands."""
    arguments = [argument for argument in shown(command) if argument.get("preferredName", {}).get("name") != "help"]
    usage = "".join(" " + names(argument) for argument in arguments if argument["kind"] == "positional")
    print(f".SS \"\\fB{roff(' '.join(path))}\\fR" + (" [options]" if arguments else "") + f"{usage}\"")
    print(roff(command.get("abstract", "")))
    for argument in arguments:
        print(f".TP\n{names(argument)}\n{roff(argument.get('abstract', ''))}")
    for child in command.get("subcommands", []):
        describe(child, path + [child["commandName"]])


def main():
    program = json.load(sys.stdin)["command"]
    print('.TH SWIFT\\-EROFS\\-FUSE 1 "" "" "User Commands"')
    print(".SH NAME\nswift\\-erofs\\-fuse \\- " + roff(program["abstract"].rstrip(".")))
    print(".SH SYNOPSIS\n.B swift\\-erofs\\-fuse\n.I COMMAND\n[options]\n.br")
    print(".B mount \\-t fuse.swift\\-erofs\\-fuse\n.I IMAGE MOUNTPOINT\n[\\fB\\-o\\fR \\fIOPTION\\fR,...]\n.SH COMMANDS")
    for child in program.get("subcommands", []):
        if child["commandName"] != "help":
            describe(child, [child["commandName"]])
    print(END.strip("\n"))


main()
