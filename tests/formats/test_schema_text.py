from __future__ import annotations

from gates.formats.schema_text import MAX_TEXT, differences, holding, is_whole, shown, statements

DUMP = """\
--
-- PostgreSQL database dump
--

\\restrict {word}

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.orders (
    id integer NOT NULL,
    note text DEFAULT 'a;b'::text
);
CREATE TABLE public.schema_migrations (version bigint NOT NULL);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
CREATE SEQUENCE public.knex_migrations_id_seq;
-- a comment in between
CREATE INDEX ix ON public.orders USING btree (id);

\\unrestrict {word}

--
-- PostgreSQL database dump complete
--
"""


def test_the_statements_of_a_dump() -> None:
    assert statements(DUMP.format(word="a")) == (
        "CREATE TABLE public.orders ( id integer NOT NULL, note text DEFAULT 'a;b'::text )",
        "CREATE INDEX ix ON public.orders USING btree (id)",
    )
    assert statements(DUMP.format(word="a")) == statements(DUMP.format(word="b"))


def test_books_count_where_nothing_is_ignored() -> None:
    assert len(statements(DUMP, ())) == 5
    assert len(statements(DUMP, ("orders",))) == 3


def test_a_name_is_a_whole_word() -> None:
    assert statements("CREATE TABLE my_schema_migrations (a int);") != ()
    assert statements('CREATE TABLE "schema_migrations" (a int);') == ()


def test_a_text_without_semicolons_is_read_line_by_line() -> None:
    assert statements("table a\n  column  b\n\ntable c") == ("table a", "column b", "table c")
    assert statements("") == ()


def test_what_a_database_holds() -> None:
    assert holding(statements(DUMP)).startswith("CREATE TABLE public.orders")
    assert holding(["CREATE OR REPLACE VIEW a AS SELECT 1"])
    assert not holding(["CREATE EXTENSION pgcrypto", "create schema a"])


def test_differences_tell_which_side_has_a_statement() -> None:
    assert differences(["a", "b", "b"], ["c", "b", "a"]) == (("b", False), ("c", True))
    assert differences(["a", "b"], ["b", "a"]) == ()


def test_a_long_statement_is_cut() -> None:
    assert shown("x" * 999) == "x" * (MAX_TEXT - 1) + "…"


def test_a_dump_that_is_cut_off_is_seen() -> None:
    assert is_whole(DUMP)
    assert not is_whole(DUMP[: len(DUMP) // 2])
    assert not is_whole(DUMP[20:])
    assert not is_whole("")
