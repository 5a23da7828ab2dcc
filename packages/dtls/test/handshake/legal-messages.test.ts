import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  clientLegalInputs,
  clientPassesOver,
  type HandshakeInput,
  handshakeInputs,
  inputOf,
  serverLegalInputs,
} from '../../src/handshake/legal-messages.ts';
import type { Session } from '../../src/session.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { validTime } from '../support/certificate-authority.ts';
import { Machines } from '../support/machines.ts';
import { type Mode, modeOf, modes } from '../support/modes.ts';

/** One kind of handshake: how to begin it. */
interface Course {
  readonly name: string;
  begin(): Machines;
}

/** Steps machines to the end. */
function finished(machines: Machines): Machines {
  while (machines.step());
  return machines;
}

function resumedOf(mode: Mode): { readonly client: Session; readonly server: Session } {
  const { client, server } = finished(new Machines(mode)).completed;
  assert.ok(client && server);
  return { client, server };
}

const oneOfEach = [
  modeOf('TLS_PSK_WITH_AES_128_CCM_8'),
  modeOf('TLS_ECDHE_PSK_WITH_AES_128_CCM_8'),
  modeOf('TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8'),
];

const courses: readonly Course[] = [
  ...oneOfEach.flatMap((mode) => {
    const resumed = resumedOf(mode);
    return [
      { name: mode.suite.keyExchange, begin: () => new Machines(mode) },
      { name: `${mode.suite.keyExchange} resumed`, begin: () => new Machines(mode, resumed) },
    ];
  }),
  { name: 'psk with hint', begin: () => new Machines(modeOf('TLS_PSK_WITH'), undefined, 'hint') },
];

/** The state of a machine. */
function stateOf(machines: Machines, role: 'client' | 'server'): string {
  return machines.machine(role)?.state ?? 'none';
}

/** The states of a role after so many steps. */
function statesOf(course: Course, role: 'client' | 'server'): readonly string[] {
  const machines = course.begin();
  const states: string[] = [];
  do states.push(stateOf(machines, role));
  while (machines.step());
  return states;
}

/** Bodies of all message types that are well-formed, so that it is the order alone that is wrong. */
function bodiesOf(course: Course): ReadonlyMap<HandshakeInput, Uint8Array> {
  const machines = course.begin();
  const bodies = new Map<HandshakeInput, Uint8Array>();
  do {
    for (const step of machines.pending) {
      if (step.kind === 'message') bodies.set(inputOf(step.message.type), step.message.body);
    }
  } while (machines.step());
  return bodies;
}

