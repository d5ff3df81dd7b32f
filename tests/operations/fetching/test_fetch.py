"""Fetching from other servers: which addresses, which redirects, and what a cut leaves to do."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from quarterdeck.config import Config
from quarterdeck.jobs import Job, JobHandle
from quarterdeck.operations.fetching.fence import Fence, checked_url
from quarterdeck.operations.fetching.fetch import Fetcher
from quarterdeck.operations.fetching.source import Source
from quarterdeck.operations.fetching.unpacking import Packing, packing_of, unpacked
from quarterdeck.operations.storage.download import check_head
from quarterdeck.problems import Problem
from tests.file_server import FileServer
from tests.ftp_server import FtpServer
from tests.waiting import PATIENCE_SECONDS

HERE = Config(download_allow=("127.0.0.1/32",))
DATA = hashlib.sha256(b"quarterdeck").digest() * (96 << 10)  # 3 MiB


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer(DATA).running() as made:
        yield made


def handle() -> JobHandle:
    job = Job(id="1", kind="download", host="local", target="p/v", user="ann", state="running", started="")
    return JobHandle(job, lambda job, important: None)


def fetched(server: FileServer, config: Config = HERE) -> tuple[bytes, JobHandle]:
    job = handle()
    source = Source(Fetcher(config), server.url(), job, config)
    assert source.open() == len(server.data)
    return b"".join(source.pieces()), job


def slug(act) -> str:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.slug


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "0.0.0.0",
        "::",
        "169.254.169.254",
        "fe80::1%eth0",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "100.100.100.200",
        "fd00:ec2::254",
        "224.0.0.1",
    ],
)
def test_inner_addresses_are_refused_in_every_dress(address: str) -> None:
    assert slug(lambda: Fence(()).check(address)) == "address-refused"
    assert slug(lambda: Fence(("10.0.0.0/8", "fd01::/16")).check(address)) == "address-refused"


@pytest.mark.parametrize("address", ["192.168.1.10", "10.0.0.1", "198.51.100.7", "2001:db8::1", "fd00::5"])
def test_other_addresses_are_not(address: str) -> None:
    Fence(()).check(address)


def test_a_range_of_the_settings_is_an_exception(server: FileServer) -> None:
    assert slug(lambda: Fetcher(Config()).open(server.url())) == "address-refused"
    assert Fetcher(HERE).open(server.url()).total == len(DATA)


def test_what_a_name_leads_to_counts_and_not_the_name(server: FileServer) -> None:
    url = server.url().replace("127.0.0.1", "localhost")
    assert slug(lambda: Fetcher(Config()).open(url)) == "address-refused"


def test_redirects_are_followed_and_each_is_checked(server: FileServer) -> None:
    server.redirects = {"/a": "/b", "/b": "/some.iso", "/inner": f"http://127.0.0.2:{server.port}/", "/loop": "/loop"}
    assert Fetcher(HERE).open(server.url("/a")).read(32) == DATA[:32]
    assert slug(lambda: Fetcher(HERE).open(server.url("/inner"))) == "address-refused"
    assert slug(lambda: Fetcher(HERE).open(server.url("/loop"))) == "download-failed"
    server.redirects = {"/a": "file:///etc/passwd"}
    assert slug(lambda: Fetcher(HERE).open(server.url("/a"))) == "download-failed"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.org/a",
        "ftp://example.org/a%0d%0aDELE%20b",
        "https:///a",
        "//example.org/a",
        "http://a b/",
        "http://a\r\nb/",
        "http://x:port/",
        "https://ann:secret@example.org/a",
        "-o",
    ],
)
def test_what_is_no_address_is_refused_at_its_field(url: str) -> None:
    with pytest.raises(Problem) as caught:
        checked_url(url)
    assert caught.value.errors[0].pointer == "/url"
    assert "secret" not in str(caught.value.as_dict())


def test_cut_download_goes_on_where_it_was(server: FileServer) -> None:
    server.cuts = [1 << 20, 2 << 20]
    data, job = fetched(server)
    assert data == DATA
    assert server.asked == ["", f"bytes={1 << 20}-", f"bytes={2 << 20}-"]
    assert "broke at byte 1048576" in job.job.log[0].text


def test_server_without_ranges_is_read_over_again(server: FileServer) -> None:
    server.cuts, server.ranges = [1 << 20], False
    assert fetched(server)[0] == DATA


def test_file_that_changed_meanwhile_is_not_patched_together(server: FileServer) -> None:
    server.cuts = [1 << 20]
    job = handle()
    source = Source(Fetcher(HERE), server.url(), job, HERE)
    source.open()
    pieces = source.pieces()
    next(pieces)
    server.etag = '"two"'
    assert slug(lambda: list(pieces)) == "download-failed"


def test_too_large_is_refused_before_anything_is_read(server: FileServer) -> None:
    server.announced = 2 << 30
    small = Config(download_allow=HERE.download_allow, download_limit_gib=1)
    assert slug(lambda: Source(Fetcher(small), server.url(), handle(), small).open()) == "too-large"


def test_server_that_tells_no_length_is_read_to_its_end_through_cuts(server: FileServer) -> None:
    server.chunked, server.cuts = True, [1 << 20]
    job = handle()
    source = Source(Fetcher(HERE), server.url(), job, HERE)
    assert source.open() is None
    assert b"".join(source.pieces()) == DATA
    assert "broke at byte 1048576" in job.job.log[0].text


def test_end_that_cannot_be_told_from_a_cut_is_said(server: FileServer) -> None:
    server.tells_length = False
    job = handle()
    source = Source(Fetcher(HERE), server.url(), job, HERE)
    assert source.open() is None
    assert b"".join(source.pieces()) == DATA
    assert "only a checksum" in job.job.log[0].text


def test_web_page_in_the_place_of_a_file_is_told() -> None:
    page = FileServer(b"\n<!DOCTYPE html><html><body>Log in</body></html>")
    with page.running() as server, pytest.raises(Problem, match="a web page") as caught:
        fetched(server)
    assert caught.value.slug == "download-failed"


def test_endless_file_is_ended_by_the_limit(server: FileServer) -> None:
    server.chunked = True
    none = Config(download_allow=HERE.download_allow, download_limit_gib=0)
    source = Source(Fetcher(none), server.url(), handle(), none)
    source.open()
    assert slug(lambda: list(source.pieces())) == "too-large"


def test_ftp_is_read_through_cuts_and_through_the_same_fence() -> None:
    with FtpServer({"pub/some.iso": DATA}, cuts=[1 << 20]).running() as server:
        url = server.url("pub/some.iso")
        assert slug(lambda: Fetcher(Config()).open(url)) == "address-refused"
        source = Source(Fetcher(HERE), url, handle(), HERE)
        assert source.open() == len(DATA)
        assert b"".join(source.pieces()) == DATA
        assert f"REST {1 << 20}" in server.asked
        assert Fetcher(HERE).try_open(server.url("pub/none")) is None
        server.restarts, server.cuts = False, [1 << 20]
        source = Source(Fetcher(HERE), url, handle(), HERE)
        source.open()
        assert b"".join(source.pieces()) == DATA


def test_all_goes_through_a_proxy_that_the_settings_name(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FileServer(b"from the proxy").running() as proxy:
        named = f"http://ann:secret@127.0.0.1:{proxy.port}"
        fetcher = Fetcher(Config(download_proxy=named))
        assert slug(lambda: fetcher.open(server.url())) == "address-refused"
        for url in ("http://nowhere.invalid/a?b", "ftp://nowhere.invalid/a"):
            assert fetcher.open(url).read(99) == b"from the proxy"
        assert [path for path, _words in proxy.seen] == ["http://nowhere.invalid/a?b", "ftp://nowhere.invalid/a"]
        assert proxy.seen[0][1].startswith("Basic ")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        with FileServer(DATA, context=context).running() as secure:
            reply = Fetcher(HERE.model_copy(update={"download_proxy": named})).open(secure.url())
            assert reply.read(8) == DATA[:8]
            assert proxy.seen[-1][0] == f"127.0.0.1:{secure.port}"
            reply.close()


@pytest.mark.parametrize("packing", ["xz", "gzip", "bzip2"])
def test_what_is_packed_is_unpacked_on_the_way(packing: Packing) -> None:
    pack = {"xz": lzma.compress, "gzip": gzip.compress, "bzip2": bz2.compress}[packing]
    packed = pack(DATA[: 1 << 20]) + pack(DATA[1 << 20 :])  # as several streams, which all three allow
    assert packing_of(packed[:16]) == packing
    assert b"".join(unpacked(packing, iter([packed[:100], packed[100:]]))) == DATA
    assert slug(lambda: list(unpacked(packing, iter([packed[:-20]])))) == "download-failed"
    at = len(packed) // 4
    assert slug(lambda: list(unpacked(packing, iter([packed[:at] + b"xxxx" + packed[at + 4 :]])))) == "download-failed"


def test_a_file_that_asks_for_much_memory_to_be_unpacked_is_refused() -> None:
    packed = lzma.compress(DATA[:4096])
    assert list(unpacked("xz", iter([packed, b"\0" * 4, packed]))) == [DATA[:4096], DATA[:4096]]
    length = (packed[12] + 1) * 4
    block = bytearray(packed[12 : 12 + length])
    assert block[2:4] == b"\x21\x01", "LZMA2, whose one byte is the size of its dictionary"
    block[4] = 34  # 512 MiB
    block[-4:] = zlib.crc32(block[:-4]).to_bytes(4, "little")
    with pytest.raises(Problem) as refused:
        list(unpacked("xz", iter([packed[:12] + bytes(block) + packed[12 + length :]])))
    assert "136 MiB of memory" in refused.value.detail


def test_cancel_ends_a_read_that_waits(server: FileServer) -> None:
    server.hold = 1 << 20
    job = handle()
    source = Source(Fetcher(HERE), server.url(), job, HERE)
    source.open()
    job.on_cancel(source.close)
    pieces = source.pieces()
    next(pieces)
    canceller = threading.Thread(target=lambda: server.holding.wait(PATIENCE_SECONDS) and job.cancel())
    canceller.start()
    assert slug(lambda: next(pieces)) == "cancelled"
    canceller.join()


@pytest.mark.parametrize("scheme", ["http", "https", "ftp"])
def test_cancel_ends_an_address_whose_server_says_nothing(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE_SECONDS)
        job = handle()
        source = Source(Fetcher(HERE), f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/some.iso", job, HERE)

        def cancel() -> None:
            with silent.accept()[0]:
                job.cancel()
                ended.wait(PATIENCE_SECONDS)

        ended, canceller = threading.Event(), threading.Thread(target=cancel)
        canceller.start()
        assert slug(source.open) == "cancelled"
        ended.set()
        canceller.join()


def test_server_that_says_nothing_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterdeck.operations.fetching.fence.PATIENCE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Problem, match="said nothing"):
        Fetcher(HERE).open(f"http://127.0.0.1:{silent.getsockname()[1]}/some.iso")


def test_certificate_that_is_not_trusted_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FileServer(DATA, context=context).running() as server:
        with pytest.raises(Problem, match="not to be trusted"):
            Fetcher(HERE).open(server.url())
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert Fetcher(HERE).open(server.url()).read(8) == DATA[:8]


def test_head_tells_what_a_file_is(tmp_path: Path) -> None:
    qcow2 = b"QFI\xfb" + (3).to_bytes(4) + bytes(96)
    assert (check_head(qcow2, None), check_head(b"x" * 512, "raw")) == ("qcow2", "raw")
    assert check_head(bytes(0x8001) + b"CD001", "iso") == "iso"
    assert slug(lambda: check_head(b"<html>", "qcow2")) == "invalid-input"
    backed = b"QFI\xfb" + (3).to_bytes(4) + (104).to_bytes(8) + (11).to_bytes(4) + bytes(84) + b"/etc/passwd"
    assert slug(lambda: check_head(backed, None)) == "invalid-input"
    assert slug(lambda: check_head(b"\x28\xb5\x2f\xfd", None)) == "unsupported"
