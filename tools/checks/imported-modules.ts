import { LanguageVariant, SyntaxKind } from 'typescript/unstable/ast';
import { createScanner } from 'typescript/unstable/ast/scanner';

/**
 * The modules that a file of TypeScript imports, by `import`, `export … from` and `import()`, in their order. Texts and
 * comments that look like imports are none.
 */
export function importedModules(source: string): readonly string[] {
  const modules: string[] = [];
  let before: SyntaxKind = SyntaxKind.Unknown;
  let beforeThat: SyntaxKind = SyntaxKind.Unknown;
  for (const { kind, value } of tokensOf(source)) {
    const isNamed =
      before === SyntaxKind.FromKeyword ||
      before === SyntaxKind.ImportKeyword ||
      (before === SyntaxKind.OpenParenToken && beforeThat === SyntaxKind.ImportKeyword);
    if (kind === SyntaxKind.StringLiteral && isNamed) modules.push(value);
    beforeThat = before;
    before = kind;
  }
  return modules;
}

/** A token; the value of a literal is its text without quotes. */
interface Token {
  readonly kind: SyntaxKind;
  readonly value: string;
}

/** Behind these a slash divides; elsewhere a regular expression begins with it. */
const endsOfOperands: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.Identifier,
  SyntaxKind.NumericLiteral,
  SyntaxKind.StringLiteral,
  SyntaxKind.CloseParenToken,
  SyntaxKind.CloseBracketToken,
  SyntaxKind.CloseBraceToken,
]);

function* tokensOf(source: string): Generator<Token> {
  const scanner = createScanner(true, LanguageVariant.JSX, source);
  /** For each brace that is open, whether it is that of a template, whose text goes on behind it. */
  const braces: boolean[] = [];
  let before: SyntaxKind = SyntaxKind.Unknown;
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFile; kind = scanner.scan()) {
    if (kind === SyntaxKind.CloseBraceToken && braces.pop() === true)
      kind = scanner.reScanTemplateToken(false);
    if (kind === SyntaxKind.SlashToken && !endsOfOperands.has(before)) kind = scanner.reScanSlashToken();
    if (kind === SyntaxKind.OpenBraceToken) braces.push(false);
    if (kind === SyntaxKind.TemplateHead || kind === SyntaxKind.TemplateMiddle) braces.push(true);
    yield { kind, value: scanner.getTokenValue() };
    before = kind;
    // Of what is no TypeScript, such as text between elements, it may make a token without length, again and again.
    if (scanner.getTokenEnd() === scanner.getTokenStart()) scanner.resetTokenState(scanner.getTokenEnd() + 1);
  }
}
