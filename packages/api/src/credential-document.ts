import { Type } from 'typebox';

import { containsSchema } from './contains.ts';
import { maxEndpointNameLength } from './device-summary.ts';
import { type Schema, schemaOf } from './schema.ts';

/** What there is to know of a credential of any kind. */
interface CredentialFacts {
  readonly id: string;
  /** RFC 3339, in UTC. */
  readonly createdAt: string;
}

/** What there is to know of a certificate. */
export interface CertificateFacts {
  /** DER in base64. */
  readonly certificate: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** The subject's names, such as `CN=node-1, O=Acme`. */
  readonly subject: string;
  /** RFC 3339, in UTC; as is the next one. */
  readonly validFrom: string;
  readonly validUntil: string;
}

/** A credential of a device as it may be shown: it holds no secret. */
export type CredentialDocument =
  | (CredentialFacts & { readonly kind: 'psk'; readonly endpoint: string; readonly identity: string })
  | (CredentialFacts & {
      readonly kind: 'raw-public-key';
      readonly endpoint: string;
      /** A DER SubjectPublicKeyInfo in base64. */
      readonly publicKey: string;
      readonly fingerprint: string;
    })
  | (CredentialFacts & CertificateFacts & { readonly kind: 'certificate'; readonly endpoint: string })
  | (CredentialFacts &
      CertificateFacts & {
        readonly kind: 'trust-anchor';
        /** `null` when it vouches for every endpoint that a certificate names. */
        readonly endpoint: string | null;
      });

/** One page of the list of credentials, ordered by endpoint name (those for every endpoint first) and id. */
export interface CredentialPage {
  readonly credentials: readonly CredentialDocument[];
  /** What to give as `after` for the next page; `null` on the last. */
  readonly next: string | null;
}

/** Which credentials to list. */
export interface CredentialQuery {
  /** Only those whose endpoint name or PSK identity has this in them, whatever the case of letters. */
  readonly contains?: string;
  /** Only those of this endpoint. */
  readonly endpoint?: string;
  /** Begin after the page that gave this as `next`. */
  readonly after?: string;
  /** Credentials a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

/** What a device is to prove itself with. Keys and certificates are PEM texts, or DER in base64. */
export type CredentialInput =
  | {
      readonly kind: 'psk';
      readonly endpoint: string;
      readonly identity: string;
      /** The pre-shared key in hexadecimal digits; no answer has it ever after. */
      readonly key: string;
    }
  | { readonly kind: 'raw-public-key'; readonly endpoint: string; readonly publicKey: string }
  | { readonly kind: 'certificate'; readonly endpoint: string; readonly certificate: string }
  | {
      readonly kind: 'trust-anchor';
      /** `null` for every endpoint that a certificate of this authority names. */
      readonly endpoint: string | null;
      readonly certificate: string;
    };

/** What became of a new credential. */
export interface CredentialAdded {
  readonly credential: CredentialDocument;
  /** The id of the credential with the same proof whose place it took; `null` when there was none. */
  readonly replaced: string | null;
  /** What is unwise about it, in sentences for people. */
  readonly warnings: readonly string[];
}

/** What devices with raw public keys or certificates have to know of the server. */
export interface ServerIdentityDocument {
  /** Where CoAP over DTLS listens, such as `coaps://0.0.0.0:5684`. */
  readonly coaps: readonly string[];
  /** The server's DER SubjectPublicKeyInfo in base64: Resource `/0/x/4` in the mode of raw public keys. */
  readonly publicKey: string;
  readonly publicKeyFingerprint: string;
  /** `null` when the server has none: then no device can use certificates. `/0/x/4` in that mode. */
  readonly certificate: CertificateFacts | null;
}

const text = Type.String({ minLength: 1 });
const endpoint = Type.String({ minLength: 1, maxLength: maxEndpointNameLength });
const anyEndpoint = Type.Union([endpoint, Type.Null()]);
const instant = Type.String({ format: 'date-time' });
const closed = { additionalProperties: false };
const facts = { id: text, createdAt: instant };
const certificateFacts = {
  certificate: Type.String({ description: 'DER in base64.' }),
  fingerprint: Type.String({ description: 'sha256: and 64 hexadecimal digits.' }),
  subject: Type.String(),
  validFrom: instant,
  validUntil: instant,
};

export const CredentialDocumentSchema: Schema<CredentialDocument> = schemaOf<CredentialDocument>()(
  Type.Union([
    Type.Object({ ...facts, kind: Type.Literal('psk'), endpoint, identity: text }, closed),
    Type.Object(
      { ...facts, kind: Type.Literal('raw-public-key'), endpoint, publicKey: text, fingerprint: text },
      closed,
    ),
    Type.Object({ ...facts, kind: Type.Literal('certificate'), endpoint, ...certificateFacts }, closed),
    Type.Object(
      { ...facts, kind: Type.Literal('trust-anchor'), endpoint: anyEndpoint, ...certificateFacts },
      closed,
    ),
  ]),
);

export const CredentialPageSchema: Schema<CredentialPage> = schemaOf<CredentialPage>()(
  Type.Object(
    {
      credentials: Type.Array(CredentialDocumentSchema),
      next: Type.Union([Type.String(), Type.Null()], {
        description: 'Give it as "after" for the next page; null on the last.',
      }),
    },
    closed,
  ),
);

export const CredentialQuerySchema: Schema<CredentialQuery> = schemaOf<CredentialQuery>()(
  Type.Object(
    {
      contains: Type.Optional(containsSchema),
      endpoint: Type.Optional(endpoint),
      after: Type.Optional(Type.String({ minLength: 1, maxLength: maxEndpointNameLength + 64 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

const key = Type.String({
  description: 'The pre-shared key in hexadecimal digits, 16 bytes or more; never given back.',
  writeOnly: true,
});
const certificate = Type.String({ description: 'A certificate as PEM, or DER in base64.' });

export const CredentialInputSchema: Schema<CredentialInput> = schemaOf<CredentialInput>()(
  Type.Union([
    Type.Object({ kind: Type.Literal('psk'), endpoint, identity: text, key }, closed),
    Type.Object(
      {
        kind: Type.Literal('raw-public-key'),
        endpoint,
        publicKey: Type.String({
          description: 'A public key as PEM, or DER SubjectPublicKeyInfo in base64.',
        }),
      },
      closed,
    ),
    Type.Object({ kind: Type.Literal('certificate'), endpoint, certificate }, closed),
    Type.Object({ kind: Type.Literal('trust-anchor'), endpoint: anyEndpoint, certificate }, closed),
  ]),
);

export const CredentialAddedSchema: Schema<CredentialAdded> = schemaOf<CredentialAdded>()(
  Type.Object(
    {
      credential: CredentialDocumentSchema,
      replaced: Type.Union([Type.String(), Type.Null()]),
      warnings: Type.Array(Type.String()),
    },
    closed,
  ),
);

export const ServerIdentitySchema: Schema<ServerIdentityDocument> = schemaOf<ServerIdentityDocument>()(
  Type.Object(
    {
      coaps: Type.Array(Type.String()),
      publicKey: Type.String({ description: 'DER SubjectPublicKeyInfo in base64.' }),
      publicKeyFingerprint: Type.String(),
      certificate: Type.Union([Type.Object(certificateFacts, closed), Type.Null()]),
    },
    closed,
  ),
);
