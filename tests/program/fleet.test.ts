// Many devices: found by what is known of them, now and after a restart, with what they had and what the server knows of Objects.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { dunlin, Program } from '../support/program.ts';
import { untilFits } from '../support/until.ts';

interface Page {
  readonly devices: readonly {
    readonly endpoint: string;
    readonly state: string;
    readonly modelNumber?: string;
  }[];
  readonly total: number;
}

/** What an operator would rather call a light of the registry. */
const pump = `<LWM2M><Object ObjectType="MODefinition"><Name>Pump</Name><Description1>A pump.</Description1>
<ObjectID>3311</ObjectID><ObjectURN>urn:oma:lwm2m:ext:3311</ObjectURN><LWM2MVersion>1.0</LWM2MVersion>
<ObjectVersion>1.0</ObjectVersion><MultipleInstances>Multiple</MultipleInstances><Mandatory>Optional</Mandatory>
<Resources><Item ID="5850"><Name>Running</Name><Operations>RW</Operations><MultipleInstances>Single</MultipleInstances>
<Mandatory>Mandatory</Mandatory><Type>Boolean</Type><RangeEnumeration></RangeEnumeration><Units></Units>
<Description>Whether it runs.</Description></Item></Resources></Object></LWM2M>`;

describe('a fleet', () => {
  const folder = new TemporaryFolder();
  const data = join(folder.path, 'data');
  let server: DunlinServer;

  before(async () => {
    server = await DunlinServer.start(data);
  });

  after(async () => {
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const find = (filter: string): Promise<Page> => server.json<Page>('devices', '--filter', filter);

  it('of simulated devices is found by what they are', async () => {
    const flags = ['--devices', '60', '--rate', '200', '--per-socket', '20', '--queue-share', '0', '--leave'];
    await using fleet = new Program(dunlin('simulate', '--server', server.coap, ...flags));
    await fleet.waitFor(/60 of 60 registered/);
    // The server asks them what they are.
    await untilFits(
      () => find('state:online endpoint:sim-* manufacturer:acme'),
      ({ total }) => total === 40,
    );
    const meters = await untilFits(
      () => find('model="Meter 7" seen<1h'),
      ({ total }) => total === 20,
    );
    assert.equal(meters.devices[0]?.modelNumber, 'Meter 7');
    fleet.signal('SIGTERM');
    await fleet.ended();
    const gone = await find('state:lapsed endpoint:sim-*');
    assert.equal(gone.total, 60);
    assert.equal(gone.devices[0]?.state, 'offline');
  });

  it('is refused a filter that is none, with the place', async () => {
    const { exitCode, stderr } = await server.command('devices', '--filter', 'stat:online');
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /at character 1: "stat" is nothing to filter by; did you mean state\?/);
  });

  it('keeps tags, history, definitions and devices that are gone over a restart', async () => {
    const file = join(folder.path, 'pump.xml');
    writeFileSync(file, pump);
    await server.json('definitions', '--add', file);
    {
      await using device = await server.device('keeper', '--object', '3311');
      await server.json('devices', 'keeper', '--tags', 'lab,roof');
      await server.json('write', 'keeper', '/3311/0/5850', 'true');
      assert.match((await server.command('read', 'keeper', '/3311/0')).stdout, /Running\s+true/);
      device.type('quit');
      await device.ended();
    }
    const { ports } = server;
    await server.program.stop();
    server = await DunlinServer.start(data, ports);
    const found = await find('state:offline tag:roof');
    assert.deepEqual(
      found.devices.map(({ endpoint }) => endpoint),
      ['keeper'],
    );
    const history = await server.json<{ samples: readonly { value: boolean; origin: string }[] }>(
      'history',
      'keeper',
      '/3311/0/5850',
    );
    assert.deepEqual(history.samples.map(({ value, origin }) => [value, origin]).slice(0, 2), [
      [true, 'written'],
      [true, 'read'],
    ]);
    const csv = await server.command('history', 'keeper', '/3311/0/5850', '--csv');
    assert.match(csv.stdout, /^time,value,origin\r\n\S+,true,written\r\n/);
    const definition = await server.command('definitions', '3311');
    assert.match(definition.stdout, /Pump 1\.0.*\n.*uploaded[^]*Running +RW +boolean/);
    await server.json('definitions', '--remove', '3311/1.0');
    assert.doesNotMatch((await server.command('definitions', '3311')).stdout, /Pump/);
  });

  it('is told of at a glance', async () => {
    await using _device = await server.device('glance');
    const overview = (await (await server.get('/api/v1/overview')).json()) as {
      devices: { online: number; offline: number };
      lastMinute: { registrations: number; messagesIn: number };
      events: readonly { event: { type: string } }[];
    };
    assert.equal(overview.devices.online, 1);
    assert.ok(overview.devices.offline >= 61);
    assert.equal(overview.lastMinute.registrations, 1);
    assert.ok(overview.lastMinute.messagesIn > 0);
    assert.equal(overview.events[0]?.event.type, 'registered');
  });
});
