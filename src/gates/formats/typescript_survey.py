"""What the sources of a project say of types by themselves, told by the project's own TypeScript.

No compiler option reports an explicit `any` or a function whose types are left to be inferred, so
the program below has the project's own parser read each file, and walks its syntax tree. Up to
version 6 the parser is `ts.createProgram`; version 7 has it in `typescript/unstable/sync`, whose
form may change: then nothing is answered, and what asked is errored.

Counted are:

- each `any` that is written as a type; in JavaScript also one in the braces of a JSDoc comment;
- each function, method, getter and signature without a type of its result, and each of these,
  constructor and setter with a parameter that has neither a type nor a default value. A function
  that takes its types from where it stands is left out: an argument, an attribute of JSX, what is
  returned from a function with a result type, the value of what has a type. So does the rule
  `explicit-function-return-type` of typescript-eslint. In JavaScript types are those of JSDoc, as
  far as the parser ties them to what they are about.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.strict_json import Value

NAME = "gates-survey.mjs"
"""The name under which the program is written."""

NATIVE = 7
"""The first major version that is no JavaScript, and is asked over an interface of its own."""

PROGRAM = b"""\
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
const options = { allowJs: true, noEmit: true, noLib: true, noResolve: true, types: [] };
const load = async (path) => import(pathToFileURL(path).href);
const isOfScript = (path) => /\\.[cm]?jsx?$/.test(path);

async function upToSix() {
  const loaded = await load(asked.entry);
  const ts = loaded.default ?? loaded;
  const program = ts.createProgram(asked.files, options);
  // JSDoc is looked for above a node, and only this tells each node what is above it.
  if (asked.files.some(isOfScript)) program.getTypeChecker();
  return {
    version: ts.version,
    kinds: ts.SyntaxKind,
    file: (name) => program.getSourceFile(name),
    broken: (source) => program.getSyntacticDiagnostics(source).map((each) => ({
      start: each.start, text: ts.flattenDiagnosticMessageText(each.messageText, " ") })),
    walk: (node, visit) => ts.forEachChild(node, (child) => { visit(child); }),
    tagged: (node) => ts.getJSDocType(node) ?? ts.getJSDocSatisfiesTag?.(node),
    returned: (node) => ts.getJSDocReturnType(node),
    isCopy: () => false,
    close: () => {},
  };
}

async function fromSeven() {
  const [{ API }, ast] = [await load(asked.entry), await load(asked.syntax)];
  writeFileSync(asked.config, JSON.stringify({ compilerOptions: options, files: asked.files }));
  const api = new API({ cwd: asked.folder });
  const typings = new Set([ast.SyntaxKind.JSDocTypeTag, ast.SyntaxKind.JSDocSatisfiesTag]);
  const project = api.updateSnapshot({ openProjects: [asked.config] }).getProject(asked.config);
  return {
    version: asked.version,
    kinds: ast.SyntaxKind,
    file: (name) => project.program.getSourceFile(name),
    broken: (source) => project.program.getSyntacticDiagnostics(source.fileName).map((each) => ({
      start: each.pos, text: each.text })),
    walk: (node, visit) => node.forEachChild((child) => { visit(child); }),
    // It copies most types out of JSDoc to where they would stand in TypeScript.
    tagged: (node) => node.jsDoc?.some((each) => each.tags?.some((tag) => typings.has(tag.kind))),
    returned: () => undefined,
    isCopy: (node) => (node.flags & ast.NodeFlags.Reparsed) !== 0,
    close: () => api.close(),
  };
}

const parser = await (asked.syntax ? fromSeven() : upToSix());
const K = Object.fromEntries([
  "AnyKeyword", "ArrayLiteralExpression", "ArrowFunction", "AsExpression", "AwaitExpression",
  "BinaryExpression", "CallExpression", "CallSignature", "ConditionalExpression",
  "ConstructSignature", "Constructor", "ConstructorType", "EqualsToken", "FunctionDeclaration",
  "FunctionExpression", "FunctionType", "GetAccessor", "Identifier", "JsxExpression",
  "MethodDeclaration", "MethodSignature", "NewExpression", "NonNullExpression",
  "ObjectLiteralExpression", "Parameter", "ParenthesizedExpression", "PropertyAssignment",
  "PropertyDeclaration", "ReturnStatement", "SatisfiesExpression", "SetAccessor",
  "SpreadAssignment", "SpreadElement", "TypeAssertionExpression", "TypeReference",
  "VariableDeclaration", "FirstAssignment", "LastAssignment",
].map((name) => {
  if (typeof parser.kinds[name] !== "number") throw new Error("no such kind of node: " + name);
  return [name, parser.kinds[name]];
}));
const inline = new Set([K.ArrowFunction, K.FunctionExpression]);
const members = new Set([K.MethodDeclaration, K.GetAccessor, K.SetAccessor]);
const always = new Set([K.FunctionDeclaration, K.Constructor, K.MethodSignature, K.CallSignature,
  K.ConstructSignature, K.FunctionType, K.ConstructorType]);
