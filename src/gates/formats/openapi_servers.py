"""Where an OpenAPI document says that its operations are offered (Server Object)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product

from gates.formats.strict_json import Value

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_MAX_ADDRESSES = 1000


def servers_of(*holders: Value) -> tuple[tuple[str, ...], str]:
    """The addresses that the first of the holders with `servers` gives, and where they stand.

    Each variable stands with its default, and with each of its values where it has a list of them.
    None at all stands for the folder of the document itself, an empty address.

    Args:
        holders: the operation, its path and the document.

    Raises:
        OutputUnreadable: a server is not as the specification says, or there are too many.
    """
    for holder in holders:
        servers = holder.find("servers")
        if servers is not None and servers.array():
            found = dict.fromkeys(url for each in servers.items() for url in _addresses(each))
            return tuple(found), servers.pointer
    return ("",), "/servers"


def split_address(url: str) -> tuple[str, str]:
    """An address as the host with its scheme, empty where there is none, and the path."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    path = parts.path.strip("/")
    host = f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
    return host, f"/{path}" if path else ""


def _addresses(server: Value) -> Iterator[str]:
    url = server.member("url").text()
    names = list(dict.fromkeys(_VARIABLE.findall(url)))
    variables = server.find("variables")
    values = [_values(variables, name) for name in names]
    found = list(islice(product(*values), _MAX_ADDRESSES + 1))
    if len(found) > _MAX_ADDRESSES:
        raise server.unreadable(f"stands for more than {_MAX_ADDRESSES} addresses")
    for each in found:
        address = url
        for name, value in zip(names, each, strict=True):
            address = address.replace(f"{{{name}}}", value)
        yield address


def _values(variables: Value | None, name: str) -> list[str]:
    """The values of a variable, its default first; itself where it is not described."""
    described = variables.find(name) if variables else None
    if described is None:
        return [f"{{{name}}}"]
    several = described.find("enum")
    values = [each.text() for each in several.items()] if several else []
    return list(dict.fromkeys((described.member("default").text(), *values)))
