import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { OperationDocument } from '@dunlin/api';

import { runProgram } from '../../src/program/run-program.ts';
import { type MadeRequest, type TestAnswer, testContext } from '../support/test-context.ts';

const manufacturer = {
  path: '/3/0/0',
  kind: 'resource',
  name: 'Manufacturer',
  type: 'string',
  value: 'Acme',
} as const;

const waiting: OperationDocument = {
  endpoint: 'meter',
  id: 7,
  operation: 'read',
  path: '/3/0/0',
  name: 'Manufacturer',
  request: {},
  state: 'waiting',
  queuedAt: '2026-01-01T11:59:00.000Z',
  expiresAt: '2026-01-08T12:00:00.000Z',
  attempts: 0,
};
const finishedAt = '2026-01-01T12:00:01.000Z';
const done = (result: OperationDocument['result'] = {}): OperationDocument => ({
  ...waiting,
  state: 'done',
  attempts: 1,
  finishedAt,
  result,
});
const failed: OperationDocument = {
  ...waiting,
  state: 'failed',
  attempts: 1,
  finishedAt,
  error: { error: 'outcome-unknown', message: 'it may have happened' },
};

async function run(args: string, answer?: (request: MadeRequest) => TestAnswer) {
  const context = testContext(answer);
  const exitCode = await runProgram(args.split(' '), context);
  return { exitCode, out: context.out(), err: context.err(), requests: context.requests };
}

/** A server whose device sleeps; later looks at the operation show these, the last one for ever. */
function sleeping(...looks: readonly OperationDocument[]): (request: MadeRequest) => TestAnswer {
  let count = 0;
  return ({ url }) => {
    if (!url.includes('/operations/')) return { status: 202, json: waiting };
    const look = looks[Math.min(count, looks.length - 1)];
    count += 1;
    return { json: look };
  };
}

const commands = [
  'read meter /3/0/0',
  'write meter /3/0/14 +01:00',
  'execute meter /3/0/4',
  'create meter /3303 5700=1',
  'delete meter /3303/1',
  'discover meter /3',
];

describe('commands on a device that sleeps', () => {
  for (const command of commands) {
    it(`${command}: say what is queued and until when, exit code 0`, async () => {
      const { exitCode, out, err } = await run(command, sleeping());
      assert.equal(exitCode, 0);
      assert.equal(
        out,
        'queued as operation 7 of meter, expires in 7 d: dunlin operations meter 7 shows it\n',
      );
      assert.equal(err, '');
    });

    it(`${command} --json: is the operation`, async () => {
      const { out } = await run(`${command} --json`, sleeping());
      assert.deepEqual(JSON.parse(out), waiting);
    });
  }

  it('pass on how long the operation may wait', async () => {
    const { requests } = await run('read meter /3/0/0 --expires 60', sleeping());
    assert.match(requests[0]?.url ?? '', /\?expires=60$/);
  });

  for (const [command, result, out] of [
    [
      'read meter /3/0/0',
      { content: manufacturer },
      'PATH    NAME          VALUE\n/3/0/0  Manufacturer  Acme\n',
    ],
    ['write meter /3/0/14 x', {}, 'wrote /3/0/14 of meter\n'],
    ['execute meter /3/0/4', {}, 'executed /3/0/4 of meter\n'],
    ['create meter /3303 5700=1', { path: '/3303/4' }, 'created /3303/4 of meter\n'],
    ['delete meter /3303/4', {}, 'deleted /3303/4 of meter\n'],
    ['discover meter /3', { links: [{ path: '/3', attributes: {} }] }, 'PATH  NAME  ATTRIBUTES\n/3\n'],
  ] as const) {
    it(`${command} --wait: waits, then prints what it would have printed`, async () => {
      const answers = sleeping(waiting, { ...waiting, state: 'sent', attempts: 1 }, done(result));
      const { exitCode, out: printed, err, requests } = await run(`${command} --wait`, answers);
      assert.equal(exitCode, 0);
      assert.equal(printed, out);
      assert.match(err, /^queued as operation 7/);
      assert.deepEqual(
        requests.slice(1).map(({ url }) => url.replace(/^.*devices/, '')),
        Array.from({ length: 3 }, () => '/meter/operations/7?wait=25'),
      );
    });
  }

  it('end with the code of how the operation ended', async () => {
    for (const [error, exitCode] of [
      ['outcome-unknown', 5],
      ['operation-expired', 5],
      ['no-answer', 5],
      ['device-refused', 4],
      ['operation-cancelled', 1],
      ['bad-request', 2],
    ] as const) {
      const look = { ...failed, error: { error, message: 'what happened' } };
      const { exitCode: actual, err } = await run('execute meter /3/0/4 --wait', sleeping(look));
      assert.equal(actual, exitCode, error);
      assert.match(err, /\ndunlin: what happened\n$/);
    }
  });

  it('stop waiting when the time given is over; the operation waits on', async () => {
    const { exitCode, err } = await run('read meter /3/0/0 --wait 0', sleeping(waiting));
    assert.equal(exitCode, 5);
    assert.match(err, /dunlin: operation 7 of meter still waits; it expires at 2026-01-08/);
  });

  it('say so when the answer was too long to be kept', async () => {
    const { exitCode, err } = await run('read meter /3 --wait', sleeping(done({ length: 99_999 })));
    assert.equal(exitCode, 1);
    assert.match(err, /answered with 99999 characters, more than the server keeps/);
  });

  it('refuse a wait that is none', async () => {
    for (const args of ['read meter /3 --wait soon', 'read meter /3 --expires 0'])
      assert.equal((await run(args)).exitCode, 2);
  });
});

