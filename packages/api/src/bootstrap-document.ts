import { type DataType, dataTypes } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { containsSchema } from './contains.ts';
import { maxEndpointNameLength } from './device-summary.ts';
import { type Schema, schemaOf } from './schema.ts';
import { type ValueDocument, ValueDocumentSchema } from './content-document.ts';
import { type InstanceInput, ResourcesInputSchema } from './write-document.ts';

/**
 * How a device and a server prove themselves to each other, as it may be shown. Keys and certificates are DER in
 * base64. `issued` is made anew for each bootstrap of a device, and added to the credentials of this server.
 */
export type AccountSecurityDocument =
  | { readonly kind: 'none' }
  | { readonly kind: 'psk'; readonly identity: string }
  | { readonly kind: 'raw-public-key'; readonly publicKey: string; readonly serverPublicKey: string }
  | { readonly kind: 'certificate'; readonly certificate: string; readonly serverCertificate: string }
  | { readonly kind: 'issued'; readonly proof: 'psk' | 'raw-public-key' };

/**
 * The same with its keys, which no answer has. A key that is left out stays as it is, for the same account with the
 * same identity, public key or certificate. Keys and certificates are PEM texts, or DER in base64; what the device
 * knows the server by may be left out when it is this server.
 */
export type AccountSecurityInput =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'psk';
      readonly identity: string;
      /** In hexadecimal digits, 16 to 64 bytes. */
      readonly key?: string;
    }
  | {
      readonly kind: 'raw-public-key';
      readonly publicKey: string;
      readonly privateKey?: string;
      readonly serverPublicKey?: string;
    }
  | {
      readonly kind: 'certificate';
      readonly certificate: string;
      readonly privateKey?: string;
      readonly serverCertificate?: string;
    }
  | { readonly kind: 'issued'; readonly proof?: 'psk' | 'raw-public-key' };

/** The account of a server (1.0 §5.2.2). Times are in seconds. */
export interface ServerAccountTerms<Security> {
  /** `coap://host[:port]`, or `coaps://host[:port]` with security. */
  readonly uri: string;
  /** 1 to 65534. */
  readonly shortServerId: number;
  /** Default none. */
  readonly security?: Security | undefined;
  /** Default 86400. */
  readonly lifetime?: number | undefined;
  /** U or UQ. Default U. */
  readonly bindingMode?: string | undefined;
  /** Default true. */
  readonly notificationStoring?: boolean | undefined;
  readonly defaultMinimumPeriod?: number | undefined;
  readonly defaultMaximumPeriod?: number | undefined;
  readonly disableTimeout?: number | undefined;
  /** Default: one that is free at the device. */
  readonly securityInstanceId?: number | undefined;
  readonly serverInstanceId?: number | undefined;
}

/** The account of the Bootstrap-Server. Times are in seconds. */
export interface BootstrapServerTerms<Security> {
  readonly uri: string;
  readonly security?: Security | undefined;
  readonly clientHoldOffTime?: number | undefined;
  readonly accountTimeout?: number | undefined;
  readonly securityInstanceId?: number | undefined;
}

/** A right on an Object Instance; `create` is one on an Object. */
export type AccessRightName = 'read' | 'write' | 'execute' | 'delete' | 'create';

/** Who may do what with an Object Instance, or create instances of an Object. */
export interface AccessControlTerms {
  /** `/3/0`, or `/3303` for who may create instances. */
  readonly path: string;
  /** The Short Server ID of who may change it, or `bootstrap-server`. */
  readonly owner: number | 'bootstrap-server';
  /** By Short Server ID, or `others` for those without rights of their own. */
  readonly acl: Readonly<Record<string, readonly AccessRightName[]>>;
}

/** Something that is written beside accounts: a Resource, an Object Instance, or instances of an Object. */
export interface BootstrapWriteTerms {
  /** Such as `/3/0/14`, `/3303/0` or `/3303`. */
  readonly path: string;
  /** A device that does not have the Object is left without. Default false. */
  readonly optional?: boolean;
  /** Of a Resource: one value, or values by Resource Instance id; `type` when there is no definition. */
  readonly value?: ValueDocument;
  readonly values?: Readonly<Record<string, ValueDocument>>;
  readonly type?: DataType;
  /** Of an Object Instance. */
  readonly resources?: InstanceInput['resources'];
  /** Of an Object, by Object Instance id. */
  readonly instances?: Readonly<Record<string, InstanceInput>>;
}

