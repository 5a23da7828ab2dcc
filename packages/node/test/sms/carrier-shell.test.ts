import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, it } from 'node:test';

import { addDuration, type Instant, milliseconds, utf8Encode } from '@dunlin/base';
import { CarrierShell, type StreamOpener } from '@dunlin/node';
import type {
  AwaitedReceipt,
  CarrierEvent,
  CarrierTrouble,
  OutgoingShortMessage,
  ShortMessageCarrier,
  StreamCommand,
} from '@dunlin/sms';

/** A carrier that notes what it is told and does what the test puts out. */
class ScriptedCarrier implements ShortMessageCarrier {
  readonly told: string[] = [];
  readonly #out: (CarrierEvent | StreamCommand)[] = [];
  deadline: Instant | undefined;
  trouble: CarrierTrouble | undefined;
  onTold: (what: string, now: Instant) => void = () => undefined;

  put(...out: readonly (CarrierEvent | StreamCommand)[]): void {
    this.#out.push(...out);
  }

  expect({ reference }: AwaitedReceipt): void {
    this.told.push(`expect ${reference}`);
  }

  start(now: Instant): void {
    this.#note('start', now);
  }

  shutDown(now: Instant): void {
    this.#note('shutDown', now);
  }

  opened(now: Instant): void {
    this.#note('opened', now);
  }

  closed(reason: string, now: Instant): void {
    this.#note(`closed: ${reason}`, now);
  }

  handle(bytes: Uint8Array, now: Instant): void {
    this.#note(`handle ${new TextDecoder().decode(bytes)}`, now);
  }

  submit({ to }: OutgoingShortMessage, now: Instant): void {
    this.#note(`submit to ${to}`, now);
  }

  acknowledge(id: number, answer: string, now: Instant): void {
    this.#note(`acknowledge ${id} ${answer}`, now);
  }

  wake(now: Instant): void {
    this.#note('wake', now);
  }

  poll(): CarrierEvent | StreamCommand | undefined {
    return this.#out.shift();
  }

  #note(what: string, now: Instant): void {
    this.told.push(what);
    this.onTold(what, now);
  }
}

const message: OutgoingShortMessage = {
  id: 1,
  to: '10690',
  userData: utf8Encode('hello'),
  hasHeader: false,
  validity: milliseconds(60_000),
  wantsReceipt: false,
};

/** A carrier that opens at its start and closes when it is shut down. */
function plainCarrier(): ScriptedCarrier {
  const carrier = new ScriptedCarrier();
  carrier.onTold = (what) => {
    if (what === 'start') carrier.put({ kind: 'open' });
    if (what === 'shutDown') carrier.put({ kind: 'close' });
  };
  return carrier;
}