describe('dunlin operations', () => {
  it('lists what waits and what became of it', async () => {
    const operations = [
      waiting,
      { ...done(), id: 8 },
      { ...failed, id: 9, operation: 'execute', path: '/3/0/4' },
    ];
    const { out, err, requests } = await run('operations meter --state waiting --limit 3', () => ({
      json: { operations, next: 9 },
    }));
    assert.equal(
      out,
      [
        'ID  OPERATION  PATH    NAME          STATE                    QUEUED    EXPIRES',
        '7   read       /3/0/0  Manufacturer  waiting                  60 s ago  in 7 d',
        '8   read       /3/0/0  Manufacturer  done                     60 s ago',
        '9   execute    /3/0/4  Manufacturer  failed: outcome-unknown  60 s ago',
        '',
      ].join('\n'),
    );
    assert.equal(err, 'There are more: dunlin operations meter --after 9\n');
    assert.match(requests[0]?.url ?? '', /operations\?state=waiting&limit=3$/);
    const none = await run('operations meter', () => ({ json: { operations: [], next: null } }));
    assert.equal(none.out, 'There are no operations.\n');
  });

  it('shows one in full: what was asked, when, and what came of it', async () => {
    const { out } = await run('operations meter 7', () => ({ json: done({ content: manufacturer }) }));
    assert.match(out, /^asks +read \/3\/0\/0 Manufacturer$/m);
    assert.match(out, /^state +done$/m);
    assert.match(out, /^finished +2026-01-01T12:00:01\.000Z \(in 1 s\)$/m);
    assert.match(out, /^\/3\/0\/0 +Manufacturer +Acme$/m);
    const wrote = { ...failed, request: { arguments: "0='x'", attributes: { pmin: 5, pmax: null } } };
    const text = (await run('operations meter 7', () => ({ json: wrote }))).out;
    assert.match(text, /^arguments +0='x'$/m);
    assert.match(text, /^attributes +pmin=5 pmax=$/m);
    assert.match(text, /^error +it may have happened$/m);
  });

  it('waits for one, and shows also how it failed', async () => {
    let count = 0;
    const { exitCode, out, requests } = await run('operations meter 7 --wait', () => {
      count += 1;
      return { json: count === 1 ? waiting : failed };
    });
    assert.equal(exitCode, 0);
    assert.match(out, /^state +failed$/m);
    assert.equal(requests.length, 3);
  });

  it('cancels one', async () => {
    const { out, requests } = await run('operations meter 7 --cancel', () => ({ status: 204, text: '' }));
    assert.equal(out, 'operation 7 of meter is cancelled\n');
    assert.equal(requests[0]?.method, 'DELETE');
    const refused = await run('operations meter 7 --cancel', () => ({
      status: 409,
      json: { error: 'conflict', message: 'operation 7 was sent' },
    }));
    assert.deepEqual([refused.exitCode, refused.err], [2, 'dunlin: operation 7 was sent\n']);
  });

  it('needs an id for what is done with one, and takes no other', async () => {
    for (const args of [
      'operations meter --cancel',
      'operations meter --wait',
      'operations meter 0',
      'operations meter seven',
      'operations meter --state gone',
    ])
      assert.equal((await run(args)).exitCode, 2, args);
    const unknown = await run('operations meter 9', () => ({
      status: 404,
      json: { error: 'unknown-operation', message: 'meter has no operation 9' },
    }));
    assert.equal(unknown.exitCode, 3);
  });

  it('shows hostile names harmlessly', async () => {
    const { out } = await run('read meter /3/0/0', () => ({
      status: 202,
      json: { ...waiting, endpoint: '\u001b[2Jevil' },
    }));
    assert.equal(out.includes('\u001b'), false);
  });
});