describe('the table of legal messages (checklist 17)', () => {
  test('says what RFC 5246 §7.3 and RFC 4279 §2 say, of a server and a client that are always authenticated', () => {
    assert.deepEqual(serverLegalInputs, {
      'wait-resumption-verdict': [],
      'wait-certificate': ['certificate'],
      'wait-client-key-exchange': ['clientKeyExchange'],
      'wait-pre-shared-key': [],
      'wait-certificate-verify': ['certificateVerify'],
      'wait-verification': [],
      'wait-change-cipher-spec': ['changeCipherSpec'],
      'wait-finished': ['finished'],
      'resumed-wait-change-cipher-spec': ['changeCipherSpec'],
      'resumed-wait-finished': ['finished'],
      ended: [],
    });
    assert.deepEqual(clientLegalInputs, {
      'wait-server-hello': ['helloVerifyRequest', 'serverHello'],
      'wait-certificate': ['certificate'],
      'wait-server-key-exchange': ['serverKeyExchange'],
      'wait-identity-hint-or-done': ['serverKeyExchange', 'serverHelloDone'],
      'wait-certificate-request': ['certificateRequest', 'serverHelloDone'],
      'wait-server-hello-done': ['serverHelloDone'],
      'wait-verification': [],
      'wait-change-cipher-spec': ['changeCipherSpec'],
      'wait-finished': ['finished'],
      'resumed-wait-change-cipher-spec': ['changeCipherSpec'],
      'resumed-wait-finished': ['finished'],
      ended: [],
    });
    assert.deepEqual(clientPassesOver, ['helloRequest', 'helloVerifyRequest']);
  });

  test('names every message type and ChangeCipherSpec', () => {
    assert.deepEqual([...handshakeInputs].sort(), [...Object.keys(HandshakeType), 'changeCipherSpec'].sort());
    for (const [name, type] of Object.entries(HandshakeType)) assert.equal(inputOf(type), name);
  });

  test('has exactly the states that handshakes of all kinds go through', () => {
    const seen = { client: new Set<string>(), server: new Set<string>() };
    for (const course of courses) {
      const machines = course.begin();
      do {
        seen.client.add(stateOf(machines, 'client'));
        if (machines.server !== undefined) seen.server.add(stateOf(machines, 'server'));
      } while (machines.step());
    }
    assert.deepEqual([...seen.client].sort(), Object.keys(clientLegalInputs).sort());
    assert.deepEqual([...seen.server].sort(), Object.keys(serverLegalInputs).sort());
  });

  test('lets the handshakes of every mode through, full and resumed', () => {
    for (const mode of modes) {
      for (const machines of [new Machines(mode), new Machines(mode, resumedOf(mode))]) {
        finished(machines);
        assert.deepEqual(machines.failures, []);
        assert.ok(machines.completed.client && machines.completed.server, mode.name);
      }
    }
  });
});

for (const course of courses) {
  describe(`every illegal order of ${course.name}`, () => {
    const bodies = bodiesOf(course);
    for (const role of ['client', 'server'] as const) {
      test(`ends the handshake of the ${role}, or changes nothing (checklist 17)`, () => {
        const tried = new Set<string>();
        for (const [at, state] of statesOf(course, role).entries()) {
          for (const input of handshakeInputs) {
            if (state === 'none' || tried.has(`${state} ${input}`)) continue;
            tried.add(`${state} ${input}`);
            const table: Readonly<Record<string, readonly HandshakeInput[]>> =
              role === 'client' ? clientLegalInputs : serverLegalInputs;
            if (table[state]?.includes(input) === true) continue;
            const machines = course.begin();
            for (let step = 0; step < at; step += 1) machines.step();
            const machine = machines.machine(role);
            assert.ok(machine);
            const before = { ...machines.completed };
            if (input === 'changeCipherSpec') {
              assert.deepEqual(machine.handleChangeCipherSpec(), []);
              assert.equal(machine.state, state);
              continue;
            }
            const body = bodies.get(input) ?? new Uint8Array(0);
            const message = { type: HandshakeType[input], messageSeq: 5, body };
            const actions = machine.handleMessage(message, validTime);
            if (role === 'client' && clientPassesOver.includes(input)) {
              assert.deepEqual(actions, []);
              assert.equal(machine.state, state);
              continue;
            }
            assert.deepEqual(
              actions.map((action) => [action.kind, action.kind === 'fail' ? action.alert : undefined]),
              [['fail', 10]],
              `${input} in ${state}`,
            );
            assert.equal(machine.state, 'ended');
            finished(machines);
            assert.equal(machines.completed[role], before[role], 'it does not go on');
          }
        }
        assert.ok(tried.size > 35, `only ${tried.size} were tried`);
      });
    }
  });
}

describe('leaving out messages (checklist 17)', () => {
  for (const course of courses) {
    test(`never completes ${course.name} on the side that misses one`, () => {
      const total = ((): number => {
        const machines = course.begin();
        let count = 0;
        while (machines.step()) count += 1;
        return count;
      })();
      for (let left = 1; left < total; left += 1) {
        const machines = course.begin();
        for (let step = 0; step < left; step += 1) machines.step();
        const skipped = machines.pending.shift();
        assert.ok(skipped);
        finished(machines);
        assert.equal(machines.completed[skipped.to], undefined, `${JSON.stringify(skipped.kind)} ${left}`);
      }
    });
  }
});
