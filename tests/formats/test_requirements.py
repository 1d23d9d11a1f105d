from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.locked import Locked, Origin
from gates.formats.requirements import Load, read


def files(**texts: str) -> Load:
    def load(name: str, by: str) -> tuple[str, bytes]:
        assert by.endswith(".txt")
        return name, texts[name.removesuffix(".txt")].encode()

    return load


def pins(text: str, **texts: str) -> list[tuple[str, str]]:
    found = read(text.encode(), what="main.txt", load=files(main=text, **texts))
    return [(of.name, of.version) for of in found]


TEXT = """\
\ufeff# a comment
--index-url https://registry.example/simple
-i https://registry.example/simple
--no-binary=:all:
Flask[async, dotenv]==3.0.0 ; python_version >= "3.9"  # why
orders_lib == 1.2 \\
    --hash=sha256:bbb \\
    --hash=sha256:aaa  # via flask
    # via something

a.b===2.0+local
two==1 ; sys_platform == "linux"
two==2 ; sys_platform != "linux"
"""


def test_a_lock_of_pip_is_read() -> None:
    found = read(TEXT.encode(), what="main.txt")
    assert [(of.name, of.version, of.place) for of in found] == [
        ("flask", "3.0.0", "main.txt:5"),
        ("orders-lib", "1.2", "main.txt:6"),
        ("a-b", "2.0+local", "main.txt:11"),
        ("two", "1", "main.txt:12"),
        ("two", "2", "main.txt:13"),
    ]
    assert found[1].hashes == ("sha256:aaa", "sha256:bbb")
    assert all(of.is_auditable for of in found)


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "\\\n"])
def test_an_empty_file_pins_nothing(text: str) -> None:
    assert pins(text) == []


def test_a_hash_mark_inside_a_word_is_no_comment() -> None:
    (found,) = read(b"git+https://registry.example/a.git#egg=My_App[x]&subdirectory=b", what="m")
    assert found == Locked("my-app", "", Origin.VCS, place="m:1")


@pytest.mark.parametrize(
    ("line", "name", "origin"),
    [
        ("-e .", ".", Origin.EDITABLE),
        ("--editable ./own", "./own", Origin.EDITABLE),
        ("--editable=./own", "./own", Origin.EDITABLE),
        ("-e.", ".", Origin.EDITABLE),
        ("-e git+https://registry.example/a#egg=a", "a", Origin.VCS),
        ("./own", "./own", Origin.FOLDER),
        ("file:///own", "file:///own", Origin.FOLDER),
        ("./own-1.tar.bz2", "./own-1.tar.bz2", Origin.FILE),
        ("./own.zip[extra]", "./own.zip[extra]", Origin.FILE),
        ("./own-1.0-py3-none-any.whl", "./own-1.0-py3-none-any.whl", Origin.FILE),
        ("own.tar.gz", "own.tar.gz", Origin.FILE),
        ("https://registry.example/own.whl", "https://registry.example/own.whl", Origin.URL),
        ("own @ https://registry.example/own.whl", "own", Origin.URL),
        ("own @ git+ssh://git@registry.example/own@abc", "own", Origin.VCS),
        ("own @ file:///own.whl ; python_version > '3'", "own", Origin.FILE),
    ],
)
def test_what_is_from_elsewhere_is_named_and_not_auditable(
    line: str, name: str, origin: Origin
) -> None:
    (found,) = read(line.encode(), what="main.txt")
    assert (found.name, found.version, found.origin) == (name, "", origin)
    assert not found.is_auditable


@pytest.mark.parametrize(
    "line",
    ["flask", "flask>=1", "flask==1.*", "flask==1,==2", "flask~=1.0", "flask!=1", "-e .\nx<2"],
)
def test_a_line_that_fixes_no_version_is_an_error(line: str) -> None:
    with pytest.raises(OutputUnreadable, match="does not fix a version") as caught:
        read(f"ok==1\n{line}\n".encode(), what="main.txt")
    assert caught.value.problem.place.startswith("main.txt:")
    assert caught.value.problem.hint