describe('dunlin values', () => {
  const values = [
    {
      path: '/3/0/9',
      resource: { name: 'Battery Level', type: 'integer', units: '%', value: 80 },
      origin: 'notified',
      knownAt: '2026-01-01T11:59:00.000Z',
      measuredAt: '2026-01-01T11:30:00.000Z',
    },
    {
      path: '/3/0/6',
      resource: { name: 'Available Power Sources', type: 'integer', values: { 0: 1, 1: 5 } },
      origin: 'read',
      knownAt: '2026-01-01T11:59:00.000Z',
    },
  ];

  it('shows what was last known, with age and origin', async () => {
    const { out, requests } = await run('values meter /3/0', () => ({ json: { values, next: null } }));
    assert.equal(
      out,
      [
        'PATH      NAME                     VALUE  AGE         ORIGIN',
        '/3/0/9    Battery Level            80 %   30 min ago  notified',
        '/3/0/6/0  Available Power Sources  1      60 s ago    read',
        '/3/0/6/1  Available Power Sources  5      60 s ago    read',
        '',
      ].join('\n'),
    );
    assert.match(requests[0]?.url ?? '', /\/devices\/meter\/values\/3\/0$/);
    assert.match(
      (await run('values meter', () => ({ json: { values, next: null } }))).requests[0]?.url ?? '',
      /\/values$/,
    );
    assert.equal(
      (await run('values meter', () => ({ json: { values: [], next: null } }))).out,
      'Nothing is known of it.\n',
    );
  });
});

describe('wishes for a device that sleeps', () => {
  it('attributes says that they are set later, and lists what is wished', async () => {
    const wish = {
      path: '/3/0/9',
      attributes: { pmin: 5 },
      state: 'pending',
      since: waiting.queuedAt,
    };
    const later = await run('attributes meter /3/0/9 pmin=5', () => ({ status: 202, json: wish }));
    assert.equal(later.out, 'meter cannot be reached now: its attributes are set when it can be\n');
    const refused = {
      ...wish,
      name: 'Battery Level',
      state: 'refused',
      coapCode: '4.00',
      reason: 'too small',
    };
    const list = await run('attributes meter', () => ({ json: { attributes: [wish, refused], next: null } }));
    assert.equal(
      list.out,
      [
        'PATH    NAME           ATTRIBUTES  STATE',
        '/3/0/9                 pmin=5      pending',
        '/3/0/9  Battery Level  pmin=5      refused 4.00: too small',
        '',
      ].join('\n'),
    );
    assert.equal((await run('attributes meter /3/0/9')).exitCode, 2);
  });

  it('observations lists them with where they stand, and withdraws one', async () => {
    const observations = [
      { path: '/3/0/9', state: 'pending', isDesired: true, since: '2026-01-01T11:00:00.000Z' },
      {
        path: '/3303/0/5700',
        name: 'Sensor Value',
        state: 'active',
        isDesired: false,
        since: '2026-01-01T11:59:00.000Z',
        observedAt: '2026-01-01T11:59:00.000Z',
      },
    ];
    const list = await run('observations meter', () => ({ json: { observations, next: null } }));
    assert.equal(
      list.out,
      [
        'PATH          NAME          STATE    SINCE       LASTS',
        '/3/0/9                      pending  60 min ago  until withdrawn',
        '/3303/0/5700  Sensor Value  active   60 s ago    until its program ends',
        '',
      ].join('\n'),
    );
    const withdrawn = await run('observations meter --withdraw 3/0/9', () => ({ status: 204, text: '' }));
    assert.equal(withdrawn.out, '/3/0/9 of meter is observed no longer\n');
    assert.deepEqual(
      withdrawn.requests.map(({ method, url }) => `${method} ${url.replace(/^.*devices/, '')}`),
      ['DELETE /meter/observations/3/0/9'],
    );
  });

  it('observe says that it waits for the device, and shows what comes', async () => {
    const event = {
      type: 'notification',
      time: '2026-01-01T12:00:00Z',
      endpoint: 'meter',
      path: '/3/0/0',
      isFresh: true,
      content: manufacturer,
    };
    const ended = {
      ...event,
      type: 'observation-ended',
      reason: 'reregistered',
      isFresh: undefined,
      content: undefined,
    };
    const stream = [ended, event].map((each, index) => `id: e-${index}\ndata: ${JSON.stringify(each)}\n\n`);
    const { exitCode, out, err } = await run('observe meter /3/0/0 --count 1', ({ method }) => {
      if (method === 'GET') return { text: stream.join('') };
      if (method === 'PUT') return { status: 202, json: { path: '/3/0/0', isNew: true, state: 'pending' } };
      return { status: 204, text: '' };
    });
    assert.equal(exitCode, 0);
    assert.match(out, /Acme/);
    assert.equal(err, 'meter cannot be reached now: waiting for it\n');
  });

  it('devices gives one another awake window', async () => {
    const summary = { endpoint: 'meter' };
    const { requests } = await run('devices meter --awake-window 30', () => ({ json: summary }));
    assert.deepEqual([requests[0]?.method, requests[0]?.body], ['PATCH', '{"awakeWindow":30}']);
    const back = await run('devices meter --awake-window default', () => ({ json: summary }));
    assert.equal(back.requests[0]?.body, '{"awakeWindow":null}');
    for (const args of ['devices --awake-window 30', 'devices meter --awake-window -1'])
      assert.equal((await run(args)).exitCode, 2, args);
  });
});