/** What a device is given in a bootstrap. */
export interface BootstrapTerms<Security> {
  readonly servers: readonly ServerAccountTerms<Security>[];
  readonly bootstrapServer?: BootstrapServerTerms<Security>;
  /** `shared`: all servers may do everything. Needed with more than one server. */
  readonly accessControl?: 'shared' | readonly AccessControlTerms[];
  readonly writes?: readonly BootstrapWriteTerms[];
  /** Paths such as `/`, `/0` and `/3303/1`. Default `/0`, `/1` and `/2`. */
  readonly deletes?: readonly string[];
  /** How much goes into one Write. Default `object-instance`. */
  readonly writeLevel?: 'object' | 'object-instance' | 'resource';
  /** Default `tlv`. */
  readonly format?: 'tlv' | 'json';
  /** Ask the device what it has before it is told to use it. Default false. */
  readonly verify?: boolean;
  /** Give keys to a device that came over plain CoAP: to anybody who says that he is it. Default false. */
  readonly allowKeysWithoutSecurity?: boolean;
}

/** The body of setting a configuration. */
export type BootstrapInput = BootstrapTerms<AccountSecurityInput>;

/** Whom a configuration is for: an endpoint, or all whose names fit a pattern with `*`. */
export type BootstrapTargetDocument = { readonly endpoint: string } | { readonly pattern: string };

/** A configuration without its keys; good for setting it again, with the keys it has. */
export type BootstrapDocument = BootstrapTerms<AccountSecurityDocument> & {
  readonly target: BootstrapTargetDocument;
  /** RFC 3339, in UTC. */
  readonly updatedAt: string;
};

/** One page of the configurations: those for endpoints first, each by name. */
export interface BootstrapPage {
  readonly configurations: readonly BootstrapDocument[];
  /** What to give as `after` for the next page; `null` on the last. */
  readonly next: string | null;
}

