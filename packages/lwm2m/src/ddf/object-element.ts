import { isObjectVersion, problemOfObjectDefinition } from '../object-definition-problem.ts';
import type { ObjectDefinition, ResourceDefinition } from '../object-definition.ts';
import { maxId } from '../path.ts';
import { childrenOf, textOf, wordOf } from './children.ts';
import { DdfProblem, quoted, tagOf } from './definition-failure.ts';
import { resourceFrom } from './item-element.ts';
import type { XmlElement } from './xml-element.ts';

const objectChildren = {
  required: ['Name', 'ObjectID', 'MultipleInstances', 'Mandatory', 'Resources'],
  optional: ['Description1', 'ObjectURN', 'LWM2MVersion', 'ObjectVersion', 'Description2'],
} as const;

/** The definition in an `<Object>`. Throws `DdfProblem` when it is not as it should be. */
export function objectFrom(element: XmlElement, keepsDescriptions = false): ObjectDefinition {
  const children = childrenOf(element, objectChildren);
  const id = idFrom(textOf(children.get('ObjectID')), children.get('ObjectID') ?? element);
  const version = versionFrom(children.get('ObjectVersion'), '1.0');
  versionFrom(children.get('LWM2MVersion'), '1.0');
  checkUrn(children.get('ObjectURN'), id, version);
  const description = keepsDescriptions ? textOf(children.get('Description1')) : '';
  const definition: ObjectDefinition = {
    id,
    name: textOf(children.get('Name')),
    version,
    isMultiple: wordOf(children.get('MultipleInstances'), { Multiple: true, Single: false }),
    isMandatory: wordOf(children.get('Mandatory'), { Mandatory: true, Optional: false }),
    ...(description === '' ? {} : { description }),
    resources: resourcesFrom(children.get('Resources'), keepsDescriptions),
  };
  const problem = problemOfObjectDefinition(definition);
  if (problem !== undefined) throw new DdfProblem(`Object ${id} is not well defined: ${problem}`, element);
  return definition;
}

function resourcesFrom(
  element: XmlElement | undefined,
  keepsDescriptions: boolean,
): ReadonlyMap<number, ResourceDefinition> {
  const resources = new Map<number, ResourceDefinition>();
  for (const item of element?.children ?? []) {
    if (item.name !== 'Item') throw new DdfProblem(`${tagOf(item)} in <Resources>, expected <Item>`, item);
    const id = idFrom(item.attributes.get('ID') ?? '', item);
    if (resources.has(id))
      throw new DdfProblem(`a second <Item> has the ID ${id}, expected another ID`, item);
    resources.set(id, resourceFrom(item, id, keepsDescriptions));
  }
  if (element !== undefined && element.text !== '') {
    throw new DdfProblem(`text in <Resources>, expected only <Item> elements`, element);
  }
  return resources;
}

function idFrom(text: string, element: XmlElement): number {
  const id = Number(text.trim());
  if (/^\s*\d{1,5}\s*$/.test(text) && id < maxId) return id;
  const subject = element.name === 'Item' ? 'the ID of <Item>' : tagOf(element);
  throw new DdfProblem(`${subject} is ${quoted(text)}, expected a whole number from 0 to 65534`, element);
}

function versionFrom(element: XmlElement | undefined, otherwise: string): string {
  const text = textOf(element);
  if (element === undefined || text === '') return otherwise;
  if (isObjectVersion(text)) return text;
  throw new DdfProblem(`${tagOf(element)} is ${quoted(text)}, expected a version such as 1.0`, element);
}

/** The URN says again what id and version are, and the version only when it is not 1.0 (R-114). */
function checkUrn(element: XmlElement | undefined, id: number, version: string): void {
  const text = textOf(element);
  if (element === undefined || text === '') return;
  const [, urnId, urnVersion] =
    /^urn:oma:lwm2m:(?:oma|ext|x):(\d{1,5})(?::(\d{1,5}\.\d{1,5}))?$/.exec(text) ?? [];
  if (urnId !== undefined && Number(urnId) === id && (urnVersion ?? '1.0') === version) return;
  throw new DdfProblem(
    `<ObjectURN> is ${quoted(text)}, expected urn:oma:lwm2m:{oma, ext or x}:${id}${version === '1.0' ? '' : `:${version}`}`,
    element,
  );
}
