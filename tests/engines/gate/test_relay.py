"""Stdin and stdout as a TCP connection made from where the gate is."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from dockyard.engines.gate import arguments
from dockyard.engines.gate import gate as said


@contextlib.contextmanager
def server(talk: Callable[[socket.socket], None], family: int = socket.AF_INET, address: str = "127.0.0.1") -> Iterator[int]:
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, 0))
        listener.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    talk(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def echo(connection: socket.socket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def test_bytes_go_both_ways(gate) -> None:
    with server(echo) as port:
        done = gate.run(*arguments.relay(port), send=b"PING\r\n")
    assert (done.returncode, done.stdout) == (0, b"PING\r\n")
    assert said.complaint(done.stderr) == said.CONNECTED


def test_nothing_of_megabytes_is_lost(gate) -> None:
    sent = os.urandom(8_000_000)
    with server(echo) as port:
        done = gate.run(*arguments.relay(port), send=sent)
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(sent).digest()


def test_an_answer_comes_after_our_end(gate) -> None:
    def answer(connection: socket.socket) -> None:
        asked = b""
        while data := connection.recv(100):
            asked += data
        time.sleep(0.1)
        connection.sendall(b"you said " + asked)

    with server(answer) as port:
        assert gate.run(*arguments.relay(port), send=b"hello").stdout == b"you said hello"


def test_it_ends_when_the_peer_does(gate) -> None:
    with server(lambda c: c.sendall(b"bye")) as port:
        process = gate.begin(*arguments.relay(port))
        assert process.stdout.read() == b"bye"
        assert process.wait(5) == 0


@pytest.mark.parametrize(
    ("family", "address"),
    [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET, "127.0.0.7"), (socket.AF_INET6, "::1"), (socket.AF_INET6, "::")],
)
def test_it_finds_the_port_wherever_it_listens(gate, family: int, address: str) -> None:
    with server(echo, family, address) as port:
        assert gate.run(*arguments.relay(port), send=b"x").stdout == b"x"


def test_a_given_address_is_the_one_that_is_used(gate) -> None:
    with server(echo, address="127.0.0.7") as port:
        assert gate.run(*arguments.relay(port, "127.0.0.7"), send=b"x").stdout == b"x"
        refused = gate.run(*arguments.relay(port, "127.0.0.1"), send=b"x")
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert "refused" in said.complaint(refused.stderr)


def test_a_port_where_nothing_listens_is_refused(gate) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        done = gate.run(*arguments.relay(closed.getsockname()[1]), send=b"")
    assert done.returncode == 1
    assert said.complaint(done.stderr) == f"cannot connect to port {done.args[-1]}: refused"


def test_it_ends_by_itself_at_last(gate) -> None:
    with server(lambda c: c.recv(1)) as port:
        process = gate.begin(*arguments.relay(port, limit=1))
        begun = time.monotonic()
        assert process.wait(5) == said.TIRED
        assert time.monotonic() - begun > 0.8


@pytest.mark.parametrize(
    "argv",
    [["relay"], ["relay", "127.0.0.1"], ["relay", "example.com", "1"], ["relay", "self", "70000"], ["relay", "1.2.3.4.5", "1"]],
)
def test_what_is_no_address_is_refused(gate, argv: list[str]) -> None:
    assert gate.run(*argv, send=b"").returncode == 125
