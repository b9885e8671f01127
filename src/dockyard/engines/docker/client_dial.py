"""A byte stream to an engine, for each kind of endpoint: unix socket, TCP, TLS, ssh.

Over ssh each stream is a process of its own, `ssh … docker system dial-stdio`, as Docker's command does it: what the user's ssh knows
(keys, agents, jump hosts) counts. Promises: a pipe that is closed leaves no descriptor and no process.
"""

from __future__ import annotations

import asyncio
import asyncio.subprocess
import ssl
from typing import Protocol

from dockyard.engines.docker.client_errors import Unreachable
from dockyard.engines.docker.endpoint import Endpoint
from dockyard.model.errors import Problem, UserError

CONNECT = 10.0
SSH_CONNECT = 30.0
LINGER = 2.0
"""Seconds that a closed stream has to send what is left."""

SSH_AT_ONCE = 4
"""sshd drops connections that are not yet authenticated from the tenth on (MaxStartups)."""

_SAID = 2000


class Pipe:
    """Two ways of one stream. Over a process, they are its stdout and stdin."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        process: asyncio.SubprocessTransport | None = None,
        said: asyncio.StreamReader | None = None,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self._process = process
        self._said = said

    def close(self) -> None:
        """For good: what is still to be sent is sent, nothing more is read. A stream that can't get rid of it is cut after `LINGER`."""
        loop = asyncio.get_running_loop()
        if self._process is not None:
            # ssh has to pass on what it was given; it ends when its stdin does.
            self.writer.close()
            loop.call_later(LINGER, self._process.close)
        elif self.writer.transport.get_write_buffer_size():
            self.writer.close()
            loop.call_later(LINGER, self.writer.transport.abort)
        else:
            self.writer.transport.abort()

    def end(self) -> None:
        """No more is written; what comes is still read. Where the transport has no half-close (TLS) nothing is done."""
        if self.writer.can_write_eof():
            self.writer.write_eof()

    async def why(self) -> str:
        """What ssh said before it went."""
        if self._said is None:
            return ""
        try:
            async with asyncio.timeout(1):
                return (await self._said.read(_SAID)).decode(errors="replace").strip()
        except TimeoutError:
            return ""


class Dial(Protocol):
    """Makes streams to one endpoint."""

    async def __call__(self) -> Pipe: ...

    async def close(self) -> None:
        """Leave nothing running. The streams have been closed before."""
        ...


def dialer(endpoint: Endpoint) -> Dial:
    """How to make a stream to the endpoint. The certificates are read at the first call, and once."""
    if endpoint.scheme == "ssh":
        return _Ssh(endpoint)
    return _Tcp(endpoint) if endpoint.scheme == "tcp" else _Unix(endpoint)


class _Unix:
    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self) -> Pipe:
        try:
            async with asyncio.timeout(CONNECT):
                return Pipe(*await asyncio.open_unix_connection(self._endpoint.path))
        except (OSError, TimeoutError) as error:
            raise _unreachable(self._endpoint, error) from error

    async def close(self) -> None:
        return


class _Tcp:
    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._context: ssl.SSLContext | None = None

    async def __call__(self) -> Pipe:
        endpoint = self._endpoint
        try:
            async with asyncio.timeout(CONNECT):
                if endpoint.tls is None:
                    return Pipe(*await asyncio.open_connection(endpoint.host, endpoint.port))
                return Pipe(
                    *await asyncio.open_connection(
                        endpoint.host,
                        endpoint.port,
                        ssl=self._tls(),
                        server_hostname=endpoint.tls.server_name or endpoint.host,
                    )
                )
        except (OSError, TimeoutError) as error:
            raise _unreachable(endpoint, error) from error

    async def close(self) -> None:
        return

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = _context(self._endpoint)
        return self._context


def _context(endpoint: Endpoint) -> ssl.SSLContext:
    tls = endpoint.tls
    assert tls is not None
    try:
        context = ssl.create_default_context(cafile=tls.ca or None)
        if not tls.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if tls.cert:
            context.load_cert_chain(tls.cert, tls.key or None)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(path for path in (tls.ca, tls.cert, tls.key) if path)
        raise UserError(
            Problem(f"the TLS files for {endpoint} can't be used ({files}): {error}", hint="DOCKER_CERT_PATH names their folder")
        ) from error
    return context


class _Ssh:
    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._gate = asyncio.Semaphore(SSH_AT_ONCE)
        self._processes: set[asyncio.SubprocessTransport] = set()

    async def __call__(self) -> Pipe:
        loop = asyncio.get_running_loop()
        self._processes = {process for process in self._processes if process.get_returncode() is None}
        async with self._gate:
            try:
                process, streams = await loop.subprocess_exec(
                    lambda: asyncio.subprocess.SubprocessStreamProtocol(limit=1 << 16, loop=loop),
                    *ssh_command(self._endpoint),
                    # Ctrl-C is for us to handle: what is to be removed over there goes over these streams.
                    start_new_session=True,
                )
            except OSError as error:
                raise UserError(
                    Problem(f"{self._endpoint} needs the program ssh: {error}", hint="install an ssh client")
                ) from error
        self._processes.add(process)
        assert streams.stdin is not None and streams.stdout is not None
        return Pipe(streams.stdout, streams.stdin, process, streams.stderr)

    async def close(self) -> None:
        """Give the processes `LINGER` seconds to pass on what they were given, then end them."""
        loop = asyncio.get_running_loop()
        killed = loop.time() + LINGER
        while self._processes and loop.time() < killed + LINGER:
            if loop.time() > killed:
                for process in self._processes:
                    process.close()
            await asyncio.sleep(0.01)
            self._processes = {process for process in self._processes if process.get_returncode() is None}


def ssh_command(endpoint: Endpoint) -> list[str]:
    """What is run for a stream (docker/cli, `connhelper`)."""
    command = ["ssh", "-o", f"ConnectTimeout={SSH_CONNECT:.0f}", "-o", "BatchMode=yes", "-T"]
    if endpoint.user:
        command += ["-l", endpoint.user]
    if endpoint.port:
        command += ["-p", str(endpoint.port)]
    there = ["docker", "--host", f"unix://{endpoint.path}"] if endpoint.path else ["docker"]
    return [*command, "--", endpoint.host, *there, "system", "dial-stdio"]


def _unreachable(endpoint: Endpoint, error: BaseException) -> Unreachable | UserError:
    where = f"{endpoint} ({endpoint.source})" if endpoint.source else str(endpoint)
    if isinstance(error, PermissionError):
        return UserError(
            Problem(
                f"no permission for the engine's socket {where}",
                hint="be in its group (usermod -aG docker NAME, then log in again), or use a rootless engine",
            )
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return UserError(
            Problem(
                f"the engine at {where} is not the one that was expected: {error.verify_message}",
                hint="DOCKER_CERT_PATH names the folder with ca.pem, cert.pem and key.pem",
            )
        )
    if isinstance(error, TimeoutError):
        return Unreachable(f"no engine answers at {where}: no connection within {CONNECT:g} s")
    if isinstance(error, FileNotFoundError):
        return Unreachable(f"no engine at {where}: there is no such socket; is it running?")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"no engine at {where}: connection refused; is it running?")
    return Unreachable(f"no engine at {where}: {error}")
