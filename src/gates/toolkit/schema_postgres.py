"""PostgreSQL's own catalogue, asked for all that a database holds; copied with `schema_structure`.

What belongs to an extension is left out: it was there before, or comes back with the extension.
Tables: https://www.postgresql.org/docs/current/catalogs.html (PostgreSQL 12 and later).
"""

from __future__ import annotations

_MINE = """
WITH mine AS (
  SELECT oid, nspname, CASE WHEN nspname = current_schema() THEN '' ELSE nspname END AS shown
  FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
), brought AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
, relations AS (
  SELECT c.*, n.shown, n.nspname FROM pg_class c JOIN mine n ON n.oid = c.relnamespace
  WHERE NOT EXISTS (
    SELECT FROM brought b WHERE b.classid = 'pg_class'::regclass AND b.objid = c.oid)
)
, functions AS (
  SELECT p.*, n.shown, n.nspname FROM pg_proc p JOIN mine n ON n.oid = p.pronamespace
  WHERE p.prokind IN ('f', 'p') AND NOT EXISTS (
    SELECT FROM brought b WHERE b.classid = 'pg_proc'::regclass AND b.objid = p.oid)
)
, types AS (
  SELECT t.*, n.shown, n.nspname FROM pg_type t JOIN mine n ON n.oid = t.typnamespace
  WHERE t.typtype IN ('e', 'd', 'c') AND NOT EXISTS (
    SELECT FROM brought b WHERE b.classid = 'pg_type'::regclass AND b.objid = t.oid)
  AND (t.typrelid = 0 OR EXISTS (
    SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
)
"""


def _among(query: str) -> str:
    """A query of what is not the system's own, and of no extension."""
    return f"{_MINE}{query}"


PARTS = _among("""\
SELECT 'schema', shown, '', '', '' FROM mine WHERE shown <> '' AND shown <> 'public'
UNION ALL
SELECT 'table', shown, relname, '',
  CASE relkind WHEN 'p' THEN 'partition by ' || pg_get_partkeydef(oid) ELSE '' END
FROM relations WHERE relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 'column', r.shown, r.relname, a.attname, concat_ws(' ',
  format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
  CASE a.attgenerated WHEN '' THEN 'default ' ELSE 'generated ' END
    || pg_get_expr(d.adbin, d.adrelid),
  CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity' END)
FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE r.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'f' THEN 'foreign key'
  WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check' ELSE 'constraint' END,
  r.shown, r.relname, k.conname, pg_get_constraintdef(k.oid)
FROM relations r JOIN pg_constraint k ON k.conrelid = r.oid WHERE k.contype <> 'n'
UNION ALL
SELECT 'index', r.shown, r.relname, i.relname, pg_get_indexdef(x.indexrelid)
FROM relations r JOIN pg_index x ON x.indrelid = r.oid JOIN pg_class i ON i.oid = x.indexrelid
WHERE NOT EXISTS (
  SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'trigger', r.shown, r.relname, t.tgname, pg_get_triggerdef(t.oid)
FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'view', shown, '', relname, pg_get_viewdef(oid) FROM relations WHERE relkind IN ('v', 'm')
UNION ALL
SELECT 'sequence', r.shown, '', r.relname, concat_ws(' ', format_type(s.seqtypid, NULL),
  'from', s.seqstart, 'by', s.seqincrement)
FROM relations r JOIN pg_sequence s ON s.seqrelid = r.oid
UNION ALL
SELECT 'function', shown, '', proname || '(' || pg_get_function_identity_arguments(oid) || ')',
  pg_get_functiondef(oid) FROM functions
UNION ALL
SELECT 'type', t.shown, '', t.typname, coalesce(
  (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
   FROM pg_enum e WHERE e.enumtypid = t.oid),
  (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', '
     ORDER BY a.attnum)
   FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
  concat_ws(' ', format_type(t.typbasetype, t.typtypmod), t.typdefault,
    (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
     FROM pg_constraint k WHERE k.contypid = t.oid)))
FROM types t
""")
"""Kind, schema (empty for the default one), table, name and definition of all there is."""

DROPS = _among("""\
SELECT shown, relname, statement FROM (
  SELECT 1 AS place, shown, relname, format('DROP %s IF EXISTS %I.%I CASCADE',
    CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
      WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, nspname, relname) AS statement
  FROM relations c WHERE relkind IN ('v', 'm', 'r', 'p', 'f') OR (relkind = 'S' AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')))
  UNION ALL
  SELECT 2, shown, '', format('DROP ROUTINE IF EXISTS %I.%I(%s) CASCADE', nspname, proname,
    pg_get_function_identity_arguments(oid)) FROM functions
  UNION ALL
  SELECT 3, shown, '', format('DROP TYPE IF EXISTS %I.%I CASCADE', nspname, typname) FROM types
  UNION ALL
  SELECT 4, shown, '', format('DROP SCHEMA IF EXISTS %I CASCADE', nspname)
  FROM mine WHERE shown <> '' AND shown <> 'public'
) AS all_of_it ORDER BY place
""")
"""Schema and name of a relation, and the statement that drops it; then those of the rest."""
