// A client of ours at a server on Leshan 1.5: another implementation's requests in each format, and what it makes of our answers.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { seconds } from '@dunlin/base';
import { device, LwM2mClient } from '@dunlin/client';
import { udp } from '@dunlin/node';

import { everyType, everyTypeObject, reading } from './support/every-type.ts';
import { LeshanProgram, skip } from './support/leshan-program.ts';

/** What Leshan shows of `/32800/0`: integers, times and links as texts, bytes in hexadecimal digits. */
const shown = {
  0: 'Grüße, 鳥',
  1: '-9007199254740993',
  2: -0.1,
  3: true,
  4: '0001ff',
  5: '1700000000',
  6: '3:0',
  10: { 0: 'a', 300: 'b' },
  11: { 1: '-9223372036854775808', 2: '9223372036854775807' },
  12: { 0: 1.5, 1: 1e300 },
  13: { 0: false, 7: true },
  14: { 0: '', 1: '7f' },
  15: { 0: '0', 1: '1000000000' },
  16: { 0: '3:0', 1: '65535:65535' },
  20: 20.5,
};

describe('a client of ours at a server on Leshan', { skip }, () => {
  let server: LeshanProgram;
  let client: LwM2mClient;
  const executed: string[] = [];

  before(async () => {
    server = new LeshanProgram('Server');
    const [port] = await server.ports();
    client = await LwM2mClient.open({
      endpoint: 'ours',
      servers: [
        {
          uri: `coap://127.0.0.1:${port}?additional=of%20its%20own`,
          shortServerId: 1,
          lifetime: seconds(300),
        },
      ],
      objects: [
        device({ manufacturer: 'Dunlin', onReboot: () => undefined }),
        everyTypeObject(await everyType(), (execution) => {
          executed.push([...execution.arguments].map(([digit, text]) => `${digit}=${text ?? ''}`).join());
        }),
      ],
      binding: udp({ port: 0, address: '127.0.0.1' }),
    });
    await server.told(/^registered ours$/);
  });

  after(async () => {
    await client?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const ask = (name: string, path: string, ...words: readonly string[]): Promise<string> =>
    server.ask(name, 'ours', path, ...words);
  /** What Leshan read there. */
  const read = async (path: string, format = '-'): Promise<unknown> => {
    const [, content = ''] = /^2\.05 (.*)$/.exec(await ask('read', path, format)) ?? [];
    return JSON.parse(content);
  };
  const answers = async (expected: string, name: string, path: string, ...words: readonly string[]) => {
    const answer = await ask(name, path, ...words);
    assert.ok(answer === expected || answer.startsWith(`${expected} `), `${name} ${path}: ${answer}`);
  };

  it('registers with its Objects and the parameters of its Server URI (1.0 §5.3.1)', async () => {
    const registration = JSON.parse(await server.ask('registration', 'ours')) as Record<string, unknown>;
    const { lifetime, version, binding, rootPath, objects, additional } = registration;
    assert.deepEqual(
      { lifetime, version, binding, rootPath, objects, additional },
      {
        lifetime: 300,
        version: '1.0',
        binding: 'U',
        rootPath: '/',
        objects: { 1: '1.0', 3: '1.0', 32_800: '1.0' },
        additional: { additional: 'of its own' },
      },
    );
  });

  for (const format of ['-', 'TLV', 'JSON']) {
    it(`is read as an Object, an Object Instance and a Resource, format ${format} (R-420)`, async () => {
      // What reads JSON in Leshan has numbers as floats, which hold integers of 53 bits.
      const expected = format === 'JSON' ? { ...shown, 1: '-9007199254740992' } : shown;
      assert.deepEqual(await read('/32800', format), { 0: expected });
      assert.deepEqual(await read('/32800/0', format), expected);
      for (const [id, value] of Object.entries(expected))
        assert.deepEqual(await read(`/32800/0/${id}`, format), value, id);
    });
  }

  it('is read as text and as bytes, one value at a time (1.0 §6.4)', async () => {
    for (const id of ['0', '1', '2', '3', '4', '5', '6'] as const)
      assert.deepEqual(await read(`/32800/0/${id}`, 'TEXT'), shown[id]);
    assert.equal(await read('/32800/0/4', 'OPAQUE'), shown[4]);
    for (const [path, format] of [
      ['/32800/0/10', 'TEXT'],
      ['/32800/0', 'TEXT'],
      ['/32800/0/0', 'OPAQUE'],
    ] as const) {
      await answers('4.06', 'read', path, format);
    }
  });

  it('says why something cannot be done (1.0 §8.3)', async () => {
    await answers('4.01', 'read', '/0/0');
    await answers('4.04', 'read', '/9');
    await answers('4.04', 'read', '/32800/7');
    await answers('4.05', 'read', '/3/0/4');
    await answers('4.05', 'replace', '/32800/0/20', 'TLV', '20=1');
    await answers('4.05', 'execute', '/32800/0/0');
    await answers('4.05', 'delete', '/3/0');
    await answers('4.00', 'replace', '/32800/0', 'TLV', '1=5');
    await answers('4.00', 'create', '/32800', 'TLV', '1=5');
  });

  it('is discovered with the attributes that were written, and the number of values (R-430, R-450)', async () => {
    await answers('2.04', 'attributes', '/32800/0/20', 'pmin=0&pmax=100&gt=10&lt=1&st=0.5');
    const links = await ask('discover', '/32800/0');
    assert.match(links, /<\/32800\/0\/11>;dim=2,/);
    const [, attributes = ''] = /<\/32800\/0\/20>;([^,]*)/.exec(links) ?? [];
    assert.deepEqual(attributes.split(';').sort(), ['gt=10', 'lt=1', 'pmax=100', 'pmin=0', 'st=0.5']);
    await answers('2.04', 'attributes', '/32800/0/20', 'pmin&pmax&gt&lt&st');
    assert.equal(await ask('discover', '/32800/0/20'), '2.05 </32800/0/20>');
  });

  for (const format of ['TLV', 'JSON', 'TEXT']) {
    it(`is written values of every data type in ${format} (R-440)`, async () => {
      const values = [
        '0=☃ neu',
        '1=-9007199254740991',
        '2=1e-7',
        '3=false',
        '4=00ff10',
        '5=1600000000',
        '6=5:0',
      ];
      for (const value of values)
        await answers('2.04', 'replace', `/32800/0/${value[0] ?? ''}`, format, value);
      await answers('2.04', 'replace', '/32800/0/21', format, '21=hidden');
      const instance = (await read('/32800/0')) as Readonly<Record<string, unknown>>;
      assert.deepEqual(
        [0, 1, 2, 3, 4, 5, 6].map((id) => instance[id]),
        ['☃ neu', '-9007199254740991', 1e-7, false, '00ff10', '1600000000', '5:0'],
      );
    });
  }

  for (const format of ['TLV', 'JSON']) {
    it(`is written several values and Object Instances in ${format}, and instances are created (R-441, R-470)`, async () => {
      await answers('2.04', 'replace', '/32800/0/10', format, '10.0=x', '10.7=');
      await answers('2.04', 'replace', '/32800/0/16', format, '16.2=65535:65535');
      await answers('2.04', 'replace', '/32800/0/11', format, '11.1=1');
      await answers('2.04', 'update', '/32800/0', format, '1=5', '11.9=9');
      const updated = (await read('/32800/0', format)) as Readonly<Record<string, unknown>>;
      assert.deepEqual(
        [updated[1], updated[10], updated[11], updated[16]],
        ['5', { 0: 'x', 7: '' }, { 1: '1', 9: '9' }, { 2: '65535:65535' }],
      );
      await answers('2.04', 'replace', '/32800/0', format, '0=only');
      assert.deepEqual(await read('/32800/0', format), { 0: 'only', 20: 20.5 });
      await answers('2.01', 'create', '/32800/77', format, '0=chosen by the server', '10.3=a');
      assert.deepEqual(await read('/32800/77', format), { 0: 'chosen by the server', 10: { 3: 'a' } });
      await answers('2.02', 'delete', '/32800/77');
      await answers('4.04', 'delete', '/32800/77');
    });
  }

  it('chooses the id of a new instance, and tells of it in the answer and in an Update (R-471, R-476)', async () => {
    const updates = server.count(/^updated ours$/);
    const answer = await ask('create', '/32800', 'TLV', '0=new');
    const [, path = ''] = /^2\.01 \/?(32800\/\d+)$/.exec(answer) ?? assert.fail(answer);
    await server.told(/^updated ours$/, updates + 1);
    assert.deepEqual(await read(`/${path}`), { 0: 'new' });
    await answers('2.02', 'delete', `/${path}`);
  });

  it('takes and gives values in blocks, and says what is too long (RFC 7959)', async () => {
    const digits = '0102030405060708'.repeat(625);
    await answers('2.04', 'replace', '/32800/0/4', 'OPAQUE', `4=${digits}`);
    assert.equal(await read('/32800/0/4', 'OPAQUE'), digits);
    await answers('2.04', 'replace', '/32800/0/4', 'TLV', `4=${digits}`);
    assert.deepEqual(await read('/32800/0', 'TLV'), { 0: 'only', 4: digits, 20: 20.5 });
    await answers('4.13', 'replace', '/32800/0/4', 'OPAQUE', `4=${digits.repeat(2)}`);
  });

  it('is executed with arguments and without (R-460)', async () => {
    await answers('2.04', 'execute', '/32800/0/22');
    await answers('2.04', 'execute', '/32800/0/22', "0='text',1");
    assert.deepEqual(executed, ['', '0=text,1=']);
  });

  it('notifies in each format, at each level, until the observation is cancelled in either way (R-500, R-504)', async () => {
    const notified = (path: string): RegExp => new RegExp(`^notified ours ${path} .*`);
    let value = 0;
    for (const format of ['-', 'TLV', 'JSON', 'TEXT']) {
      await answers('2.05', 'observe', '/32800/0/20', format);
      value += 1;
      client.set(reading, value + 0.25);
      await server.told(new RegExp(`^notified ours /32800/0/20 ${value}.25$`));
    }
    for (const path of ['/32800/0', '/32800']) await answers('2.05', 'observe', path, '-');
    client.set(reading, 100);
    for (const path of ['/32800', '/32800/0', '/32800/0/20'])
      await server.told(new RegExp(`^notified ours ${path} .*100`));

    assert.match(await ask('cancel', '/32800/0/20', 'active'), /^2\.05 100/);
    assert.equal(await ask('cancel', '/32800/0', 'passive'), 'ok');
    const earlier = ['/32800/0/20', '/32800/0'].map((path) => server.count(notified(path)));
    client.set(reading, 200);
    await server.told(/^notified ours \/32800 .*200/);
    client.set(reading, 300);
    await server.told(/^notified ours \/32800 .*300/);
    assert.deepEqual(
      ['/32800/0/20', '/32800/0'].map((path) => server.count(notified(path))),
      earlier,
    );
  });

  it('updates when its lifetime is written and when it is told to (R-330)', async () => {
    const updates = server.count(/^updated ours$/);
    await answers('2.04', 'replace', '/1/0/1', 'TLV', '1=500');
    await server.told(/^updated ours$/, updates + 1);
    const { lifetime } = JSON.parse(await server.ask('registration', 'ours')) as {
      readonly lifetime: number;
    };
    assert.equal(lifetime, 500);
    await answers('2.04', 'execute', '/1/0/8');
    await server.told(/^updated ours$/, updates + 2);
  });

  it('deregisters (1.0 §5.3.3)', async () => {
    await client.close();
    await server.told(/^deregistered ours$/);
    assert.match(await ask('read', '/3/0'), /^failed IllegalStateException ours is not registered/);
  });
});
