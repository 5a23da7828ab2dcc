// Nothing that was acknowledged to a user is ever lost: a server is killed at random points, again and again, while
// users ask and devices answer, and in the end everything that it acknowledged is there and has its outcome.
// DUNLIN_KILLS says how often it is killed (8), DUNLIN_SEED at which points.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { milliseconds, type Random, seconds, seededRandom } from '@dunlin/base';
import { device, firmwareUpdate, LwM2mClient, memoryFirmwareStorage, objectInstances } from '@dunlin/client';
import { udp } from '@dunlin/node';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { FirmwareUser } from '../support/firmware-user.ts';
import { Notebook } from '../support/test-objects.ts';
import { untilFits } from '../support/until.ts';

const kills = Number(process.env['DUNLIN_KILLS'] ?? 8);
const seed = Number(process.env['DUNLIN_SEED'] ?? 26_11);

/** Between its start and its end a server runs for so many milliseconds at most. */
const longestLife = 700;

/** An operation as far as this test looks at it. */
interface Operation {
  readonly id: number;
  readonly operation: string;
  readonly state: 'waiting' | 'sent' | 'done' | 'failed' | 'expired' | 'cancelled';
  readonly error?: { readonly error: string };
}

/** What was acknowledged, and so must be kept. */
interface Promised {
  /** By operation id: the mark that the device sees when it is carried out. */
  readonly operations: Map<number, string>;
  /** Paths of Resources whose observation is wished. */
  readonly observations: Set<string>;
  /** Endpoint names that a bootstrap configuration is for. */
  readonly configurations: Set<string>;
  /** Identities of credentials. */
  readonly credentials: Set<string>;
}

/** A device in queue mode that notes the marks of what it is asked to do. */
class NotingDevice implements AsyncDisposable {
  /** How often each mark was carried out. */
  readonly done: ReadonlyMap<string, number>;
  readonly client: LwM2mClient;

  static async open(endpoint: string, uri: string, awakeWindow: number): Promise<NotingDevice> {
    const done = new Map<string, number>();
    const note = (mark: string): void => void done.set(mark, (done.get(mark) ?? 0) + 1);
    const client = await LwM2mClient.open({
      endpoint,
      servers: [{ uri, shortServerId: 1, lifetime: seconds(3600), binding: 'UQ' }],
      objects: [
        device({ manufacturer: 'Dunlin', supportedBindingAndModes: 'UQ', onReboot: () => undefined }),
        objectInstances(Notebook, {
          0: {
            text: { read: () => '', write: note },
            reading: 1,
            clear: ({ arguments: marks }) => note(marks.get(0) ?? ''),
          },
        }),
      ],
      awakeWindow: milliseconds(awakeWindow),
      binding: udp({ port: 0, address: '127.0.0.1' }),
    });
    await client.whenRegistered(AbortSignal.timeout(60_000));
    return new NotingDevice(client, done);
  }