@pytest.mark.parametrize(
    "line",
    [
        "flask==",
        "==1.0",
        "flask 1.0",
        "${NAME}==1.0",
        "flask==1 --unknown",
        "flask==1 --hash=abc",
        "--unknown x",
        "-x",
        "-",
        "<<<<<<< HEAD",
        "flask=1.0",
        "-r",
        "-r other.txt",
        "--pre -r other.txt",
        "--index-url https://registry.example -r other.txt",
        "--index-url=https://registry.example other==1",
        "--pre other==1",
        "--pre=x",
        "--index-url",
        "--index-url=",
        "-e",
        "-e . -r other.txt",
        "-e ./own other==1",
        "./own other==1",
        "git+https://registry.example/a.git#egg=../a",
        "-c",
    ],
)
def test_a_line_that_cannot_be_read_is_an_error(line: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        read(f"ok==1\n{line}\n".encode(), what="main.txt")
    assert caught.value.problem.place == "main.txt:2"
    assert caught.value.problem.slug == "requirement-unreadable"


def test_bytes_that_are_no_text_are_an_error() -> None:
    with pytest.raises(OutputUnreadable, match="UTF-8"):
        read("ok==1".encode("utf-16"), what="main.txt")


@pytest.mark.parametrize(
    "include", ["-r other.txt", "-rother.txt", "--requirement other.txt", "--requirement=other.txt"]
)
def test_included_files_are_followed(include: str) -> None:
    assert pins(f"a==1\n{include}\nc==3\n", other="b==2\n") == [("a", "1"), ("b", "2"), ("c", "3")]


def test_files_that_include_each_other_are_read_once() -> None:
    assert pins("a==1\n-r other.txt\n", other="-r main.txt\nb==2\n-r other.txt\n") == [
        ("a", "1"),
        ("b", "2"),
    ]


def test_constraints_pin_and_install_nothing() -> None:
    text = "-c other.txt\nflask[async]>=2\n"
    other = "Flask==3.0\nunused==1\nloose>1\n-e .\nhttps://registry.example/x.whl\n-c third.txt\n"
    assert pins(text, other=other, third="deep==1\n") == [("flask", "3.0")]
    with pytest.raises(OutputUnreadable, match="loose"):
        pins("-c other.txt\nloose\n", other=other, third="")


def test_the_number_of_files_is_limited() -> None:
    def load(name: str, by: str) -> tuple[str, bytes]:
        assert by
        return name, f"-r {int(name) + 1}\n".encode()

    with pytest.raises(OutputUnreadable, match="included files"):
        read(b"-r 1\n", what="0", load=load)


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_file_that_ends_in_the_middle_of_a_line_is_cut_off(end: str) -> None:
    text = f"a==1 \\\n    --hash=sha256:aa \\{end}"
    if end == "\n\n":
        assert pins(text) == [("a", "1")]  # the empty line ends it
        return
    with pytest.raises(OutputUnreadable, match="goes on, and the file ends there") as caught:
        pins(text)
    assert caught.value.problem.place == "main.txt:1"


def test_what_a_constraints_file_includes_as_requirements_is_installed() -> None:
    assert pins("-c other.txt\n", other="-r third.txt\n", third="deep==1\n") == [("deep", "1")]


def test_more_than_one_file_on_a_line_is_refused() -> None:
    for line in ("-r other.txt -r third.txt", "--requirement=other.txt --pre"):
        with pytest.raises(OutputUnreadable, match="more behind the file"):
            pins(f"{line}\n", other="a==1\n", third="b==1\n")


def test_options_that_change_no_package_may_share_a_line() -> None:
    line = "--pre --index-url https://registry.example/simple --trusted-host=registry.example"
    assert pins(f"{line}\na==1\n") == [("a", "1")]


def test_every_version_that_a_constraint_fixes_is_given() -> None:
    other = 'two==1 ; sys_platform == "linux"\nTwo==2 ; sys_platform != "linux"\n'
    assert pins("two>=1\n-c other.txt\n", other=other) == [("two", "1"), ("two", "2")]


def test_a_constraint_may_take_a_package_from_elsewhere() -> None:
    other = "a @ https://registry.example/a.whl\n"
    found = read(b"a==1\n-c other.txt\n", what="main.txt", load=files(other=other))
    assert [(of.version, of.origin) for of in found] == [("", Origin.URL), ("1", Origin.INDEX)]
    found = read(b"a\n-c other.txt\n", what="main.txt", load=files(other=other))
    assert [(of.version, of.origin) for of in found] == [("", Origin.URL)]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("two==1", "two==2"),
        ("two==1", "two<1"),
        ("two>=2", "two==1"),
        ("two", "two==1\ntwo==2"),
        ("two", "two==1\ntwo>1"),
    ],
)
def test_a_contradicted_pin_is_an_error_where_the_line_stands(text: str, other: str) -> None:
    with pytest.raises(OutputUnreadable, match="is not allowed by") as caught:
        pins(f"-c other.txt\n{text}\n", other=other)
    assert caught.value.problem.slug == "requirement-contradicted"
    assert caught.value.problem.place == "main.txt:2"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("-e .[dev]", "."),
        ("-e ../own#egg=own", "../own"),
        ("./own ; sys_platform == 'linux'", "./own"),
        ("own @ file:///a%20b#egg=own", "/a b"),
        ("own @ file://localhost/own", "/own"),
        ("own @ file://elsewhere/own", ""),
        ("own @ file://[/own", ""),
        ("own @ https://registry.example/own", ""),
        ("-e git+file:///own", ""),
    ],
)
def test_the_path_of_what_is_here_is_known(text: str, path: str) -> None:
    (found,) = read(text.encode(), what="main.txt")
    assert found.path == path


def test_the_marker_of_a_line_is_told() -> None:
    both = b'a==1.0 ; python_version < "3"\nb==1.0\n'
    assert [of.marker for of in read(both, what="a.txt")] == ['python_version < "3"', ""]


def test_where_constraints_choose_a_version_that_is_a_marker_too() -> None:
    text = b'a==1.0 ; python_version < "3"\na==2.0 ; python_version >= "3"\n'
    found = read(b"a\n-c c.txt\n", what="a.txt", load=lambda name, _: (name, text))
    assert {(of.version, of.marker) for of in found} == {
        ("1.0", ", one of 1.0, 2.0"),
        ("2.0", ", one of 1.0, 2.0"),
    }
