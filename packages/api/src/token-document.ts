import { Type } from 'typebox';

import { containsSchema } from './contains.ts';
import { type Role, RoleSchema } from './role.ts';
import { type Schema, schemaOf } from './schema.ts';

/** What a program proves itself with; its secret is shown when it is made and never again. */
export interface TokenDocument {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  /** The user or token that made it. */
  readonly createdBy: string;
  /** `null` for never. */
  readonly expiresAt: string | null;
  /** When the last request was made with it, to a minute; `null` when that was never. */
  readonly usedAt: string | null;
}

/** One page of tokens. */
export interface TokenPage {
  readonly tokens: readonly TokenDocument[];
  /** Give it as `after` for the next page; `null` on the last. */
  readonly next: string | null;
}

export interface TokenQuery {
  /** Only those whose name has this in them, whatever the case of letters. */
  readonly contains?: string;
  /** The `next` of the page before. */
  readonly after?: string;
  /** Tokens a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

export interface TokenInput {
  readonly name: string;
  readonly role: Role;
  /** Seconds; `null` for one that does not expire. Default: 90 days. */
  readonly expiresIn?: number | null;
}

/** A token that was made. */
export interface TokenAdded {
  readonly token: TokenDocument;
  /** To be sent as `Authorization: Bearer`, this once. */
  readonly secret: string;
}

/** Seconds until a token expires of which nobody said when. */
export const defaultTokenLifetime: number = 90 * 24 * 60 * 60;

const closed = { additionalProperties: false };
const instant = Type.String({ format: 'date-time' });

export const TokenDocumentSchema: Schema<TokenDocument> = schemaOf<TokenDocument>()(
  Type.Object(
    {
      id: Type.String(),
      name: Type.String(),
      role: RoleSchema,
      createdAt: instant,
      createdBy: Type.String(),
      expiresAt: Type.Union([instant, Type.Null()]),
      usedAt: Type.Union([instant, Type.Null()]),
    },
    closed,
  ),
);

export const TokenPageSchema: Schema<TokenPage> = schemaOf<TokenPage>()(
  Type.Object(
    { tokens: Type.Array(TokenDocumentSchema), next: Type.Union([Type.String(), Type.Null()]) },
    closed,
  ),
);

export const TokenQuerySchema: Schema<TokenQuery> = schemaOf<TokenQuery>()(
  Type.Object(
    {
      contains: Type.Optional(containsSchema),
      after: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

export const TokenInputSchema: Schema<TokenInput> = schemaOf<TokenInput>()(
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\p{Cc}]+$' }),
      role: RoleSchema,
      expiresIn: Type.Optional(
        Type.Union([Type.Integer({ minimum: 1, maximum: 10 * 366 * 24 * 60 * 60 }), Type.Null()]),
      ),
    },
    closed,
  ),
);

export const TokenAddedSchema: Schema<TokenAdded> = schemaOf<TokenAdded>()(
  Type.Object(
    { token: TokenDocumentSchema, secret: Type.String({ description: 'Shown this once.' }) },
    closed,
  ),
);