  private constructor(client: LwM2mClient, done: ReadonlyMap<string, number>) {
    this.client = client;
    this.done = done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

/** A device with firmware, which is away while the server is killed. */
class UpdatableDevice implements AsyncDisposable {
  readonly client: LwM2mClient;
  /** How often it installed something. */
  readonly installations: () => number;

  static async open(endpoint: string, uri: string): Promise<UpdatableDevice> {
    let installations = 0;
    const firmware = await firmwareUpdate({
      storage: memoryFirmwareStorage(200_000),
      install: () => void (installations += 1),
    });
    const client = await LwM2mClient.open({
      endpoint,
      servers: [{ uri, shortServerId: 1, lifetime: seconds(3600) }],
      objects: [
        device({
          manufacturer: 'Dunlin',
          firmwareVersion: () => String(installations),
          onReboot: () => undefined,
        }),
        firmware,
      ],
      binding: udp({ port: 0, address: '127.0.0.1' }),
    });
    await client.whenRegistered(AbortSignal.timeout(60_000));
    return new UpdatableDevice(client, () => installations);
  }

  private constructor(client: LwM2mClient, installations: () => number) {
    this.client = client;
    this.installations = installations;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

/** A user who asks one thing after the other and notes what was acknowledged. A server that is gone is no surprise. */
class User {
  readonly promised: Promised = {
    operations: new Map(),
    observations: new Set(),
    configurations: new Set(),
    credentials: new Set(),
  };
  readonly endpoint: string;
  readonly #random: Random;
  #count = 0;

  constructor(endpoint: string, random: Random) {
    this.endpoint = endpoint;
    this.#random = random;
  }

  async ask(server: DunlinServer): Promise<void> {
    this.#count += 1;
    const mark = `${this.endpoint}-${this.#count}`;
    const { observations, configurations, credentials } = this.promised;
    const at = `/api/v1/devices/${this.endpoint}`;
    const kind = Math.floor(this.#random.fraction() * 8);
    if (kind < 2) {
      const write = {
        operation: 'write-replace',
        path: '/30000/0/0',
        input: { value: mark, type: 'string' },
      };
      await this.#queue(server, write, mark);
    } else if (kind < 4) {
      const execute = { operation: 'execute', path: '/30000/0/5', arguments: `0='${mark}'` };
      await this.#queue(server, execute, mark);
    } else if (kind === 4) {
      await this.#queue(server, { operation: 'read', path: '/3/0' }, 'read');
    } else if (kind === 5) {
      const path = `30000/0/${[0, 1, 2, 4][Math.floor(this.#random.fraction() * 4)]}`;
      const { status } = await server.request('PUT', `${at}/observations/${path}`, {});
      // What the device refuses at once (it has not all of them) is not wished.
      if (status < 300) observations.add(`/${path}`);
    } else if (kind === 6) {
      const servers = [{ uri: 'coap://192.0.2.1', shortServerId: 1, security: { kind: 'none' } }];
      await accepted(server, 'PUT', `/api/v1/bootstrap/endpoints/${mark}`, { servers });
      configurations.add(mark);
    } else {
      const key = '000102030405060708090a0b0c0d0e0f';
      const psk = { kind: 'psk', endpoint: mark, identity: mark, key };
      await accepted(server, 'POST', '/api/v1/credentials', psk);
      credentials.add(mark);
    }
  }

  async #queue(server: DunlinServer, operation: object, mark: string): Promise<void> {
    const path = `/api/v1/devices/${this.endpoint}/operations`;
    const response = await server.request('POST', path, operation);
    // So many wait already that no more are accepted.
    if (response.status === 429) return;
    const { id } = await documentOf<Operation>(response);
    this.promised.operations.set(id, mark);
  }
}

/** Asks for one thing after the other until the server is gone. */
async function askUntilGone(
  user: { ask(server: DunlinServer): Promise<void> },
  server: DunlinServer,
): Promise<void> {
  const end = performance.now() + longestLife * 10;
  while (performance.now() < end) {
    try {
      await user.ask(server);
    } catch (error) {
      // The connection was refused or cut: whatever was asked last was not acknowledged.
      if (!(error instanceof TypeError)) throw error;
      return;
    }
  }
  throw new Error('the server was not killed');
}

/** Asks for something that must be acknowledged by a server that is there. */
async function accepted<T>(server: DunlinServer, method: string, path: string, body: unknown): Promise<T> {
  return await documentOf<T>(await server.request(method, path, body));
}

async function documentOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  assert.ok(response.ok, `${response.url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

describe(`a server that is killed ${kills} times at random points (seed ${seed})`, () => {
  const folder = new TemporaryFolder();
  const random = seededRandom(seed);
  const users = ['awake', 'drowsy'].map((endpoint) => new User(endpoint, random));
  const firmwareUser = new FirmwareUser('away', random);
  const devices: NotingDevice[] = [];
  let server: DunlinServer;

  before(async () => {
    server = await DunlinServer.start(folder.path);
    devices.push(
      await NotingDevice.open('awake', server.coap, 93_000),
      await NotingDevice.open('drowsy', server.coap, 300),
    );
    await accepted(server, 'PATCH', '/api/v1/devices/drowsy', { awakeWindow: 1 });
    // What is wished for it makes it one that is known when it is gone.
    const away = await UpdatableDevice.open('away', server.coap);
    await accepted(server, 'PUT', '/api/v1/devices/away/observations/3/0/3', {});
    await away.client.close();
    for (let kill = 0; kill < kills; kill += 1) {
      const asking = Promise.all([
        ...users.map((user) => askUntilGone(user, server)),
        askUntilGone(firmwareUser, server),
      ]);
      const wakingUp = setInterval(() => {
        for (const { client } of devices) client.update();
      }, 150);
      try {
        await Promise.race([delay(Math.floor(random.fraction() * longestLife)), asking]);
        server.program.signal('SIGKILL');
        await server.program.ended();
        await asking;
      } finally {
        clearInterval(wakingUp);
      }
      server = await DunlinServer.start(folder.path, server.ports);
      await assertKept();
    }
    await finished();
  });

  after(async () => {
    for (const each of devices) await each[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  async function operationsOf(endpoint: string): Promise<ReadonlyMap<number, Operation>> {
    const path = `/api/v1/devices/${endpoint}/operations?limit=1000`;
    const { operations } = await accepted<{ operations: Operation[] }>(server, 'GET', path, undefined);
    return new Map(operations.map((operation) => [operation.id, operation]));
  }

  /** Every operation that was accepted is there: of the finished ones, the last 100 are kept. */
  async function assertKept(): Promise<void> {
    await firmwareUser.assertKept(server);
    for (const { endpoint, promised } of users) {
      const operations = await operationsOf(endpoint);
      for (const [id, mark] of [...promised.operations].slice(-90))
        assert.ok(operations.has(id), `operation ${id} (${mark}) of ${endpoint} is lost`);
    }
  }

  /** Waits until nothing is open any more; the devices wake up meanwhile. */
  async function finished(): Promise<void> {
    for (const { endpoint } of users) {
      await untilFits(
        async () => {
          for (const { client } of devices) client.update();
          await delay(200);
          const operations = [...(await operationsOf(endpoint)).values()];
          return operations.filter(({ state }) => state === 'waiting' || state === 'sent');
        },
        (open) => open.length === 0,
      );
    }
  }

  it('has an outcome of every operation that it accepted, and the device did what is done', async () => {
    for (const [index, { endpoint, promised }] of users.entries()) {
      const operations = await operationsOf(endpoint);
      const done = devices[index]?.done ?? new Map<string, number>();
      assert.ok(promised.operations.size > 0);
      // Of finished operations the last 100 are kept.
      for (const [id, mark] of [...promised.operations].slice(-90)) {
        const operation = operations.get(id);
        assert.ok(operation, `operation ${id} (${mark}) of ${endpoint} is lost`);
        const times = done.get(mark) ?? 0;
        if (operation.operation === 'execute') assert.ok(times <= 1, `${mark} was executed ${times} times`);
        if (operation.state === 'done') {
          if (mark !== 'read') assert.ok(times >= 1, `${mark} is done, but the device knows nothing of it`);
        } else {
          assert.equal(operation.error?.error, 'outcome-unknown', JSON.stringify(operation));
          assert.equal(operation.operation, 'execute');
        }
      }
    }
  });

  it('has every wish, bootstrap configuration and credential that it accepted', async () => {
    for (const { endpoint, promised } of users) {
      const { observations } = await accepted<{ observations: { path: string; isDesired: boolean }[] }>(
        server,
        'GET',
        `/api/v1/devices/${endpoint}/observations`,
        undefined,
      );
      const wished = new Set(observations.filter(({ isDesired }) => isDesired).map(({ path }) => path));
      for (const path of promised.observations) assert.ok(wished.has(path), `${path} of ${endpoint}`);
      for (const name of promised.configurations) {
        assert.equal((await server.request('GET', `/api/v1/bootstrap/endpoints/${name}`)).status, 200, name);
      }
      for (const name of promised.credentials) {
        const path = `/api/v1/credentials?endpoint=${name}`;
        const { credentials } = await accepted<{ credentials: unknown[] }>(server, 'GET', path, undefined);
        assert.equal(credentials.length, 1, name);
      }
    }
  });

  it('has every image and update of firmware that it accepted, and the device is updated once when it is back', async () => {
    await firmwareUser.assertKept(server);
    const at = '/api/v1/devices/away/firmware';
    const { state } = await accepted<{ state: string }>(server, 'GET', at, undefined);
    if (state === 'cancelled') await firmwareUser.start(server);
    await using away = await UpdatableDevice.open('away', server.coap);
    const over = await accepted<{ state: string }>(server, 'GET', `${at}?wait=100`, undefined);
    assert.deepEqual([over.state, away.installations()], ['succeeded', 1], JSON.stringify(over));
  });
});
