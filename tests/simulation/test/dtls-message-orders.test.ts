import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { CommonStep } from '../../../packages/dtls/test/support/adversary.ts';
import { AdversaryServer, type ServerStep } from '../../../packages/dtls/test/support/adversary-server.ts';
import { AdversaryClient, type ClientStep } from '../../../packages/dtls/test/support/adversary-client.ts';
import { type Mode, modeOf } from '../../../packages/dtls/test/support/modes.ts';

/** What is no handshake message: it changes nothing when it is said again. */
const asides: ReadonlySet<string> = new Set([
  'change-cipher-spec',
  'application data',
  'application data in plaintext',
]);

/** Where an adversary is after what it said. */
interface Standing {
  readonly isTrusted: boolean;
  readonly isRefused: boolean;
  readonly received: readonly string[];
}

/** What can be said, and what of it in which order makes a handshake. */
interface Language<Step> {
  readonly legal: readonly Step[];
  readonly illegal: readonly Step[];
  readonly asides: readonly Step[];
  /** How many things are said at most. */
  readonly depth: number;
  isComplete(messages: readonly Step[]): boolean;
}

/**
 * Plays every order of legal messages, with any of them left out or said again, of each aside once, and of one illegal
 * message; it goes on with none that the victim has answered for good. Says how many there were.
 */
function playAll<Step extends string>(
  language: Language<Step>,
  play: (order: readonly Step[]) => Standing,
): { readonly played: number; readonly trusted: number } {
  let played = 0;
  let trusted = 0;
  const pending: (readonly Step[])[] = [[]];
  for (let order = pending.pop(); order !== undefined; order = pending.pop()) {
    const standing = play(order);
    const text = order.join(', ');
    const isChanged = order.some((step) => step === 'change-cipher-spec');
    const messages = order.filter((step) => !asides.has(step));
    assert.equal(standing.isTrusted, isChanged && language.isComplete(messages), text);
    if (!standing.isTrusted) assert.deepEqual(standing.received, [], text);
    assert.ok(
      standing.received.every((plaintext) => plaintext === 'A'),
      text,
    );
    played += 1;
    if (standing.isTrusted) trusted += 1;
    const isOver = standing.isTrusted || standing.isRefused || order.length >= language.depth;
    // Two messages behind a wrong one are enough to see that it is not forgotten.
    if (isOver || lengthBehindError(messages, language.legal) > 1) continue;
    const isPure = !order.some((step) => language.illegal.includes(step));
    const once = [...language.asides, ...language.legal].filter(
      (step) => order.filter((other) => other === step).length < (asides.has(step) ? 1 : 2),
    );
    for (const step of [...once, ...(isPure ? language.illegal : [])]) pending.push([...order, step]);
  }
  return { played, trusted };
}

/** How many messages were said since one was not the next legal one. */
function lengthBehindError<Step>(messages: readonly Step[], legal: readonly Step[]): number {
  const error = messages.findIndex((step, index) => step !== legal[index]);
  return error < 0 ? 0 : messages.length - error;
}

function startsWith<Step>(messages: readonly Step[], legal: readonly Step[]): boolean {
  return legal.every((step, index) => messages[index] === step);
}

/** What a client may say in a key exchange. */
function languageOfClient({ suite: { keyExchange } }: Mode): Language<ClientStep> {
  const legal: readonly ClientStep[] =
    keyExchange === 'ecdhe-ecdsa'
      ? ['certificate', 'client-key-exchange', 'certificate-verify', 'finished']
      : ['client-key-exchange', 'finished'];
  const others: readonly ClientStep[] = [
    'certificate',
    'certificate-verify',
    'empty certificate',
    'finished in plaintext',
    'client-hello',
    'server-hello-done',
    'server-key-exchange',
  ];
  return {
    legal,
    illegal: others.filter((step) => !legal.includes(step)),
    asides: asidesOf(keyExchange),
    depth: 6,
    isComplete: (messages) => startsWith(messages, legal),
  };
}

/** What a server may say in a key exchange; where it may leave something out, `isComplete` knows. */
function languageOfServer({ suite: { keyExchange } }: Mode): Language<ServerStep> {
  const legal: readonly ServerStep[] =
    keyExchange === 'ecdhe-ecdsa'
      ? [
          'server-hello',
          'certificate',
          'server-key-exchange',
          'certificate-request',
          'server-hello-done',
          'finished',
        ]
      : ['server-hello', 'server-key-exchange', 'server-hello-done', 'finished'];
  const optional: readonly ServerStep[] =
    keyExchange === 'psk'
      ? ['server-key-exchange']
      : keyExchange === 'ecdhe-ecdsa'
        ? ['certificate-request']
        : [];
  const others: readonly ServerStep[] = [
    'certificate',
    'certificate-request',
    'finished in plaintext',
    'hello-request',
    'hello-verify-request',
    'new-session-ticket',
    'client-key-exchange',
  ];
  const shortest = legal.filter((step) => !optional.includes(step));
  return {
    legal,
    illegal: others.filter((step) => !legal.includes(step)),
    asides: asidesOf(keyExchange),
    depth: keyExchange === 'ecdhe-ecdsa' ? 7 : 6,
    isComplete: (messages) => {
      // Both are passed over: a HelloRequest during a handshake (RFC 5246 §7.4.1.1), a HelloVerifyRequest that is late.
      const counted = messages.filter((step) => step !== 'hello-request' && step !== 'hello-verify-request');
      return startsWith(counted, legal) || startsWith(counted, shortest);
    },
  };
}

function asidesOf(keyExchange: string): readonly CommonStep[] {
  return keyExchange === 'psk' ? ['change-cipher-spec', 'application data'] : ['change-cipher-spec'];
}

const kinds = ['TLS_PSK_WITH', 'TLS_ECDHE_PSK_WITH', 'TLS_ECDHE_ECDSA_WITH'].map((name) => modeOf(name));

describe('a server trusts a client that knows all keys after the legal messages in their order only (checklist 17)', () => {
  for (const mode of kinds) {
    it(`${mode.name}, all orders`, () => {
      const { played, trusted } = playAll(languageOfClient(mode), (order) => {
        const adversary = new AdversaryClient(mode);
        for (const step of order) adversary.play(step);
        return adversary;
      });
      assert.ok(played > 150 && trusted > 0, `${played} orders, ${trusted} of them trusted`);
    });
  }
});

describe('a client trusts a server that knows all keys after the legal messages in their order only (checklist 17)', () => {
  for (const mode of kinds) {
    it(`${mode.name}, all orders`, () => {
      const { played, trusted } = playAll(languageOfServer(mode), (order) => {
        const adversary = new AdversaryServer(mode);
        for (const step of order) adversary.play(step);
        return adversary;
      });
      assert.ok(played > 150 && trusted > 0, `${played} orders, ${trusted} of them trusted`);
    });
  }
});
