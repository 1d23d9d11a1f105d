from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import xml_stream
from gates.formats.xml_stream import Source


def tags(source: Source, *, max_bytes: int = xml_stream.MAX_BYTES) -> list[str]:
    parser = xml_stream.guarded_parser()
    seen: list[str] = []
    parser.StartElementHandler = lambda tag, flat: seen.append(
        " ".join(
            [tag, *(f"{key}={value}" for key, value in xml_stream.attributes_of(flat).items())]
        )
    )
    xml_stream.feed(parser, source, what="out.xml", max_bytes=max_bytes)
    return seen


def refusal(source: Source, *, max_bytes: int = xml_stream.MAX_BYTES) -> tuple[str, str]:
    with pytest.raises(OutputUnreadable) as caught:
        tags(source, max_bytes=max_bytes)
    return caught.value.problem.slug, caught.value.problem.place


def pieces() -> Iterator[bytes]:
    yield b"<a x='1'"
    yield b""
    yield b"><b/></a>"


@pytest.mark.parametrize(
    "source", [b"<a x='1'><b/></a>", io.BytesIO(b"<a x='1'><b/></a>"), pieces()]
)
def test_sources(source: Source) -> None:
    assert tags(source) == ["a x=1", "b"]


def test_a_long_file_is_read_in_pieces() -> None:
    data = b"<a>" + b"<b/>" * 600_000 + b"</a>"
    assert len(tags(data)) == 600_001


def test_sound_documents() -> None:
    assert tags(b"\xef\xbb\xbf<a/>") == ["a"]
    assert tags("<?xml version='1.0' encoding='utf-16'?><a/>".encode("utf-16")) == ["a"]
    assert tags(b"<?xml version='1.0' encoding='latin-1'?><a x='\xe9'/>") == ["a x=\xe9"]
    assert tags(b"<!DOCTYPE a SYSTEM 'a.dtd'><a>&amp;&#65;<![CDATA[<b>]]></a>") == ["a"]
    assert tags(b"<a>" + b"x" * (xml_stream.MAX_MARKUP_BYTES * 2) + b"</a>") == ["a"]


BOMB = b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><a>&d;</a>"


@pytest.mark.parametrize(
    ("data", "slug", "place"),
    [
        (b"", "xml-empty", "out.xml"),
        (b" \n", "xml-syntax", "out.xml:2:1"),
        (b"not xml", "xml-syntax", "out.xml:1:1"),
        (b"<a>\n<b>", "xml-syntax", "out.xml:2:4"),
        (b"<a>\n</b>", "xml-syntax", "out.xml:2:3"),
        (b"<a/><b/>", "xml-syntax", "out.xml:1:5"),
        (b"<a>\x1b[31m</a>", "xml-syntax", "out.xml:1:4"),
        (b"<a>\xff</a>", "xml-syntax", "out.xml:1:4"),
        (b"<a>&nope;</a>", "xml-syntax", "out.xml:1:4"),
        (b"<a x='1' x='2'/>", "xml-syntax", "out.xml:1:10"),
        (BOMB, "xml-entity", "out.xml:1"),
        (b"<!DOCTYPE a [<!ENTITY % p 'c'>]><a/>", "xml-entity", "out.xml:1"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///x'>]><a/>", "xml-entity", "out.xml:1"),
        (b"<!DOCTYPE a SYSTEM 'a.dtd'><a>&far;</a>", "xml-entity", "out.xml:1"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "xml-encoding", "out.xml"),
        (b"<?xml version='1.0' encoding='utf-7'?><a/>", "xml-encoding", "out.xml"),
    ],
)
def test_hostile_input_is_refused(data: bytes, slug: str, place: str) -> None:
    assert refusal(data) == (slug, place)


def test_limits() -> None:
    assert refusal(b"<a>xxxx</a>", max_bytes=10)[0] == "xml-too-big"
    long_tag = b"<a x='" + b"y" * (xml_stream.MAX_MARKUP_BYTES * 3) + b"'/>"
    assert refusal(long_tag)[0] == "xml-limit"


def test_local_name() -> None:
    assert xml_stream.local_name("j:testcase") == "testcase"
    assert xml_stream.local_name("testcase") == "testcase"
