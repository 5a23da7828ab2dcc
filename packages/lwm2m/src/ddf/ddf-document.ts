import { utf8Decode } from '@dunlin/base';

import type { ObjectDefinition } from '../object-definition.ts';
import { ddfLimitsDefaults, type DdfOptions } from './ddf-limits.ts';
import { DdfProblem, type DefinitionFailure, quoted, tagOf } from './definition-failure.ts';
import { objectFrom } from './object-element.ts';
import { readXml, type XmlElement } from './xml-element.ts';

/** The definitions in a DDF file; see `parseObjectDefinitionXml`, which loads this module. */
export function readDdfDocument(
  xml: string | Uint8Array,
  options: Partial<DdfOptions> = {},
): readonly ObjectDefinition[] | DefinitionFailure {
  try {
    const all = { ...ddfLimitsDefaults, ...options };
    if (xml.length > all.maxSize) throw new DdfProblem(`it is larger than ${all.maxSize} bytes`, start);
    return definitionsFrom(
      readXml(typeof xml === 'string' ? withoutMark(xml) : textFrom(xml), all),
      options.keepsDescriptions,
    );
  } catch (error) {
    if (error instanceof DdfProblem) return error.failure;
    throw error;
  }
}

const start = { line: 1, column: 1 };

function definitionsFrom(root: XmlElement, keepsDescriptions = false): readonly ObjectDefinition[] {
  if (root.name !== 'LWM2M') throw new DdfProblem(`the root is ${tagOf(root)}, expected <LWM2M>`, root);
  if (root.text !== '') throw new DdfProblem('text in <LWM2M>, expected only <Object> elements', root);
  if (root.children.length === 0)
    throw new DdfProblem('<LWM2M> without <Object>, expected at least one', root);

  const definitions = new Map<string, ObjectDefinition>();
  for (const element of root.children) {
    if (element.name !== 'Object') {
      throw new DdfProblem(`${tagOf(element)} in <LWM2M>, expected <Object>`, element);
    }
    const objectType = element.attributes.get('ObjectType') ?? 'MODefinition';
    // The registry's list of reusable Resources comes in the same form; it defines no Object.
    if (objectType === 'CommonResources') continue;
    if (objectType !== 'MODefinition') {
      throw new DdfProblem(
        `the ObjectType of <Object> is ${quoted(objectType)}, expected MODefinition`,
        element,
      );
    }
    const definition = objectFrom(element, keepsDescriptions);
    const key = `${definition.id} ${definition.version}`;
    if (definitions.has(key)) {
      const { id, version } = definition;
      throw new DdfProblem(
        `Object ${id} is defined a second time in version ${version}, expected once`,
        element,
      );
    }
    definitions.set(key, definition);
  }
  return [...definitions.values()];
}

function textFrom(bytes: Uint8Array): string {
  const text = utf8Decode(bytes);
  if (text === undefined) {
    const before = new TextDecoder().decode(bytes).split('\u{FFFD}', 1)[0] ?? '';
    const lines = before.split('\n');
    const place = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
    throw new DdfProblem('it is not UTF-8 text', place);
  }
  const encoding = /^\u{FEFF}?<\?xml[^>]{0,100}?encoding\s*=\s*["']([^"']{0,40})/u.exec(text)?.[1];
  if (encoding !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(encoding)) {
    throw new DdfProblem(`its encoding is said to be ${encoding}, expected UTF-8`, start);
  }
  return withoutMark(text);
}

/** A byte order mark may come before the XML declaration, and saxes would count it as a character. */
function withoutMark(text: string): string {
  return text.startsWith('\u{FEFF}') ? text.slice(1) : text;
}
