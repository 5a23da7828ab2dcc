import { Type } from 'typebox';

import { type Schema, schemaOf } from './schema.ts';

/**
 * What somebody may do, each more than the one before: a viewer sees what the server knows, and no secrets; an operator
 * also asks devices for things and has them do things; an administrator also decides who may do what: credentials,
 * bootstrap, definitions, users and tokens.
 */
export const roles = ['viewer', 'operator', 'administrator'] as const;

/** What somebody may do. */
export type Role = (typeof roles)[number];

export const RoleSchema: Schema<Role> = schemaOf<Role>()(Type.Enum([...roles]));

/** True when somebody with the role `has` may do what needs the role `needed`. */
export function includesRole(has: Role, needed: Role): boolean {
  return roles.indexOf(has) >= roles.indexOf(needed);
}
