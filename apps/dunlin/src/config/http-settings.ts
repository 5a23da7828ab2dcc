import { BlockList, isIP } from 'node:net';

import { Type } from 'typebox';

import type { SessionTimes } from '../access/access-control.ts';
import { durationFrom, type Found, usage, wordFrom } from './setting-text.ts';

/** Who may read `/metrics`: who has at least this role, or whoever reaches it. */
export const metricsReaders = ['viewer', 'anyone'] as const;
type MetricsReader = (typeof metricsReaders)[number];

/** How HTTP is served to people and programs. */
export interface HttpSettings {
  /** The files of TLS; without them it is plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  /** Addresses and networks of reverse proxies, which say from where a request really comes. */
  readonly proxies: readonly string[];
  readonly metricsAccess: MetricsReader;
  /** How long the audit log is kept. */
  readonly auditDays: number;
  /** How long a session lasts without a request, and in all. */
  readonly sessions: SessionTimes;
}

/** Those settings as texts. */
export interface HttpTexts {
  readonly httpCertificate?: string | undefined;
  readonly httpKey?: string | undefined;
  readonly httpProxies?: readonly string[] | undefined;
  readonly metricsAccess?: string | undefined;
  readonly auditDays?: string | undefined;
  readonly sessionIdle?: string | undefined;
  readonly sessionLifetime?: string | undefined;
}

/** A session ends overnight when a browser is left alone, and after a week however much it is used. */
export const httpSettingsDefaults: {
  readonly metricsAccess: MetricsReader;
  readonly auditDays: string;
  readonly sessionIdle: string;
  readonly sessionLifetime: string;
} = { metricsAccess: 'viewer', auditDays: '90', sessionIdle: '8h', sessionLifetime: '7d' };

/** What of `dunlin.toml` sets them. */
export const httpFileSettings: {
  readonly 'http-certificate': Type.TOptional<Type.TString>;
  readonly 'http-key': Type.TOptional<Type.TString>;
  readonly 'http-proxies': Type.TOptional<Type.TArray<Type.TString>>;
  readonly 'metrics-access': Type.TOptional<Type.TString>;
  readonly 'audit-days': Type.TOptional<Type.TInteger>;
  readonly 'session-idle': Type.TOptional<Type.TString>;
  readonly 'session-lifetime': Type.TOptional<Type.TString>;
} = {
  'http-certificate': Type.Optional(Type.String({ minLength: 1 })),
  'http-key': Type.Optional(Type.String({ minLength: 1 })),
  'http-proxies': Type.Optional(Type.Array(Type.String())),
  'metrics-access': Type.Optional(Type.String()),
  'audit-days': Type.Optional(Type.Integer()),
  'session-idle': Type.Optional(Type.String()),
  'session-lifetime': Type.Optional(Type.String()),
};

/** What the file sets. */
export function httpTextsOf(document: {
  readonly [Name in keyof typeof httpFileSettings]?: Type.Static<(typeof httpFileSettings)[Name]> | undefined;
}): HttpTexts {
  return {
    httpCertificate: document['http-certificate'],
    httpKey: document['http-key'],
    httpProxies: document['http-proxies'],
    metricsAccess: document['metrics-access'],
    auditDays: document['audit-days']?.toString(),
    sessionIdle: document['session-idle'],
    sessionLifetime: document['session-lifetime'],
  };
}

/** The settings in their texts, each of which `pick` finds; throws a `ProgramError` for one that is wrong. */
export function httpSettings(
  pick: <T>(choose: (texts: HttpTexts) => T | undefined, byDefault: T) => Found<T>,
): HttpSettings {
  const d = httpSettingsDefaults;
  const certificate = pick((texts) => texts.httpCertificate, undefined).value;
  const key = pick((texts) => texts.httpKey, undefined).value;
  if ((certificate === undefined) !== (key === undefined)) {
    throw usage(
      'http-certificate and http-key go together: a certificate, and the private key that it is for',
    );
  }
  return {
    tls: certificate === undefined || key === undefined ? undefined : { certificate, key },
    proxies: proxiesFrom(pick<readonly string[]>((texts) => texts.httpProxies, [])),
    metricsAccess: wordFrom(
      'metrics-access',
      pick((texts) => texts.metricsAccess, d.metricsAccess),
      metricsReaders,
    ),
    auditDays: daysFrom(pick((texts) => texts.auditDays, d.auditDays)),
    sessions: {
      idle: timeFrom(
        'session-idle',
        pick((texts) => texts.sessionIdle, d.sessionIdle),
      ),
      lifetime: timeFrom(
        'session-lifetime',
        pick((texts) => texts.sessionLifetime, d.sessionLifetime),
      ),
    },
  };
}

function proxiesFrom({ value, source }: Found<readonly string[]>): readonly string[] {
  const wrong = value.find((text) => !isNetwork(text));
  if (wrong === undefined) return value;
  throw usage(
    `http-proxies (${source}): ${JSON.stringify(wrong)} is no IP address and no network such as 10.0.0.0/8`,
  );
}

function isNetwork(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  if (length === undefined) return true;
  if (!/^\d{1,3}$/.test(length)) return false;
  try {
    new BlockList().addSubnet(address, Number(length), family === 6 ? 'ipv6' : 'ipv4');
    return true;
  } catch {
    return false;
  }
}

/** A browser would keep a cookie no longer than 400 days (RFC 6265bis §5.5). */
const longestSession = 400 * 24 * 60 * 60 * 1000;

function timeFrom(setting: string, { value, source }: Found<string>): number {
  const time = durationFrom(value);
  if (time !== undefined && time <= longestSession) return time;
  throw usage(
    `${setting} (${source}): ${JSON.stringify(value)} is not a time such as 30m, 8h or 7d, 400 days at most`,
  );
}

function daysFrom({ value, source }: Found<string>): number {
  const days = Number(value);
  if (/^\d{1,4}$/.test(value) && days >= 1 && days <= 3660) return days;
  throw usage(`audit-days (${source}): ${JSON.stringify(value)} is not a number of days from 1 to 3660`);
}
