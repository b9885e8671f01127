"""The way in: find the command, parse its words, run it, end with its code. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from dockyard.cli.table import Command

USAGE = 2
INTERNAL = 70
ABORTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run `argv` (else the process's own) and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    _speak_utf8()
    if "_ARGCOMPLETE" in os.environ:
        from dockyard.cli import completion

        completion.answer()
    if words[:1] in (["--version"], ["-V"]):
        from dockyard import __version__

        print(f"dockyard {__version__}")
        return 0
    _on_signals(_end_at_once)
    try:
        return _run(words)
    except KeyboardInterrupt:
        return ABORTED
    except BrokenPipeError:
        # who reads us has gone; the interpreter must not complain of it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ABORTED


_Handler = Callable[[int, "FrameType | None"], object]


def _on_signals(handler: _Handler) -> None:
    """SIGTERM is as good as Ctrl-C; a run says later what it does with both."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(ValueError):  # somebody's thread
                signal.signal(number, handler)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    """While modules are imported nothing is begun, and an exception may be lost: extensions written in C swallow it."""
    os._exit(ABORTED)


def _speak_utf8() -> None:
    """A terminal that can't show a character shows a substitute: no verdict is lost for a letter."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _run(words: list[str]) -> int:
    from dockyard.cli import table

    if not words or words[0] in ("-h", "--help", "help"):
        if len(words) > 1 and words[0] == "help":
            return _run([words[1], "--help"])
        print(table.overview())
        return 0 if words else USAGE
    command = table.find(words[0])
    if command is None:
        print(table.unknown(words[0]), file=sys.stderr)
        return USAGE
    return _carry_out(command, words[1:])


def _carry_out(command: Command, words: list[str]) -> int:
    from dockyard.cli import table
    from dockyard.model.errors import Problem, UserError

    host_command: tuple[str, ...] = ()
    empty = words[-1:] == ["--"] and words.count("--") == 1
    if command.takes_command and "--" in words:
        cut = words.index("--")
        words, host_command = words[:cut], tuple(words[cut + 1 :])
    parser = command.parser()

    def run(given: argparse.Namespace) -> int:
        if command.takes_command and empty:
            raise UserError(Problem("no command stands after --", hint=f"dockyard {command.name} … -- CMD [ARG…]"))
        try:
            parser.parse_args(words, given)
        except SystemExit:  # so argparse ends after --help
            return 0
        act = table.load(command)
        _on_signals(signal.default_int_handler)
        return act(given)

    return _guarded(run, argparse.Namespace(host_command=host_command, json="--json" in words))


def _guarded(run: Callable[[argparse.Namespace], int], given: argparse.Namespace) -> int:
    from dockyard.cli import complain
    from dockyard.model.errors import DockyardError, UserError

    try:
        code = run(given)
        sys.stdout.flush()
        return code
    except UserError as error:
        complain.usage(error, given)
        return USAGE
    except DockyardError as error:
        complain.infrastructure(error, given)
        return 5
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and not error.filename:
            print(f"dockyard: what was to be said could not be written: {error.strerror}", file=sys.stderr)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor is it tried again at the end
            return 5
        complain.internal(error)
        return INTERNAL


if __name__ == "__main__":
    sys.exit(main())