function setUp(carrier: ScriptedCarrier = plainCarrier(), opener?: StreamOpener) {
  const [near, far] = duplexPair();
  far.resume();
  const shell = new CarrierShell(carrier, opener ?? ((): Promise<Duplex> => Promise.resolve(near)));
  const events: CarrierEvent[] = [];
  shell.events.subscribe((event) => events.push(event));
  return { carrier, shell, near, far, events };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the shell of a carrier', () => {
  it('opens the stream the carrier asks for, and carries bytes both ways', async () => {
    const { carrier, shell, far } = setUp();
    await using _ = shell;
    assert.deepEqual(carrier.told, [], 'nothing happens before the start');
    shell.start();
    await turn();
    assert.deepEqual(carrier.told, ['start', 'opened']);
    carrier.onTold = (what) => {
      if (what === 'handle in') carrier.put({ kind: 'write', bytes: utf8Encode('out') });
    };
    far.write('in');
    const [written] = (await once(far, 'data')) as [Uint8Array];
    assert.equal(new TextDecoder().decode(written), 'out');
    carrier.onTold = (what) => {
      if (what === 'shutDown') carrier.put({ kind: 'close' });
    };
  });

  it('tells the carrier why a stream could not be opened, and opens again when it asks for that', async () => {
    const [near, far] = duplexPair();
    far.resume();
    const outcomes = [Promise.reject(new Error('no such device')), Promise.resolve(near)];
    const { carrier, shell } = setUp(plainCarrier(), () => outcomes.shift() ?? Promise.reject(new Error()));
    await using _ = shell;
    shell.start();
    carrier.onTold = (what) => {
      if (what.startsWith('closed: no')) carrier.put({ kind: 'open' });
      if (what === 'shutDown') carrier.put({ kind: 'close' });
    };
    await turn();
    await turn();
    assert.deepEqual(carrier.told, ['start', 'closed: no such device', 'opened']);
  });

  it('tells once that the stream is gone, with the error when there was one', async () => {
    for (const [end, reason] of [
      [(near: Duplex) => near.destroy(new Error('unplugged')), 'closed: unplugged'],
      [(_: Duplex, far: Duplex) => far.end(), 'closed: the other side closed it'],
    ] as const) {
      const { carrier, shell, near, far } = setUp();
      await using _ = shell;
      shell.start();
      await turn();
      end(near, far);
      await turn();
      assert.deepEqual(carrier.told, ['start', 'opened', reason]);
    }
  });

  it('wakes the carrier at its deadline, and not when that has gone by then', async () => {
    const carrier = plainCarrier();
    const start = carrier.onTold;
    carrier.onTold = (what, at) => {
      start(what, at);
      if (what === 'start') carrier.deadline = addDuration(at, milliseconds(1));
      if (what === 'wake') carrier.deadline = undefined;
    };
    const woken = Promise.withResolvers<void>();
    const { shell } = setUp(carrier);
    await using _ = shell;
    shell.start();
    const scripted = carrier.onTold;
    carrier.onTold = (what, at) => {
      scripted(what, at);
      if (what === 'wake') woken.resolve();
    };
    await woken.promise;
    assert.equal(carrier.told.filter((what) => what === 'wake').length, 1);
  });

  it('lets listeners submit and acknowledge, in the order of the events', async () => {
    const { carrier, shell, events } = setUp();
    await using _ = shell;
    shell.events.subscribe((event) => {
      if (event.kind === 'up') shell.submit(message);
      if (event.kind === 'received') shell.acknowledge(event.message.id, 'taken');
    });
    carrier.put(
      { kind: 'up' },
      { kind: 'received', message: { id: 7, from: '491', userData: utf8Encode('x'), hasHeader: false } },
    );
    carrier.onTold = (what) => {
      if (what === 'submit to 10690') carrier.put({ kind: 'accepted', id: 1, reference: 'r' });
    };
    shell.start();
    assert.deepEqual(carrier.told, ['start', 'submit to 10690', 'acknowledge 7 taken']);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['up', 'received', 'accepted'],
    );
  });

  it('gives a stream up whose other side has ceased to read', async () => {
    const { carrier, shell, near } = setUp();
    await using _ = shell;
    shell.start();
    await turn();
    carrier.put(
      { kind: 'write', bytes: new Uint8Array(64 * 1024) },
      { kind: 'write', bytes: utf8Encode('more') },
    );
    shell.submit(message);
    assert.equal(near.destroyed, true);
    await turn();
    assert.equal(carrier.told.at(-1), 'closed: the other side has ceased to read');
  });

  it('writes what the carrier said last before it closes the stream', async () => {
    const { carrier, shell, far } = setUp();
    shell.start();
    await turn();
    carrier.onTold = (what) => {
      if (what === 'shutDown') carrier.put({ kind: 'write', bytes: utf8Encode('bye') }, { kind: 'close' });
    };
    let heard = '';
    far.on('data', (bytes: Uint8Array) => {
      heard += new TextDecoder().decode(bytes);
    });
    await shell[Symbol.asyncDispose]();
    await shell[Symbol.asyncDispose]();
    assert.equal(heard, 'bye');
    assert.deepEqual(carrier.told, ['start', 'opened', 'shutDown', 'closed: it was closed here']);
  });

  it('does not wait for a stream that never opens, and wants none that opens too late', async () => {
    const opened = Promise.withResolvers<Duplex>();
    let asked: AbortSignal | undefined;
    const { carrier, shell, near } = setUp(plainCarrier(), (signal) => {
      asked = signal;
      return opened.promise;
    });
    shell.start();
    await shell[Symbol.asyncDispose]();
    assert.deepEqual(carrier.told, ['start', 'shutDown', 'closed: given up while it was being opened']);
    assert.equal(asked?.aborted, true);
    opened.resolve(near);
    await turn();
    assert.equal(near.destroyed, true);
    assert.equal(carrier.told.length, 3);
  });

  it('ends although the carrier does not take leave in time', async () => {
    const carrier = plainCarrier();
    const [near] = duplexPair();
    const shell = new CarrierShell(carrier, () => Promise.resolve(near), { shutDownTimeout: 1 });
    shell.start();
    await turn();
    carrier.onTold = () => undefined;
    await shell[Symbol.asyncDispose]();
    assert.equal(near.destroyed, true);
  });
});
