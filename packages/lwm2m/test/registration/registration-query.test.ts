import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { seconds } from '@dunlin/base';
import { formatCode } from '@dunlin/coap';
import {
  acceptsVersion,
  type BindingMode,
  enablerVersion,
  formatEnablerVersion,
  formatRegistrationQuery,
  formatUpdateQuery,
  isRefusal,
  parseEnablerVersion,
  parseRegistrationQuery,
  parseUpdateQuery,
  type RegistrationQueryOptions,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

type Options = Partial<RegistrationQueryOptions>;

function registration(query: string, options?: Options) {
  const parsed = parseRegistrationQuery(query.split('&'), options);
  assert.ok(!isRefusal(parsed), query);
  return parsed;
}

function registrationRefusal(query: string, options?: Options): string {
  const parsed = parseRegistrationQuery(query.split('&'), options);
  assert.ok(isRefusal(parsed), query);
  return `${formatCode(parsed.code)} ${parsed.reason}`;
}

function update(query: string, options?: Options) {
  const parsed = parseUpdateQuery(query === '' ? [] : query.split('&'), options);
  assert.ok(!isRefusal(parsed), query);
  return parsed;
}

function updateRefusal(query: string, options?: Options): string {
  const parsed = parseUpdateQuery(query.split('&'), options);
  assert.ok(isRefusal(parsed), query);
  return `${formatCode(parsed.code)} ${parsed.reason}`;
}

const complete = 'ep=node-1&lt=86400&lwm2m=1.0&b=UQS&sms=491700000000';
const minimal = 'ep=node-1&lt=60&lwm2m=1.0';
const hostileLifetimes = [
  '0',
  '-1',
  '+1',
  '1.5',
  'abc',
  '',
  '1e3',
  '0x10',
  ' 60',
  '4294967296',
  '9'.repeat(30),
];
const malformedBindings = [
  '',
  'u',
  'Q',
  'QU',
  'UQSQ',
  'USQ',
  'SU',
  'T',
  'UT',
  'N',
  'UU',
  'U Q',
  'UQS ',
  'toString',
];
const malformedNumbers = ['', '+491700000000', '49 170', 'abc', '12', 'null', '1234567890123456'];
const bindingModes: readonly BindingMode[] = ['U', 'UQ', 'S', 'SQ', 'US', 'UQS'];

const versionOf = (text: string) => parseEnablerVersion(text) ?? assert.fail(text);

describe('The query of a Register', () => {
  it('has all parameters of 1.0 in any order (R-310, 1.0 §5.3.1 Table 7)', () => {
    const expected = {
      endpointName: 'node-1',
      lifetime: 86400,
      version: { major: 1, minor: 0 },
      bindingMode: 'UQS',
      smsNumber: '491700000000',
      additional: {},
      warnings: [],
    };
    assert.deepEqual(registration(complete), expected);
    assert.deepEqual(registration(complete.split('&').reverse().join('&')), expected);
  });

  it('has the binding mode U when b is missing (R-310)', () => {
    assert.deepEqual(registration(minimal), {
      endpointName: 'node-1',
      lifetime: 60,
      version: { major: 1, minor: 0 },
      bindingMode: 'U',
      additional: {},
      warnings: [],
    });
  });

  it('is refused with 4.00 when a mandatory parameter is missing; no lifetime is assumed (R-310, R-311)', () => {
    assert.equal(registrationRefusal('lt=60&lwm2m=1.0'), '4.00 the mandatory parameter ep is missing');
    assert.equal(registrationRefusal('ep=node-1&lwm2m=1.0'), '4.00 the mandatory parameter lt is missing');
    assert.equal(registrationRefusal('ep=node-1&lt=60'), '4.00 the mandatory parameter lwm2m is missing');
    assert.equal(registrationRefusal(''), '4.00 the mandatory parameter lwm2m is missing');
  });

  it('may leave out ep where the credentials name the endpoint (R-310)', () => {
    assert.equal(registration('lt=60&lwm2m=1.0', { isEndpointNameRequired: false }).endpointName, undefined);
    assert.match(
      registrationRefusal('ep=&lt=60&lwm2m=1.0', { isEndpointNameRequired: false }),
      /^4\.00 the endpoint name is empty/,
    );
  });

  it('takes any endpoint name that is not empty (R-113)', () => {
    for (const name of ['urn:imei:123456789012345', 'a', 'x=y', 'Köln 7', 'a/b?c', '0']) {
      assert.equal(registration(`ep=${name}&lt=60&lwm2m=1.0`).endpointName, name);
    }
    assert.match(registrationRefusal('ep=&lt=60&lwm2m=1.0'), /^4\.00 the endpoint name is empty/);
    assert.match(registrationRefusal('ep&lt=60&lwm2m=1.0'), /^4\.00 the parameter ep has no value/);
  });

  it('is refused with 4.00 for a lifetime that is not a whole number of seconds from 1 to the limit (R-332)', () => {
    for (const lifetime of hostileLifetimes) {
      assert.match(
        registrationRefusal(`ep=a&lwm2m=1.0&lt=${lifetime}`),
        /^4\.00 the parameter lt takes/,
        lifetime,
      );
    }
    assert.equal(registration('ep=a&lwm2m=1.0&lt=4294967295').lifetime, 4294967295);
    assert.match(registrationRefusal('ep=a&lwm2m=1.0&lt=61', { maxLifetime: seconds(60) }), /^4\.00/);
  });

  it('has each binding mode of 1.0, and no other (R-360, R-362)', () => {
    for (const bindingMode of bindingModes)
      assert.equal(registration(`${minimal}&b=${bindingMode}`).bindingMode, bindingMode);
    for (const text of malformedBindings) {
      assert.match(registrationRefusal(`${minimal}&b=${text}`), /^4\.00 the parameter b takes/, text);
    }
    assert.match(registrationRefusal(`${minimal}&Q`), /^4\.00 the parameter Q is not defined in LwM2M 1\.0/);
  });

  it('has a phone number of digits without a leading + (R-310)', () => {
    for (const number of malformedNumbers) {
      assert.match(registrationRefusal(`${minimal}&sms=${number}`), /^4\.00 the parameter sms takes/, number);
    }
  });

  it('is refused with 4.00 when a parameter is repeated (R-311)', () => {
    for (const argument of ['ep=b', 'lt=60', 'lwm2m=1.0'])
      assert.match(registrationRefusal(`${minimal}&${argument}`), /^4\.00 .* appears twice$/);
    assert.match(registrationRefusal(`${minimal}&b=U&b=U`), /^4\.00 .* appears twice$/);
  });

  it('keeps parameters that 1.0 does not know, as real devices send some (R-311)', () => {
    const { additional, warnings } = registration(`${minimal}&vendor=a=b&flag&__proto__=x&=y&&vendor=c`);
    assert.deepEqual(Object.entries(additional), [
      ['vendor', 'c'],
      ['flag', ''],
      ['__proto__', 'x'],
    ]);
    assert.equal(warnings.length, 1);
    assert.equal(Object.getPrototypeOf(additional), Object.prototype);
  });

  it('is refused with 4.00 for an unknown parameter where that is asked for (R-311)', () => {
    assert.match(
      registrationRefusal(`${minimal}&vendor=a`, { unknownParameters: 'refuse' }),
      /^4\.00 the parameter "vendor" is unknown/,
    );
  });

  it('has a limited number of unknown parameters', () => {
    const many = Array.from({ length: 17 }, (_, index) => `p${index}=1`).join('&');
    assert.match(registrationRefusal(`${minimal}&${many}`), /^4\.00 there are too many/);
  });

  it('is refused with 4.12 for a version that is not supported, whatever else it has (R-312)', () => {
    for (const version of ['1.1', '1.2', '2.0', '0.9']) {
      assert.match(
        registrationRefusal(`ep=node-1&lwm2m=${version}&Q&b=UT`),
        /^4\.12 LwM2M .* is not supported/,
        version,
      );
    }
  });

  it('is refused with 4.00 for a version that is none (R-312)', () => {
    for (const version of ['', '1', '1.', '.0', '01.0', '1.0.0', '"1.0"', 'a.b', '1.100']) {
      assert.match(
        registrationRefusal(`ep=node-1&lt=60&lwm2m=${version}`),
        /^4\.00 the parameter lwm2m takes/,
        version,
      );
    }
    assert.match(registrationRefusal('ep=node-1&lt=60&lwm2m'), /^4\.00/);
  });
});

describe('The query of an Update', () => {
  it('may say nothing: a pure refresh of the lifetime (R-330)', () => {
    assert.deepEqual(update(''), { additional: {}, warnings: [] });
  });

  it('has what changed (R-330, R-332)', () => {
    assert.deepEqual(update('lt=20'), { lifetime: 20, additional: {}, warnings: [] });
    assert.deepEqual(update('b=UQ&sms=4917&vendor=a'), {
      bindingMode: 'UQ',
      smsNumber: '4917',
      additional: { vendor: 'a' },
      warnings: [],
    });
  });

  it('is refused with 4.00 for a malformed parameter (R-332, R-362)', () => {
    for (const lifetime of hostileLifetimes)
      assert.match(updateRefusal(`lt=${lifetime}`), /^4\.00 the parameter lt/);
    for (const text of malformedBindings) assert.match(updateRefusal(`b=${text}`), /^4\.00 the parameter b/);
    for (const number of malformedNumbers)
      assert.match(updateRefusal(`sms=${number}`), /^4\.00 the parameter sms/);
    assert.match(updateRefusal('lt=20&lt=20'), /^4\.00/);
    assert.match(updateRefusal('lt'), /^4\.00/);
  });

  it('cannot change the name or the version: they are passed over with a warning (R-330)', () => {
    const parsed = update('ep=other&lwm2m=1.1&lt=20');
    assert.equal(parsed.lifetime, 20);
    assert.equal(parsed.warnings.length, 2);
    assert.match(
      updateRefusal('ep=other', { unknownParameters: 'refuse' }),
      /^4\.00 an Update cannot change ep/,
    );
  });
});

describe('Versions of the enabler', () => {
  it('are accepted of the same major number and not higher than one’s own (R-312)', () => {
    assert.ok(acceptsVersion(enablerVersion, versionOf('1.0')));
    assert.ok(!acceptsVersion(enablerVersion, versionOf('1.1')));
    assert.ok(!acceptsVersion(versionOf('1.2'), versionOf('2.0')));
    assert.ok(!acceptsVersion(versionOf('2.0'), versionOf('1.2')));
    assert.ok(acceptsVersion(versionOf('1.2'), versionOf('1.1')));
    assert.equal(formatEnablerVersion(versionOf('1.12')), '1.12');
  });
});

describe('Registration queries', () => {
  const endpointName = fc.string({ minLength: 1 });
  const lifetime = fc.integer({ min: 1, max: 0xffff_ffff }).map(seconds);
  const bindingMode = fc.constantFrom(...bindingModes);
  const smsNumber = fc.stringMatching(/^\d{3,15}$/);
  const additional = fc.dictionary(fc.stringMatching(/^[a-z]{7,9}$/), fc.string(), {
    maxKeys: 5,
    noNullPrototype: true,
  });

  it('are read back as they were written (R-310, R-330)', () => {
    const register = fc.record(
      { endpointName, lifetime, version: fc.constant(enablerVersion), bindingMode, smsNumber, additional },
      { requiredKeys: ['endpointName', 'lifetime', 'version', 'bindingMode', 'additional'] },
    );
    fc.assert(
      fc.property(register, (parameters) => {
        assert.deepEqual(parseRegistrationQuery(formatRegistrationQuery(parameters)), {
          ...parameters,
          warnings: [],
        });
      }),
    );
    const change = fc.record(
      { lifetime, bindingMode, smsNumber, additional },
      { requiredKeys: ['additional'] },
    );
    fc.assert(
      fc.property(change, (parameters) => {
        assert.deepEqual(parseUpdateQuery(formatUpdateQuery(parameters)), { ...parameters, warnings: [] });
      }),
    );
  });

  it('are written as the ETS expects them: an Update for a new lifetime is lt alone (R-335)', () => {
    assert.deepEqual(formatUpdateQuery({ lifetime: seconds(20) }), ['lt=20']);
    assert.deepEqual(formatUpdateQuery({}), []);
    const parameters = {
      endpointName: 'node-1',
      lifetime: seconds(86400),
      version: enablerVersion,
      bindingMode: 'U',
    } as const;
    assert.deepEqual(formatRegistrationQuery(parameters), ['ep=node-1', 'lt=86400', 'lwm2m=1.0', 'b=U']);
  });

  it('never make the parser throw (R-311)', () => {
    const argument = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('ep', 'lt', 'lwm2m', 'b', 'sms', 'Q', 'x'), fc.string())
        .map((parts) => parts.join('=')),
      fc.constantFrom('lwm2m=1.0', 'lt=60', 'ep=a'),
    );
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 8 }), (query) => {
        for (const parsed of [parseRegistrationQuery(query), parseUpdateQuery(query)]) {
          if (isRefusal(parsed)) assert.ok(['4.00', '4.12'].includes(formatCode(parsed.code)));
        }
      }),
    );
  });
});
