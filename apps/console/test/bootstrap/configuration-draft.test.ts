import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { indentedJson } from '@dunlin/api';

import {
  draftOf,
  itemsAt,
  memberAt,
  newDraft,
  newServer,
  readDraft,
  targetOf,
  targetText,
  typedNumber,
  uriUnderSecurity,
  withMember,
} from '../../src/pages/bootstrap/configuration-draft.ts';

/** Without the prototypes that parsed JSON does not have. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a bootstrap configuration that is edited', () => {
  it('begins with a key that is made anew for this server', () => {
    assert.deepEqual(newDraft('dunlin.example'), {
      servers: [
        {
          uri: 'coaps://dunlin.example:5684',
          shortServerId: 1,
          security: { kind: 'issued', proof: 'psk' },
          lifetime: 86_400,
        },
      ],
    });
  });

  it('gets each further server a Short Server ID that no other has', () => {
    const ids = [{ shortServerId: 1 }, { shortServerId: 3 }, { shortServerId: 'x' }];
    assert.equal(newServer('h', ids)['shortServerId'], 2);
    assert.equal(newServer('h', [])['shortServerId'], 1);
  });

  it('comes back from its text as it was, without whom it is for and when it was changed', () => {
    const terms = { servers: [{ uri: 'coap://h', shortServerId: 1 }], deletes: ['/0'] };
    const draft = draftOf({
      ...terms,
      target: { pattern: 'lamp-*' },
      updatedAt: '2026-11-26T12:00:00.000Z',
    });
    assert.deepEqual(plain(readDraft(indentedJson(draft))), { kind: 'draft', draft: terms });
  });

  it('keeps whole numbers that JavaScript has no number for, digit by digit', () => {
    const json = '{"servers":[],"writes":[{"path":"/3/0/13","value":9007199254740993}]}';
    const read = readDraft(json);
    assert.equal(read.kind, 'draft');
    if (read.kind === 'draft') assert.match(indentedJson(read.draft), /9007199254740993/);
  });

  it('is for an endpoint, or for a pattern when there is a * in its name', () => {
    assert.deepEqual(targetOf('lamp-1'), { endpoint: 'lamp-1' });
    assert.deepEqual(targetOf('lamp-*'), { pattern: 'lamp-*' });
    assert.equal(targetText({ pattern: 'lamp-*' }), 'lamp-*');
    assert.equal(targetText({ endpoint: 'lamp-1' }), 'lamp-1');
  });

  for (const json of ['', '{', '[]', '5', 'null', '{"servers":[}']) {
    it(`is told to be none before it is sent: ${JSON.stringify(json)}`, () => {
      assert.equal(readDraft(json).kind, 'problem');
    });
  }
});

describe('a member of a draft', () => {
  const draft = {
    servers: [{ uri: 'coap://a', shortServerId: 1 }, { uri: 'coap://b' }],
    deletes: ['/0', '/1'],
  };

  it('is found by its path, and nothing where there is none', () => {
    assert.equal(memberAt(draft, 'servers.1.uri'), 'coap://b');
    for (const path of [
      'servers.2.uri',
      'servers.0.uri.x',
      'writes.0',
      'constructor',
      '__proto__',
      'servers.length',
    ]) {
      const found = memberAt(draft, path);
      assert.equal(found, undefined, path);
    }
    assert.deepEqual(itemsAt(draft, 'deletes'), ['/0', '/1']);
    assert.deepEqual(itemsAt({ deletes: '/0' }, 'deletes'), [], 'of what is no list');
  });

  it('is changed in a copy that has all the rest', () => {
    const changed = withMember(draft, 'servers.0.uri', 'coap://c');
    assert.equal(memberAt(changed, 'servers.0.uri'), 'coap://c');
    assert.equal(memberAt(changed, 'servers.0.shortServerId'), 1);
    assert.equal(memberAt(draft, 'servers.0.uri'), 'coap://a', 'the draft of before is as it was');
  });

  it('is added, with the objects around it, and items of lists at their end', () => {
    const added = withMember(draft, 'servers.1.security.kind', 'none');
    assert.deepEqual(memberAt(added, 'servers.1.security'), { kind: 'none' });
    assert.deepEqual(memberAt(withMember(draft, 'deletes.2', '/5'), 'deletes'), ['/0', '/1', '/5']);
  });

  it('goes when it has no value: a member from its object, an item from its list', () => {
    assert.deepEqual(Object.keys(withMember(draft, 'deletes', undefined)), ['servers']);
    assert.deepEqual(memberAt(withMember(draft, 'deletes.0', undefined), 'deletes'), ['/1']);
    assert.deepEqual(memberAt(withMember(draft, 'servers.0.uri', undefined), 'servers.0'), {
      shortServerId: 1,
    });
    assert.deepEqual(withMember(draft, 'servers.7', undefined), draft);
  });

  it('is a number as soon as it is one, and else what was typed, for the server to refuse', () => {
    assert.equal(typedNumber('86400'), 86_400);
    assert.equal(typedNumber(''), undefined);
    for (const typed of ['1.5', '-1', '12x', '0x10', '1e3', '9007199254740993'])
      assert.equal(typedNumber(typed), typed);
  });

  it('follows security in the scheme of a URI, and in the port when it is the usual one', () => {
    assert.equal(uriUnderSecurity('coap://h:5683', true), 'coaps://h:5684');
    assert.equal(uriUnderSecurity('coaps://h:5684/x', false), 'coap://h:5683/x');
    assert.equal(uriUnderSecurity('coaps://h:7000', false), 'coap://h:7000');
    assert.equal(uriUnderSecurity('coaps://h', true), 'coaps://h');
    assert.equal(uriUnderSecurity('http://h', true), 'http://h');
  });
});