/** Which configurations to list. */
export interface BootstrapQuery {
  /** Only those whose endpoint name or pattern has this in them, whatever the case of letters. */
  readonly contains?: string;
  /** Begin after the page that gave this as `next`. */
  readonly after?: string;
  /** Configurations a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

const closed = { additionalProperties: false };
const text = Type.String({ minLength: 1 });
const secret = Type.Optional(Type.String({ minLength: 1, writeOnly: true }));
const seconds = Type.Optional(Type.Integer({ minimum: 0 }));
const instanceId = Type.Optional(Type.Integer({ minimum: 0, maximum: 65_534 }));
const proof = Type.Union([Type.Literal('psk'), Type.Literal('raw-public-key')]);
const none = Type.Object({ kind: Type.Literal('none') }, closed);

const securityDocument = Type.Union([
  none,
  Type.Object({ kind: Type.Literal('psk'), identity: text }, closed),
  Type.Object({ kind: Type.Literal('raw-public-key'), publicKey: text, serverPublicKey: text }, closed),
  Type.Object({ kind: Type.Literal('certificate'), certificate: text, serverCertificate: text }, closed),
  Type.Object({ kind: Type.Literal('issued'), proof }, closed),
]);

const securityInput = Type.Union([
  none,
  Type.Object({ kind: Type.Literal('psk'), identity: text, key: secret }, closed),
  Type.Object(
    {
      kind: Type.Literal('raw-public-key'),
      publicKey: text,
      privateKey: secret,
      serverPublicKey: Type.Optional(text),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('certificate'),
      certificate: text,
      privateKey: secret,
      serverCertificate: Type.Optional(text),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('issued'), proof: Type.Optional(proof) }, closed),
]);

const serverTerms = {
  uri: text,
  shortServerId: Type.Integer({ minimum: 1, maximum: 65_534 }),
  lifetime: seconds,
  bindingMode: Type.Optional(Type.String({ description: 'U or UQ.' })),
  notificationStoring: Type.Optional(Type.Boolean()),
  defaultMinimumPeriod: seconds,
  defaultMaximumPeriod: seconds,
  disableTimeout: seconds,
  securityInstanceId: instanceId,
  serverInstanceId: instanceId,
};

const bootstrapServerTerms = {
  uri: text,
  clientHoldOffTime: seconds,
  accountTimeout: seconds,
  securityInstanceId: instanceId,
};

const accessRight = Type.Unsafe<AccessRightName>(Type.Enum(['read', 'write', 'execute', 'delete', 'create']));

const accessControl = Type.Union([
  Type.Literal('shared'),
  Type.Array(
    Type.Object(
      {
        path: text,
        owner: Type.Union([Type.Integer(), Type.Literal('bootstrap-server')]),
        acl: Type.Record(Type.String(), Type.Array(accessRight)),
      },
      closed,
    ),
  ),
]);

const write = Type.Object(
  {
    path: text,
    optional: Type.Optional(Type.Boolean()),
    value: Type.Optional(ValueDocumentSchema),
    values: Type.Optional(Type.Record(Type.String(), ValueDocumentSchema)),
    type: Type.Optional(Type.Unsafe<DataType>(Type.Enum([...dataTypes]))),
    resources: Type.Optional(ResourcesInputSchema),
    instances: Type.Optional(
      Type.Record(Type.String(), Type.Object({ resources: ResourcesInputSchema }, closed)),
    ),
  },
  closed,
);

const terms = {
  accessControl: Type.Optional(accessControl),
  writes: Type.Optional(Type.Array(write)),
  deletes: Type.Optional(Type.Array(text)),
  writeLevel: Type.Optional(
    Type.Unsafe<'object' | 'object-instance' | 'resource'>(
      Type.Enum(['object', 'object-instance', 'resource']),
    ),
  ),
  format: Type.Optional(Type.Unsafe<'tlv' | 'json'>(Type.Enum(['tlv', 'json']))),
  verify: Type.Optional(Type.Boolean()),
  allowKeysWithoutSecurity: Type.Optional(Type.Boolean()),
};

export const BootstrapInputSchema: Schema<BootstrapInput> = schemaOf<BootstrapInput>()(
  Type.Object(
    {
      servers: Type.Array(Type.Object({ ...serverTerms, security: Type.Optional(securityInput) }, closed)),
      bootstrapServer: Type.Optional(
        Type.Object({ ...bootstrapServerTerms, security: Type.Optional(securityInput) }, closed),
      ),
      ...terms,
    },
    closed,
  ),
);

export const BootstrapTargetSchema: Schema<BootstrapTargetDocument> = schemaOf<BootstrapTargetDocument>()(
  Type.Union([Type.Object({ endpoint: text }, closed), Type.Object({ pattern: text }, closed)]),
);

export const BootstrapDocumentSchema: Schema<BootstrapDocument> = schemaOf<BootstrapDocument>()(
  Type.Object(
    {
      target: BootstrapTargetSchema,
      updatedAt: Type.String({ format: 'date-time' }),
      servers: Type.Array(Type.Object({ ...serverTerms, security: Type.Optional(securityDocument) }, closed)),
      bootstrapServer: Type.Optional(
        Type.Object({ ...bootstrapServerTerms, security: Type.Optional(securityDocument) }, closed),
      ),
      ...terms,
    },
    closed,
  ),
);

export const BootstrapPageSchema: Schema<BootstrapPage> = schemaOf<BootstrapPage>()(
  Type.Object(
    {
      configurations: Type.Array(BootstrapDocumentSchema),
      next: Type.Union([Type.String(), Type.Null()], {
        description: 'Give it as "after" for the next page; null on the last.',
      }),
    },
    closed,
  ),
);

export const BootstrapQuerySchema: Schema<BootstrapQuery> = schemaOf<BootstrapQuery>()(
  Type.Object(
    {
      contains: Type.Optional(containsSchema),
      after: Type.Optional(Type.String({ minLength: 1, maxLength: maxEndpointNameLength + 16 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);
