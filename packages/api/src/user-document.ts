import { Type } from 'typebox';

import { containsSchema } from './contains.ts';
import { type Role, RoleSchema } from './role.ts';
import { type Schema, schemaOf } from './schema.ts';
import { newPasswordSchema, userNamePattern } from './session-document.ts';

/** Somebody who may sign in. */
export interface UserDocument {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  /** `null` when that was never. */
  readonly signedInAt: string | null;
}

/** One page of users. */
export interface UserPage {
  readonly users: readonly UserDocument[];
  /** Give it as `after` for the next page; `null` on the last. */
  readonly next: string | null;
}

export interface UserQuery {
  /** Only those whose name has this in them, whatever the case of letters. */
  readonly contains?: string;
  /** The `next` of the page before. */
  readonly after?: string;
  /** Users a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

export interface UserInput {
  readonly name: string;
  readonly role: Role;
  /** Made by the server when it is left out. */
  readonly password?: string;
}

/** A user that was added. */
export interface UserAdded {
  readonly user: UserDocument;
  /** The password that the server made, this once; `null` when it was given. */
  readonly password: string | null;
}

/** What to change of a user; what is left out stays. */
export interface UserChange {
  readonly role?: Role;
  /** Ends every session of the user. */
  readonly password?: string;
}

const closed = { additionalProperties: false };
const instant = Type.String({ format: 'date-time' });

export const UserDocumentSchema: Schema<UserDocument> = schemaOf<UserDocument>()(
  Type.Object(
    {
      name: Type.String(),
      role: RoleSchema,
      createdAt: instant,
      signedInAt: Type.Union([instant, Type.Null()]),
    },
    closed,
  ),
);

export const UserPageSchema: Schema<UserPage> = schemaOf<UserPage>()(
  Type.Object(
    { users: Type.Array(UserDocumentSchema), next: Type.Union([Type.String(), Type.Null()]) },
    closed,
  ),
);

export const UserQuerySchema: Schema<UserQuery> = schemaOf<UserQuery>()(
  Type.Object(
    {
      contains: Type.Optional(containsSchema),
      after: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

export const UserInputSchema: Schema<UserInput> = schemaOf<UserInput>()(
  Type.Object(
    {
      name: Type.String({ pattern: userNamePattern }),
      role: RoleSchema,
      password: Type.Optional(newPasswordSchema),
    },
    closed,
  ),
);

export const UserAddedSchema: Schema<UserAdded> = schemaOf<UserAdded>()(
  Type.Object({ user: UserDocumentSchema, password: Type.Union([Type.String(), Type.Null()]) }, closed),
);

export const UserChangeSchema: Schema<UserChange> = schemaOf<UserChange>()(
  Type.Object({ role: Type.Optional(RoleSchema), password: Type.Optional(newPasswordSchema) }, closed),
);