const signatures = new Set([K.MethodSignature, K.CallSignature, K.ConstructSignature,
  K.FunctionType, K.ConstructorType]);
const isOfJSDoc = (node) => signatures.has(node.kind) || parser.isCopy(node);
const resultless = new Set([K.Constructor, K.SetAccessor]);
const through = new Set([K.ArrayLiteralExpression, K.AwaitExpression, K.ConditionalExpression,
  K.NonNullExpression, K.ObjectLiteralExpression, K.ParenthesizedExpression, K.PropertyAssignment,
  K.SpreadAssignment, K.SpreadElement]);
const places = new Set([K.Parameter, K.PropertyDeclaration, K.VariableDeclaration]);
const casts = new Set([K.AsExpression, K.SatisfiesExpression, K.TypeAssertionExpression]);

function survey(path) {
  const source = parser.file(path);
  if (!source || source.text !== readFileSync(path, "utf8").replace(/^\\uFEFF/, "")) {
    return { path, odd: true };
  }
  const isScript = isOfScript(path);
  const [anys, untyped] = [[], []];
  const at = (position) => {
    const { line, character } = source.getLineAndCharacterOfPosition(position);
    return { line: line + 1, column: character + 1 };
  };
  const start = (node) => at(node.getStart(source));
  const shown = (node) => source.text.slice(node.getStart(source), node.end).slice(0, 80);
  const isThis = (each) => each.name.kind === K.Identifier && shown(each.name) === "this";
  const typed = (node) => Boolean(node.type || (isScript && parser.tagged(node)));
  const returns = (node) => Boolean(node.type || (isScript && parser.returned(node)));
  const count = (node) => {
    const lacking = node.parameters.filter((each) =>
      !typed(each) && !each.initializer && !isThis(each));
    const needs = !resultless.has(node.kind) && !returns(node);
    if (lacking.length || needs) {
      const name = node.name ? shown(node.name) : "";
      untyped.push({ ...start(node), name, result: !needs,
        parameters: lacking.map((each) => shown(each.name)) });
    }
  };
  const isConst = (type) => type.kind === K.TypeReference && shown(type) === "const";
  // What a child of the node takes its type from: `given` is whether the place has one.
  const placed = (node, child, given, result) => {
    if (node.kind === K.ReturnStatement) return result;
    if (through.has(node.kind)) return given || (isScript && Boolean(parser.tagged(node)));
    if (places.has(node.kind)) return child === node.initializer && typed(node);
    if (casts.has(node.kind)) return isConst(node.type) ? given : true;
    if (node.kind === K.JsxExpression) return true;
    if (node.kind === K.CallExpression || node.kind === K.NewExpression) {
      return child !== node.expression;
    }
    if (node.kind === K.BinaryExpression) {
      const sign = node.operatorToken.kind;
      return typed(node) || (given && (sign < K.FirstAssignment || sign > K.LastAssignment));
    }
    return inline.has(node.kind) && child === node.body ? result : false;
  };
  const visit = (node, given, result, inObject) => {
    if (node.kind === K.AnyKeyword && !isScript) anys.push(start(node));
    const isInline = inline.has(node.kind);
    const isMember = members.has(node.kind);
    const isFunction = isInline || isMember || always.has(node.kind);
    const isTold = isScript && isFunction && Boolean(parser.tagged(node));
    const isGiven = isTold || (given && (isInline || (isMember && inObject)));
    if (isFunction && !isGiven && !(isScript && isOfJSDoc(node))) count(node);
    const inner = isFunction ? returns(node) || isGiven : result;
    const holds = node.kind === K.ObjectLiteralExpression;
    parser.walk(node, (child) => visit(child, placed(node, child, given, inner), inner, holds));
  };
  visit(source, false, false, false);
  if (isScript) {
    for (const found of source.text.matchAll(/\\/\\*\\*[^]*?\\*\\//g)) {
      for (const braces of found[0].matchAll(/\\{[^]*?\\}/g)) {
        if (/\\bany\\b|\\{\\s*[.=]*[*?]\\s*[.=]*\\}|[<|(,]\\s*[*?]/.test(braces[0])) {
          anys.push(at(found.index + braces.index));
        }
      }
    }
  }
  const broken = parser.broken(source).map((each) => ({ ...at(each.start), text: each.text }));
  return { path, anys, untyped, broken };
}

const files = asked.files.map(survey);
parser.close();
process.stdout.write(JSON.stringify({ version: parser.version, files }) + "\\n");
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiler:
    """The modules of an installed TypeScript, absolute paths.

    Attributes:
        version: of the package.
        entry: the module that parses.
        syntax: the module with the kinds of nodes, from version 7 on; empty before.
    """

    version: str
    entry: str
    syntax: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands, and what is to be said of it; line and column are 1-based."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """What one file says.

    Attributes:
        anys: each explicit `any`.
        untyped: each function that is not fully typed.
    """

    anys: tuple[Place, ...]
    untyped: tuple[Place, ...]


def compiler(folder: str, version: str) -> Compiler:
    """The modules of the TypeScript that is installed in this folder.

    Raises:
        StageError: it tells no version.
    """
    major = version.partition(".")[0]
    if not major.isdigit():
        summary = f"the TypeScript in `{folder}` tells no version"
        raise StageError("typescript-unknown", summary, hint="install typescript anew", place="tsc")
    if int(major) < NATIVE:
        return Compiler(version=version, entry=f"{folder}/lib/typescript.js")
    return Compiler(
        version=version,
        entry=f"{folder}/dist/api/sync/api.js",
        syntax=f"{folder}/dist/ast/index.js",
    )


def request(which: Compiler, *, root: str, folder: str, files: Collection[str]) -> bytes:
    """The file that the program takes.

    Args:
        which: the modules to load.
        root: the folder of the files, absolute.
        folder: where the program may write, absolute.
        files: relative to the root.
    """
    import json

    document = {
        "entry": which.entry,
        "syntax": which.syntax,
        "version": which.version,
        "folder": folder,
        "config": f"{folder}/tsconfig.json",
        "files": [f"{root}/{path}" for path in sorted(files)],
    }
    return json.dumps(document).encode()


def parse(
    data: bytes, *, which: Compiler, root: str, files: Collection[str]
) -> Mapping[str, Surveyed]:
    """Read what the program answered for these files.

    Raises:
        OutputUnreadable: it answered for other files, or another TypeScript did.
        StageError: a file could not be read or parsed.
    """
    document = strict_json.read(data, what="survey")
    version = document.member("version").text()
    if version != which.version:
        summary = f"TypeScript {which.version} was asked, and {version} answered"
        raise OutputUnreadable("contradiction", summary, place="survey")
    found: dict[str, Surveyed] = {}
    answered: list[str] = []
    for entry in document.member("files").items():
        path = entry.member("path").text().removeprefix(f"{root}/")
        if entry.find("odd") is not None:
            raise _unread(path)
        for place in entry.member("broken").items():
            raise _unparsed(path, _place(place, place.member("text").text()))
        answered.append(path)
        found[path] = Surveyed(
            anys=tuple(
                _place(each, "`any` is written as a type") for each in entry.member("anys").items()
            ),
            untyped=tuple(_place(each, _lacks(each)) for each in entry.member("untyped").items()),
        )
    if answered != sorted(files):
        summary = f"the parser was asked for {len(files)} files, and answered for others"
        raise OutputUnreadable("contradiction", summary, place="survey")
    return found


def _place(entry: Value, text: str) -> Place:
    line, column = entry.member("line").count(), entry.member("column").count()
    if not line or not column:
        raise entry.unreadable("has a place before the first")
    return Place(line=line, column=column, text=text)


def _lacks(entry: Value) -> str:
    name = entry.member("name").text()
    parameters = [each.text() for each in entry.member("parameters").items()]
    lacks = [f"no type for `{each}`" for each in parameters]
    if not entry.member("result").flag():
        lacks.append("no type of its result")
    if not lacks:
        raise entry.unreadable("lacks nothing")
    return f"{f'`{name}`' if name else 'a function'} has {' and '.join(lacks)}"


def _unparsed(path: str, place: Place) -> StageError:
    return StageError(
        "file-unreadable",
        f"`{path}` could not be parsed: {place.text}",
        hint="mend it, or leave it out of `sources`",
        place=f"{path}:{place.line}:{place.column}",
    )


def _unread(path: str) -> StageError:
    return StageError(
        "file-unreadable",
        f"`{path}` was not parsed as it stands: it is no UTF-8, or was changed meanwhile",
        hint="save it as UTF-8, or leave it out of `sources`",
        place=path,
    )
