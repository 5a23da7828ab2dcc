import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { addDuration, milliseconds } from '@dunlin/base';

import { ModemBench } from './support/modem-bench.ts';
import { direct, shownMessage } from './support/shown-message.ts';

describe('a modem is kept', () => {
  it('by settings that are applied again each minute: it may have restarted, or given up on us', () => {
    const bench = ModemBench.up();
    bench.advance(59_299);
    assert.deepEqual(bench.typed, []);
    bench.advance(1);
    assert.deepEqual(bench.typed, [
      'ATE0',
      'AT+CMEE=1',
      'AT+CMGF=0',
      'AT+CSMS=1',
      'AT+CPMS?',
      'AT+CNMI=2,2,0,1,0',
      'AT+CMGL=4',
    ]);
    assert.deepEqual(bench.events, []);
  });

  it('and given up when it does not answer any more, then opened again', () => {
    const bench = ModemBench.up();
    bench.answers['ATE0'] = 'silence';
    bench.advance(60_000 + 5000);
    assert.match(bench.told('down')[0]?.reason ?? '', /did not answer ATE0/);
    delete bench.answers['ATE0'];
    bench.advance(2000);
    assert.deepEqual(bench.events.at(-1), { kind: 'up' });
  });

  it('and given up when it has lost what it needs', () => {
    const bench = ModemBench.up();
    bench.answers['AT+CMGF=0'] = ['+CMS ERROR: 310'];
    bench.advance(60_000);
    assert.match(bench.told('down')[0]?.reason ?? '', /no PDU mode/);
  });

  it('once it is opened again after it was unplugged', () => {
    const bench = ModemBench.up();
    bench.unplug('EIO');
    assert.deepEqual(bench.events, [{ kind: 'down', reason: 'EIO' }]);
    const retryAt = addDuration(bench.now, milliseconds(1000));
    assert.deepEqual(bench.carrier.trouble, { reason: 'EIO', retryAt, isMisconfigured: false });
    bench.isPlugged = true;
    bench.advance(1300);
    assert.deepEqual(bench.events.at(-1), { kind: 'up' });
    assert.equal(bench.carrier.trouble, undefined);
  });
});

describe('a modem is shut down', () => {
  it('with messages that come from now on stored, to be found at the next start', () => {
    const bench = ModemBench.up();
    bench.shutDown();
    assert.deepEqual(bench.typed, ['AT+CNMI=2,0,0,0,0']);
    assert.equal(bench.isOpen, false);
    bench.advance(3_600_000);
    assert.equal(bench.opens, 1, 'and never opened again');
    assert.deepEqual(bench.events, []);
  });

  it('in words that this modem has taken before', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.refuses = (command) => command.startsWith('AT+CNMI=2');
    });
    bench.shutDown();
    assert.deepEqual(bench.typed, ['AT+CNMI=1,0,0,0,0']);
  });

  it('after the message that is with it, and without those that wait', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.pduAnswer = 'silence';
    });
    bench.submit({ id: 1 });
    bench.submit({ id: 2 });
    bench.shutDown();
    assert.deepEqual(
      bench.told('refused').map(({ id }) => id),
      [2],
    );
    assert.equal(bench.isOpen, true);
    bench.say('+CMGS: 1', 'OK');
    assert.deepEqual(
      bench.told('accepted').map(({ id }) => id),
      [1],
    );
    assert.equal(bench.isOpen, false);
    bench.submit({ id: 3 });
    assert.equal(bench.told('refused').at(-1)?.id, 3);
  });

  it('after the acknowledgement of what was taken', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CNMA'] = 'silence';
    });
    bench.say(...direct(shownMessage()), ...direct(shownMessage()));
    bench.acknowledge(1);
    bench.acknowledge(2);
    bench.shutDown();
    bench.say('OK');
    assert.deepEqual(bench.typed, ['AT+CNMA', 'AT+CNMA']);
    bench.say('OK');
    assert.equal(bench.isOpen, false);
  });

  it('at once while it is not ready, being opened, lost, or not even started', () => {
    const starting = new ModemBench();
    starting.start();
    starting.shutDown();
    assert.equal(starting.isOpen, false);
    const lost = new ModemBench();
    lost.isPlugged = false;
    lost.start();
    lost.shutDown();
    const fresh = new ModemBench();
    fresh.shutDown();
    fresh.start();
    for (const bench of [starting, lost, fresh]) {
      assert.equal(bench.carrier.deadline, undefined);
      bench.advance(3_600_000);
      assert.ok(bench.opens <= 1);
    }
  });

  it('and nobody knows what became of the message that was with it when the port was closed over it', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.pduAnswer = 'silence';
    });
    bench.submit();
    bench.shutDown();
    bench.unplug();
    assert.deepEqual(
      bench.events.map(({ kind }) => kind),
      ['unknown'],
    );
    assert.equal(bench.carrier.deadline, undefined);
  });
});
