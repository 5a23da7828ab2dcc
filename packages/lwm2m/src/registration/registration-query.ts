import { seconds, type Seconds } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';

import { type BindingMode, parseBindingMode } from '../binding-mode.ts';
import { isRefusal, type Refusal, refusal } from '../refusal.ts';
import {
  acceptsVersion,
  type EnablerVersion,
  enablerVersion,
  formatEnablerVersion,
  parseEnablerVersion,
} from './enabler-version.ts';
import { type ParameterName, type QueryParameters, splitParameters } from './query-parameters.ts';

/** What the query of a Register says (1.0 §5.3.1 Table 7). */
export interface RegistrationParameters {
  /** Absent only where `isEndpointNameRequired` is false, and the peer's credentials name it. */
  readonly endpointName?: string | undefined;
  readonly lifetime: Seconds;
  readonly version: EnablerVersion;
  /** U when the parameter is missing. */
  readonly bindingMode: BindingMode;
  /** An MSISDN: digits only. */
  readonly smsNumber?: string | undefined;
  /** Parameters that the specification does not know; the value of one without `=` is empty. */
  readonly additional: Readonly<Record<string, string>>;
  /** What was passed over, one sentence each. */
  readonly warnings: readonly string[];
}

/** What the query of an Update says: only what changed is present. */
export interface UpdateParameters {
  readonly lifetime?: Seconds | undefined;
  readonly bindingMode?: BindingMode | undefined;
  readonly smsNumber?: string | undefined;
  readonly additional: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** How strictly the queries of Register and Update are read. */
export interface RegistrationQueryOptions {
  /** What becomes of parameters that 1.0 does not know: real devices send some. Default `keep`. */
  readonly unknownParameters: 'keep' | 'refuse';
  /** False when the peer's credentials name the endpoint, so that `ep` may be missing. Default true. */
  readonly isEndpointNameRequired: boolean;
  /** The longest lifetime that is accepted. Default 2³² - 1 s, 136 years: deadlines stay exact numbers. */
  readonly maxLifetime: Seconds;
  /** The most parameters that 1.0 does not know. Default 16: they are stored with every registration. */
  readonly maxAdditionalParameters: number;
}

/** A query is read so when nothing else is said: as the enabler has it, with limits on what devices make up. */
export const registrationQueryDefaults: RegistrationQueryOptions = {
  unknownParameters: 'keep',
  isEndpointNameRequired: true,
  maxLifetime: seconds(0xffff_ffff),
  maxAdditionalParameters: 16,
};

/**
 * The parameters of a Register, or why it is refused. The version is judged first (4.12), so
 * that a Client of a newer version learns that and not that its other parameters are unknown here; then a
 * missing, repeated or malformed parameter is 4.00. No lifetime is assumed when `lt` is missing.
 */
export function parseRegistrationQuery(
  query: readonly string[],
  options: Readonly<Partial<RegistrationQueryOptions>> = {},
): RegistrationParameters | Refusal {
  const limits = { ...registrationQueryDefaults, ...options };
  const version = parseVersion(query);
  if (isRefusal(version)) return version;
  const parameters = splitParameters(query, limits);
  if (isRefusal(parameters)) return parameters;

  const endpointName = parseEndpointName(parameters, limits.isEndpointNameRequired);
  if (isRefusal(endpointName)) return endpointName;
  const changes = parseChanges(parameters, limits);
  if (isRefusal(changes)) return changes;
  const { lifetime, bindingMode = 'U', smsNumber } = changes;
  if (lifetime === undefined) return missing('lt');
  const { additional, warnings } = parameters;
  return {
    ...(endpointName !== undefined && { endpointName }),
    lifetime,
    version,
    bindingMode,
    ...(smsNumber !== undefined && { smsNumber }),
    additional,
    warnings,
  };
}

/**
 * The parameters of an Update, or why it is refused. The name and the version cannot change:
 * when a device repeats them they are passed over with a warning, or refused where unknown parameters are.
 */
export function parseUpdateQuery(
  query: readonly string[],
  options: Readonly<Partial<RegistrationQueryOptions>> = {},
): UpdateParameters | Refusal {
  const limits = { ...registrationQueryDefaults, ...options };
  const parameters = splitParameters(query, limits);
  if (isRefusal(parameters)) return parameters;
  const fixed = (['ep', 'lwm2m'] as const).filter((name) => parameters.known.has(name));
  if (fixed.length > 0 && limits.unknownParameters === 'refuse') {
    return refusal(ResponseCode.badRequest, `an Update cannot change ${fixed.join(' and ')}`);
  }
  const changes = parseChanges(parameters, limits);
  if (isRefusal(changes)) return changes;
  const warnings = fixed.map((name) => `An Update cannot change ${name}: passed over.`);
  return {
    ...changes,
    additional: parameters.additional,
    warnings: [...parameters.warnings, ...warnings],
  };
}

/** The query of a Register. The binding mode is always said; everything else only when it is given. */
export function formatRegistrationQuery(
  parameters: Omit<RegistrationParameters, 'additional' | 'warnings'> & {
    readonly additional?: Readonly<Record<string, string>> | undefined;
  },
): readonly string[] {
  const { endpointName, lifetime, version, bindingMode, smsNumber, additional = {} } = parameters;
  return [
    ...(endpointName === undefined ? [] : [`ep=${endpointName}`]),
    `lt=${lifetime}`,
    `lwm2m=${formatEnablerVersion(version)}`,
    `b=${bindingMode}`,
    ...(smsNumber === undefined ? [] : [`sms=${smsNumber}`]),
    ...formatAdditional(additional),
  ];
}

/** The query of an Update: what is present changed. */
export function formatUpdateQuery(
  parameters: Partial<Omit<UpdateParameters, 'warnings'>>,
): readonly string[] {
  const { lifetime, bindingMode, smsNumber, additional = {} } = parameters;
  return [
    ...(lifetime === undefined ? [] : [`lt=${lifetime}`]),
    ...(bindingMode === undefined ? [] : [`b=${bindingMode}`]),
    ...(smsNumber === undefined ? [] : [`sms=${smsNumber}`]),
    ...formatAdditional(additional),
  ];
}

/** Read apart from the other parameters, as these are judged by the rules of the version. */
function parseVersion(query: readonly string[]): EnablerVersion | Refusal {
  const texts = query.filter((argument) => argument === 'lwm2m' || argument.startsWith('lwm2m='));
  const [text] = texts;
  if (text === undefined) return missing('lwm2m');
  if (texts.length > 1) return refusal(ResponseCode.badRequest, 'the parameter lwm2m appears twice');
  const version = parseEnablerVersion(text.slice('lwm2m='.length));
  if (version === undefined) {
    return refusal(ResponseCode.badRequest, 'the parameter lwm2m takes a version such as 1.0');
  }
  if (acceptsVersion(enablerVersion, version)) return version;
  const reason = `LwM2M ${formatEnablerVersion(version)} is not supported here, ${formatEnablerVersion(enablerVersion)} is`;
  return refusal(ResponseCode.preconditionFailed, reason);
}

function parseEndpointName({ known }: QueryParameters, isRequired: boolean): string | undefined | Refusal {
  const endpointName = known.get('ep');
  if (endpointName === undefined) return isRequired ? missing('ep') : undefined;
  return endpointName === '' ? refusal(ResponseCode.badRequest, 'the endpoint name is empty') : endpointName;
}

/** The parameters that Register and Update share. */
function parseChanges(
  { known }: QueryParameters,
  limits: RegistrationQueryOptions,
): Pick<UpdateParameters, 'lifetime' | 'bindingMode' | 'smsNumber'> | Refusal {
  const [lt, b, sms] = [known.get('lt'), known.get('b'), known.get('sms')];
  const lifetime = lt === undefined ? undefined : parseLifetime(lt, limits.maxLifetime);
  if (isRefusal(lifetime)) return lifetime;
  const bindingMode = b === undefined ? undefined : parseBinding(b);
  if (isRefusal(bindingMode)) return bindingMode;
  if (sms !== undefined && !/^\d{3,15}$/.test(sms)) {
    return refusal(
      ResponseCode.badRequest,
      'the parameter sms takes an MSISDN: 3 to 15 digits, no leading +',
    );
  }
  return {
    ...(lifetime !== undefined && { lifetime }),
    ...(bindingMode !== undefined && { bindingMode }),
    ...(sms !== undefined && { smsNumber: sms }),
  };
}

function parseLifetime(text: string, maxLifetime: Seconds): Seconds | Refusal {
  const lifetime = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (lifetime >= 1 && lifetime <= maxLifetime) return seconds(lifetime);
  const reason = `the parameter lt takes a whole number of seconds from 1 to ${maxLifetime}`;
  return refusal(ResponseCode.badRequest, reason);
}

function parseBinding(text: string): BindingMode | Refusal {
  const bindingMode = parseBindingMode(text);
  if (bindingMode !== undefined) return bindingMode;
  const reason = `the parameter b takes U, UQ, S, SQ, US or UQS in LwM2M ${formatEnablerVersion(enablerVersion)}`;
  return refusal(ResponseCode.badRequest, reason);
}

function formatAdditional(additional: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(additional).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
}

function missing(name: ParameterName): Refusal {
  return refusal(ResponseCode.badRequest, `the mandatory parameter ${name} is missing`);
}
