import { hexEncode, type Random } from '@dunlin/base';

declare const associationIdBrand: unique symbol;

/** What an association is known by as long as it lives, over changes of its address and over restarts. */
export type AssociationId = string & { readonly [associationIdBrand]: true };

/** A fresh id, 24 hexadecimal digits. */
export function newAssociationId(random: Random): AssociationId {
  return associationIdFrom(hexEncode(random.bytes(12)));
}

/** Marks the id of a saved association. */
export function associationIdFrom(text: string): AssociationId {
  return text as AssociationId; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the one constructor of this brand
}

declare const lookupIdBrand: unique symbol;

/** Names a question that is out, until it is answered or no longer matters. */
export type LookupId = number & { readonly [lookupIdBrand]: true };

/** Marks a number as the id of a question. */
export function lookupIdFrom(value: number): LookupId {
  return value as LookupId; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the one constructor of this brand
}
