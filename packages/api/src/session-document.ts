import { Type } from 'typebox';

import { type Role, RoleSchema } from './role.ts';
import { type Schema, schemaOf } from './schema.ts';

/** Who signs in. */
export interface SignInInput {
  readonly name: string;
  readonly password: string;
}

/** As whom a request was made. */
export interface IdentityDocument {
  /** A user with a session in a browser, or a program with a token. */
  readonly kind: 'session' | 'token';
  /** The name of the user or of the token. */
  readonly name: string;
  readonly role: Role;
  /** When the session or the token ends at the latest; `null` for never. */
  readonly expiresAt: string | null;
}

/** The change of one's own password. */
export interface PasswordChange {
  readonly current: string;
  readonly next: string;
}

/** A session of a user in a browser. */
export interface SessionDocument {
  readonly id: string;
  readonly user: string;
  readonly createdAt: string;
  /** When the last request was made with it, to a minute. */
  readonly usedAt: string;
  /** When it ends at the latest; it ends before when it is not used. */
  readonly expiresAt: string;
  /** The address it was begun from. */
  readonly from: string;
  /** What the browser called itself; `null` when it said nothing. */
  readonly userAgent: string | null;
  /** True of the session that the request was made with. */
  readonly isCurrent: boolean;
}

/** One page of sessions. */
export interface SessionPage {
  readonly sessions: readonly SessionDocument[];
  /** Give it as `after` for the next page; `null` on the last. */
  readonly next: string | null;
}

export interface SessionQuery {
  /** Only sessions of this user. */
  readonly user?: string;
  /** The `next` of the page before. */
  readonly after?: string;
  /** Sessions a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

/** Letters, digits and `. _ @ + -`; upper and lower case are the same. */
export const userNamePattern = '^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$';

/** The least and the most characters of a password: long enough not to be guessed, short enough to be hashed in no time. */
export const passwordLengths = { least: 12, most: 256 } as const;

const closed = { additionalProperties: false };
const instant = Type.String({ format: 'date-time' });

/** Any text: what is no password that could be is answered like a wrong one. */
const givenPassword = Type.String({ maxLength: 1024, writeOnly: true });

export const newPasswordSchema: Type.TString = Type.String({
  minLength: passwordLengths.least,
  maxLength: passwordLengths.most,
  writeOnly: true,
});

export const SignInInputSchema: Schema<SignInInput> = schemaOf<SignInInput>()(
  Type.Object({ name: Type.String({ maxLength: 1024 }), password: givenPassword }, closed),
);

export const IdentitySchema: Schema<IdentityDocument> = schemaOf<IdentityDocument>()(
  Type.Object(
    {
      kind: Type.Enum(['session', 'token']),
      name: Type.String(),
      role: RoleSchema,
      expiresAt: Type.Union([instant, Type.Null()]),
    },
    closed,
  ),
);

export const PasswordChangeSchema: Schema<PasswordChange> = schemaOf<PasswordChange>()(
  Type.Object({ current: givenPassword, next: newPasswordSchema }, closed),
);

export const SessionDocumentSchema: Schema<SessionDocument> = schemaOf<SessionDocument>()(
  Type.Object(
    {
      id: Type.String(),
      user: Type.String(),
      createdAt: instant,
      usedAt: instant,
      expiresAt: instant,
      from: Type.String(),
      userAgent: Type.Union([Type.String(), Type.Null()]),
      isCurrent: Type.Boolean(),
    },
    closed,
  ),
);

export const SessionPageSchema: Schema<SessionPage> = schemaOf<SessionPage>()(
  Type.Object(
    { sessions: Type.Array(SessionDocumentSchema), next: Type.Union([Type.String(), Type.Null()]) },
    closed,
  ),
);

export const SessionQuerySchema: Schema<SessionQuery> = schemaOf<SessionQuery>()(
  Type.Object(
    {
      user: Type.Optional(Type.String({ pattern: userNamePattern })),
      after: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);
