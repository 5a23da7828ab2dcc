import type { ObjectDefinition, ResourceDefinition, ValueRange } from './object-definition.ts';

/** True when two definitions say the same. */
export function equalObjectDefinitions(one: ObjectDefinition, other: ObjectDefinition): boolean {
  if (
    one.id !== other.id ||
    one.name !== other.name ||
    one.version !== other.version ||
    one.isMultiple !== other.isMultiple ||
    one.isMandatory !== other.isMandatory ||
    one.description !== other.description ||
    one.resources.size !== other.resources.size
  ) {
    return false;
  }
  for (const [id, resource] of one.resources) {
    const counterpart = other.resources.get(id);
    if (counterpart === undefined || !equalResourceDefinitions(resource, counterpart)) return false;
  }
  return true;
}

function equalResourceDefinitions(one: ResourceDefinition, other: ResourceDefinition): boolean {
  return (
    one.id === other.id &&
    one.name === other.name &&
    one.operations === other.operations &&
    one.isMultiple === other.isMultiple &&
    one.isMandatory === other.isMandatory &&
    one.type === other.type &&
    one.units === other.units &&
    one.description === other.description &&
    equalRanges(one.range, other.range)
  );
}

function equalRanges(one: ValueRange | undefined, other: ValueRange | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.kind === 'enumeration') {
    return (
      other.kind === 'enumeration' &&
      one.values.length === other.values.length &&
      one.values.every((value, position) => value === other.values[position])
    );
  }
  return one.kind === other.kind && one.minimum === other.minimum && one.maximum === other.maximum;
}
