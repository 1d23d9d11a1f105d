"""The rules of pyright's strict mode and their levels (pyright 1.1.414, `configuration.md`).

Left out are `enableTypeIgnoreComments`, without which pyright tells more, what strict mode switches
off itself, and what concerns the types of imported packages only: `reportMissingTypeStubs` and
`reportMissingModuleSource`.
"""

from __future__ import annotations

LEVELS: dict[str, int] = {"none": 0, "information": 1, "warning": 2, "error": 3}
"""What a rule may be set to, the weakest first; true is `error`, false is `none`."""

BOOLEANS: frozenset[str] = frozenset(
    {
        "analyzeUnannotatedFunctions",
        "disableBytesTypePromotions",
        "strictDictionaryInference",
        "strictListInference",
        "strictParameterNoneValue",
        "strictSetInference",
    }
)
"""Settings that are only on or off."""

_ERRORS = """
reportAbstractUsage reportArgumentType reportAssertAlwaysTrue reportAssertTypeFailure
reportAssignmentType reportAttributeAccessIssue reportCallIssue reportConstantRedefinition
reportDeprecated reportDuplicateImport reportFunctionMemberAccess reportGeneralTypeIssues
reportIncompatibleMethodOverride reportIncompatibleVariableOverride reportIncompleteStub
reportInconsistentConstructor reportInconsistentOverload reportIndexIssue
reportInvalidStringEscapeSequence reportInvalidStubStatement reportInvalidTypeArguments
reportInvalidTypeForm reportInvalidTypeVarUse reportMatchNotExhaustive reportMissingImports
reportMissingParameterType reportMissingTypeArgument
reportNoOverloadImplementation reportOperatorIssue reportOptionalCall reportOptionalContextManager
reportOptionalIterable reportOptionalMemberAccess reportOptionalOperand reportOptionalSubscript
reportOverlappingOverload reportPossiblyUnboundVariable reportPrivateImportUsage
reportPrivateUsage reportRedeclaration reportReturnType reportSelfClsParameterName
reportTypeCommentUsage reportTypedDictNotRequiredAccess reportUnboundVariable
reportUndefinedVariable reportUnhashable reportUnknownArgumentType reportUnknownLambdaType
reportUnknownMemberType reportUnknownParameterType reportUnknownVariableType reportUnnecessaryCast
reportUnnecessaryComparison reportUnnecessaryContains reportUnnecessaryIsInstance
reportUnsupportedDunderAll reportUntypedBaseClass reportUntypedClassDecorator
reportUntypedFunctionDecorator reportUntypedNamedTuple reportUnusedClass reportUnusedCoroutine
reportUnusedExcept reportUnusedExpression reportUnusedFunction reportUnusedImport
reportUnusedVariable reportWildcardImportFromLibrary
"""

STRICT: dict[str, int] = {
    **dict.fromkeys(sorted(BOOLEANS), 3),
    **dict.fromkeys(_ERRORS.split(), 3),
}
"""Each rule of strict mode with the level that strict mode gives it."""
