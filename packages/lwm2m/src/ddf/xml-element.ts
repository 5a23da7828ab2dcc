import { SaxesParser, type SaxesTagPlain } from 'saxes';

import type { DdfLimits } from './ddf-limits.ts';
import { clipped, DdfProblem, tagOf } from './definition-failure.ts';

/** An element with where it begins. Text is kept trimmed, and comments and processing instructions are not kept. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

interface OpenElement extends XmlElement {
  attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * The root element of an XML document. Throws `DdfProblem` when the text is not well-formed, has a document type
 * declaration (nothing that is declared in the file is ever expanded), or is over a limit.
 */
export function readXml(text: string, limits: DdfLimits): XmlElement {
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  let root: OpenElement | undefined;
  let closed: OpenElement | undefined;
  let elements = 0;
  const fail = (reason: string): never => {
    // Counted from 0 to the next character, that is from 1 to the last one read.
    throw new DdfProblem(reason, { line: parser.line, column: Math.max(1, parser.column) });
  };

  parser.on('error', ({ message }) => {
    const problem = clipped(message.replace(/^\d+:\d+: /, '').replace(/\.$/, ''));
    const expected = problem === 'unexpected close tag' ? `, expected the end of ${tagOf(closed)}` : '';
    fail(`it is not well-formed XML: ${problem}${expected}`);
  });
  parser.on('doctype', () => fail('it has a document type declaration (<!DOCTYPE>), which is refused'));
  parser.on('opentagstart', ({ name }) => {
    elements += 1;
    if (elements > limits.maxElements) fail(`it has more than ${limits.maxElements} elements`);
    if (open.length >= limits.maxDepth) fail(`its elements are nested more than ${limits.maxDepth} deep`);
    const element: OpenElement = {
      name,
      attributes: noAttributes,
      children: [],
      text: '',
      ...beginning(parser, name),
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('opentag', (tag) => {
    const element = open.at(-1);
    if (element !== undefined) element.attributes = attributesOf(tag);
  });
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    closed = open.pop();
    if (closed !== undefined) closed.text = closed.text.trim();
  });

  parser.write(text).close();
  return root ?? fail('it has no element');
}

/** Where the element began whose name, and the character after it, have just been read. */
function beginning({ line, column }: SaxesParser, name: string): { line: number; column: number } {
  return column === 0
    ? { line: line - 1, column: 1 }
    : { line, column: Math.max(1, column - name.length - 1) };
}

const noAttributes: ReadonlyMap<string, string> = new Map();

function attributesOf(tag: SaxesTagPlain): ReadonlyMap<string, string> {
  return new Map(Object.entries(tag.attributes));
}
