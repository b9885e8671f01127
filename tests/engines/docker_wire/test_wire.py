"""Calls, streams and upgraded connections against an engine that misbehaves at the wire."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.engines.docker_wire.fake import Request, fake

from dockyard.engines.docker.client_errors import Conflict, EngineError, NotFound, Slow, TooMany, Unreachable
from dockyard.engines.docker.client_wire import lines
from dockyard.engines.docker.endpoint import Endpoint


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)


async def test_a_call_and_its_answer(tmp_path: Path) -> None:
    async with fake(tmp_path, lambda r: r.answer({"a": 1}, headers={"X-Y": "z"})) as engine:
        answer = await engine.wire().call("POST", "/x?y=1", headers={"Content-Type": "application/json"}, body=b"{}")
    assert (answer.status, answer.json(), answer.headers["x-y"]) == (200, {"a": 1}, "z")
    (asked,) = engine.requests
    assert (asked.method, asked.target, asked.body, asked.headers["host"]) == ("POST", "/x?y=1", b"{}", "docker")


async def test_an_empty_answer_is_none(tmp_path: Path) -> None:
    async with fake(tmp_path, lambda r: r.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")) as engine:
        assert (await engine.wire().call("DELETE", "/x")).json() is None


async def test_one_connection_serves_one_call_after_the_other(tmp_path: Path) -> None:
    async with fake(tmp_path, lambda r: r.answer({})) as engine:
        wire = engine.wire()
        for _ in range(20):
            await wire.call("GET", "/x")
        assert engine.connections == 1


async def test_forty_calls_at_once_wait_for_nobody(tmp_path: Path) -> None:
    here = asyncio.Barrier(40)

    async def together(request: Request) -> None:
        await here.wait()
        request.answer({"path": request.path})

    async with fake(tmp_path, together) as engine:
        wire = engine.wire()
        async with asyncio.timeout(5):
            answers = await asyncio.gather(*(wire.call("POST", f"/{n}") for n in range(40)))
        assert [a.json()["path"] for a in answers] == [f"/{n}" for n in range(40)]
        await wire.close()


async def test_only_so_many_idle_connections_are_kept(tmp_path: Path) -> None:
    here = asyncio.Barrier(40)

    async def together(request: Request) -> None:
        await here.wait()
        request.answer({})

    async with fake(tmp_path, together) as engine:
        before = descriptors()
        wire = engine.wire()
        await asyncio.gather(*(wire.call("GET", "/x") for _ in range(40)))
        for _ in range(100):
            await settle()
            if engine.connections - engine.closed <= 16:
                break
        assert engine.connections - engine.closed == 16
        await wire.close()
        for _ in range(100):
            await settle()
            if descriptors() <= before:
                break
        assert descriptors() <= before


async def test_a_question_is_asked_again_when_an_idle_connection_proves_dead(tmp_path: Path) -> None:
    def once_each(request: Request) -> None:
        if sum(r.connection == request.connection for r in engine.requests) > 1:
            request.close()
        else:
            request.answer({"connection": request.connection})

    async with fake(tmp_path, once_each) as engine:
        wire = engine.wire()
        assert (await wire.call("GET", "/x")).json() == {"connection": 1}
        assert (await wire.call("GET", "/x")).json() == {"connection": 2}


async def test_a_change_is_not_sent_a_second_time(tmp_path: Path) -> None:
    def once_each(request: Request) -> None:
        if request.method == "POST":
            request.close()
        else:
            request.answer({})

    async with fake(tmp_path, once_each) as engine:
        wire = engine.wire()
        await wire.call("GET", "/x")
        with pytest.raises(Unreachable) as caught:
            await wire.call("POST", "/create")
        assert caught.value.begun
        assert [r.method for r in engine.requests] == ["GET", "POST"]


async def test_a_connection_that_was_closed_meanwhile_is_not_used(tmp_path: Path) -> None:
    def answer_and_go(request: Request) -> None:
        request.answer({})
        request.close()

    async with fake(tmp_path, answer_and_go) as engine:
        wire = engine.wire()
        for _ in range(3):
            await wire.call("POST", "/x")
            await settle()
        assert len(engine.requests) == 3


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (404, {"message": "No such container: x"}, NotFound, "No such container: x"),
        (409, {"message": "name in use"}, Conflict, "name in use"),
        (400, {"message": "bad"}, EngineError, "bad"),
        (500, {"message": "server error"}, EngineError, "server error"),
        (500, {"message": "toomanyrequests: You have reached your pull rate limit"}, TooMany, "toomanyrequests: You have"),
        (500, {"cause": "no such thing", "message": "", "response": 500}, EngineError, "no such thing"),
        (502, b"<html>bad gateway</html>", EngineError, "bad gateway"),
        (503, b"", EngineError, "the engine answered 503"),
        (418, b"[1, 2]", EngineError, "[1, 2]"),
    ],
)
async def test_an_answer_of_400_and_more_is_raised_with_the_engines_words(
    tmp_path: Path, status: int, body: object, kind: type[Exception], message: str
) -> None:
    async with fake(tmp_path, lambda r: r.answer(body, status=status)) as engine:
        with pytest.raises(kind) as caught:
            await engine.wire().call("GET", "/containers/x/json?a=b")
    assert type(caught.value) is kind
    assert message in str(caught.value)
    if isinstance(caught.value, EngineError):
        assert (caught.value.status, caught.value.call) == (status, "GET /containers/x/json")


@pytest.mark.parametrize(("header", "after"), [("7", 7.0), ("", None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)])
async def test_retry_after_says_how_long(tmp_path: Path, header: str, after: float | None) -> None:
    async with fake(tmp_path, lambda r: r.answer({}, status=429, headers={"Retry-After": header})) as engine:
        with pytest.raises(TooMany) as caught:
            await engine.wire().call("GET", "/x")
    assert caught.value.after == after


async def test_an_error_without_an_end_is_cut(tmp_path: Path) -> None:
    async def endless(request: Request) -> None:
        request.begin(500)
        while True:
            request.chunk(b"x" * 10_000)
            await request.writer.drain()

    async with fake(tmp_path, endless) as engine:
        with pytest.raises(EngineError) as caught:
            await engine.wire().call("GET", "/x")
    assert len(str(caught.value)) == 1000


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
    ],
)
async def test_an_answer_that_breaks_off_or_is_none_may_have_been_carried_out(tmp_path: Path, answer: bytes) -> None:
    def broken(request: Request) -> None:
        request.writer.write(answer)
        request.close()

    async with fake(tmp_path, broken) as engine:
        before = descriptors()
        with pytest.raises(Unreachable) as caught:
            await engine.wire().call("POST", "/x", body=b"{}")
        assert caught.value.begun
        await settle()
        assert descriptors() <= before


async def test_news_before_the_answer_is_skipped(tmp_path: Path) -> None:
    def early(request: Request) -> None:
        request.writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        request.answer({"a": 1})

    async with fake(tmp_path, early) as engine:
        assert (await engine.wire().call("GET", "/x")).json() == {"a": 1}


async def test_no_answer_in_time_is_told_and_the_connection_closed(tmp_path: Path) -> None:
    async def never(request: Request) -> None:
        assert await request.reader.read() == b""

    async with fake(tmp_path, never) as engine:
        with pytest.raises(Slow, match=r"GET /x within 0\.05 s"):
            await engine.wire().call("GET", "/x", timeout=0.05)
        await settle()
        assert engine.closed == 1


async def test_an_answer_that_never_ends_is_too_slow_for_a_call(tmp_path: Path) -> None:
    async def dripping(request: Request) -> None:
        request.begin()
        while True:
            request.chunk(b" ")
            await request.writer.drain()
            await asyncio.sleep(0.01)

    async with fake(tmp_path, dripping) as engine:
        with pytest.raises(Slow):
            await engine.wire().call("GET", "/x", timeout=0.1)
        await asyncio.sleep(0.1)
        assert engine.closed == 1


async def test_a_stream_lasts_longer_than_any_answer_may_take(tmp_path: Path) -> None:
    async def slowly(request: Request) -> None:
        request.begin()
        for n in range(5):
            await asyncio.sleep(0.05)
            request.chunk(b"%d" % n)
        request.chunk(b"")

    async with fake(tmp_path, slowly) as engine, await engine.wire().open("GET", "/x", timeout=0.1) as body:
        assert [data async for data in body] == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_cancelled_call_closes_its_connection(tmp_path: Path) -> None:
    arrived = asyncio.Event()

    async def never(request: Request) -> None:
        arrived.set()
        await asyncio.sleep(60)

    async with fake(tmp_path, never) as engine:
        before = descriptors()
        task = asyncio.create_task(engine.wire().call("POST", "/x"))
        await arrived.wait()
        assert descriptors() >= before + 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await settle()
        assert descriptors() <= before + 1  # the fake's own end, which still sleeps


async def test_three_hundred_streams_at_once_and_none_of_their_descriptors_is_left(tmp_path: Path) -> None:
    async def log(request: Request) -> None:
        request.begin()
        while not request.writer.is_closing():
            request.chunk(request.path.encode() + b"\n")
            await request.writer.drain()
            await asyncio.sleep(0.01)

    async with fake(tmp_path, log) as engine:
        before = descriptors()
        wire = engine.wire()

        async def follow(n: int) -> int:
            seen = 0
            async with await wire.open("GET", f"/{n}") as body:
                async for line in lines(body):
                    assert line == b"/%d" % n
                    seen += 1
                    if seen == 3:
                        return seen
            return seen

        async with asyncio.timeout(30):
            assert await asyncio.gather(*(follow(n) for n in range(300))) == [3] * 300
        await wire.close()
        for _ in range(100):
            await settle()
            if descriptors() <= before:
                break
        assert descriptors() <= before


async def test_an_engine_that_goes_away_in_the_middle_of_a_stream_is_told(tmp_path: Path) -> None:
    async def dies(request: Request) -> None:
        request.begin()
        request.chunk(b"one\n")
        await request.writer.drain()
        await asyncio.sleep(0.01)
        request.writer.transport.abort()

    async with fake(tmp_path, dies) as engine:
        seen: list[bytes] = []
        with pytest.raises(Unreachable, match="GET /events broke off"):
            async with await engine.wire().open("GET", "/events") as body:
                async for line in lines(body):
                    seen.append(line)
        assert seen == [b"one"]


async def test_lines_are_found_wherever_the_bytes_are_cut() -> None:
    async def source() -> AsyncIterator[bytes]:
        for part in (b'{"a"', b":1}\n", b'{"b":2}\r\n\r\n{"c"', b":3}"):
            yield part

    assert [line.strip() async for line in lines(source())] == [b'{"a":1}', b'{"b":2}', b'{"c":3}']


async def test_an_upgraded_connection_carries_bytes_both_ways(tmp_path: Path) -> None:
    async def echo(request: Request) -> None:
        assert (request.headers["connection"], request.headers["upgrade"]) == ("Upgrade", "tcp")
        request.upgraded(b"at once")
        while data := await request.reader.read(100):
            request.writer.write(data.upper())
        request.writer.write(b" your end was seen")
        request.writer.close()

    async with fake(tmp_path, echo) as engine, await engine.wire().upgrade("POST", "/attach") as stream:
        assert await stream.receive() == b"at once"
        await stream.send(b"hello")
        assert await stream.receive() == b"HELLO"
        stream.end()
        assert b"".join([data async for data in stream]) == b" your end was seen"


async def test_an_upgrade_that_is_refused_is_an_error_like_any_other(tmp_path: Path) -> None:
    async with fake(tmp_path, lambda r: r.answer({"message": "is not running"}, status=409)) as engine:
        with pytest.raises(Conflict, match="is not running"):
            await engine.wire().upgrade("POST", "/exec/x/start", body=b"{}")


async def test_a_stream_without_upgrade_as_older_proxies_give_it_is_read_all_the_same(tmp_path: Path) -> None:
    def old(request: Request) -> None:
        request.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nhello")
        request.close()

    async with fake(tmp_path, old) as engine, await engine.wire().upgrade("POST", "/attach") as stream:
        assert b"".join([data async for data in stream]) == b"hello"


async def test_writing_to_a_stream_whose_other_end_is_gone_is_told(tmp_path: Path) -> None:
    def gone(request: Request) -> None:
        request.upgraded()
        request.close()

    async with fake(tmp_path, gone) as engine, await engine.wire().upgrade("POST", "/attach") as stream:
        with pytest.raises(Unreachable):
            for _ in range(100):
                await stream.send(b"x" * 10_000)
                await asyncio.sleep(0)


async def test_what_was_sent_last_arrives_though_the_stream_is_closed_at_once(tmp_path: Path) -> None:
    heard = asyncio.get_running_loop().create_future()

    async def slow(request: Request) -> None:
        request.upgraded()
        await request.writer.drain()
        await asyncio.sleep(0.1)
        heard.set_result(len(await request.reader.read()))

    async with fake(tmp_path, slow) as engine:
        async with await engine.wire().upgrade("POST", "/attach") as stream:
            stream._pipe.writer.write(b"x" * 3_000_000)
        async with asyncio.timeout(5):
            assert await heard == 3_000_000


async def test_an_upload_goes_in_pieces(tmp_path: Path) -> None:
    async def archive() -> AsyncIterator[bytes]:
        for n in range(100):
            yield b"%03d" % n

    async with fake(tmp_path, lambda r: r.answer({})) as engine:
        await engine.wire().call("PUT", "/archive", body=archive())
        assert engine.requests[0].body == b"".join(b"%03d" % n for n in range(100))
        assert engine.requests[0].headers["transfer-encoding"] == "chunked"


async def test_an_upload_that_is_refused_before_it_is_over_says_why(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000

    async def refuse(request: Request) -> None:
        # As Go's server does it: it stops reading, says so, and waits a moment before it closes.
        request.answer({"message": "No such container: x"}, status=404)
        request.writer.write_eof()
        await asyncio.sleep(0.5)
        request.close()

    async with fake(tmp_path, refuse) as engine:
        engine.read_bodies = False
        with pytest.raises(NotFound, match="No such container: x"):
            async with asyncio.timeout(5):
                await engine.wire().call("PUT", "/archive", body=endless())


async def test_no_socket_and_nobody_behind_it_are_told_apart(tmp_path: Path) -> None:
    from dockyard.engines.docker.client_dial import dialer
    from dockyard.engines.docker.client_wire import Wire

    with pytest.raises(Unreachable, match="there is no such socket") as caught:
        await Wire(dialer(Endpoint(scheme="unix", path=str(tmp_path / "none.sock"), source="DOCKER_HOST"))).call("GET", "/x")
    assert not caught.value.begun
    assert "(DOCKER_HOST)" in str(caught.value)
    async with fake(tmp_path, lambda r: None) as engine:
        endpoint = engine.endpoint
    with pytest.raises(Unreachable, match="connection refused"):
        await Wire(dialer(endpoint)).call("GET", "/x")
