"""Which versions of TLS a server takes: a hello of one version is sent, and the answer read.

The hello of the old versions (RFC 2246, RFC 4346, RFC 5246) is written here byte by byte: a modern
library refuses to send one, and a server would then seem to refuse what nobody asked of it.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Final

from gates.domain.errors import StageError

OLD: Final[dict[str, int]] = {"SSL 3.0": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302}
"""Versions that no server should take (RFC 7568, RFC 8996), with their number in a hello."""

TLS12: Final = 0x0303
"""The number of TLS 1.2, for a hello that most servers take."""

_HANDSHAKE: Final = 22
_ALERT: Final = 21
_SERVER_HELLO: Final = 2
_HEAD: Final = 11  # a record's head (5), a message's head (4), the version that was chosen (2)

# ECDHE and DHE and plain RSA with AES-CBC, AES-GCM and 3DES; the last says that renegotiation is
# meant safely (RFC 5746), without which some servers take no one.
_CIPHERS: Final = bytes.fromhex(
    "c02bc02fc02cc030c009c013c00ac014009e009f00330039009c009d002f0035c008c0120016000a00ff"
)
_GROUPS: Final = bytes.fromhex("000a00080006001d00170018")
_POINTS: Final = bytes.fromhex("000b00020100")
_SIGNATURES: Final = bytes.fromhex("000d00140012040305030603080408050806040102010203")


def takes(host: str, port: int, version: int, *, timeout_s: float = 10.0) -> bool:
    """Whether a server answers a hello of this version by one of its own in the same version.

    Args:
        host: where it is.
        port: on which it listens.
        version: as a hello numbers it, up to `TLS12`.
        timeout_s: seconds to wait.

    Raises:
        StageError: `no-tls`: there is no server, or what it sends is no TLS.
    """
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as connection:
            connection.settimeout(timeout_s)
            connection.sendall(hello(host, version))
            answer = _read(connection)
    except ConnectionResetError:
        return False
    except OSError as error:
        raise _nothing(host, port, f"{error.strerror or error}") from error
    if not answer or answer[0] == _ALERT:
        return False
    if len(answer) < _HEAD or answer[0] != _HANDSHAKE or answer[5] != _SERVER_HELLO:
        raise _nothing(host, port, "what it sends is no TLS")
    return int.from_bytes(answer[9:11], "big") == version


def takes_tls13(host: str, port: int, *, timeout_s: float = 10.0) -> bool:
    """Whether a whole handshake in TLS 1.3 comes about; who the server is does not matter here.

    Raises:
        StageError: `no-tls`: there is no server.
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        connection = socket.create_connection((host, port), timeout=timeout_s)
    except OSError as error:
        raise _nothing(host, port, f"{error.strerror or error}") from error
    with connection:
        try:
            with context.wrap_socket(connection, server_hostname=host) as secured:
                return secured.version() == "TLSv1.3"
        except TimeoutError as error:
            raise _nothing(host, port, "it does not answer a hello in time") from error
        except OSError:
            return False


def hello(host: str, version: int) -> bytes:
    """The first record of a client that takes up to this version.

    Args:
        host: name of the server, told to it (RFC 6066) where it is no address.
        version: as a hello numbers it.
    """
    import os

    extensions = _name(host) + _GROUPS + _POINTS
    if version >= TLS12:
        extensions += _SIGNATURES
    body = version.to_bytes(2, "big") + os.urandom(32) + b"\0"
    body += len(_CIPHERS).to_bytes(2, "big") + _CIPHERS + b"\1\0"
    if version > OLD["SSL 3.0"]:
        body += len(extensions).to_bytes(2, "big") + extensions
    message = b"\1" + len(body).to_bytes(3, "big") + body
    outer = min(version, OLD["TLS 1.0"])
    return b"\x16" + outer.to_bytes(2, "big") + len(message).to_bytes(2, "big") + message


def _name(host: str) -> bytes:
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            socket.inet_pton(family, host)
            return b""
    name = host.encode("idna")
    entry = b"\0" + len(name).to_bytes(2, "big") + name
    listed = len(entry).to_bytes(2, "big") + entry
    return b"\0\0" + len(listed).to_bytes(2, "big") + listed


def _read(connection: socket.socket) -> bytes:
    answer = b""
    while len(answer) < _HEAD:
        part = connection.recv(4096)
        if not part:
            break
        answer += part
        if answer[0] == _ALERT:
            break
    return answer


def _nothing(host: str, port: int, why: str) -> StageError:
    return StageError(
        "no-tls",
        f"{host}:{port} could not be asked for its versions of TLS: {why}",
        hint="the address of the service must be where TLS ends",
    )
