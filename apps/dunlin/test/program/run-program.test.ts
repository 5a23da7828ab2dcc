import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runProgram } from '../../src/program/run-program.ts';
import { closestTo } from '../../src/program/suggestion.ts';
import { type MadeRequest, type TestAnswer, testContext } from '../support/test-context.ts';

const manufacturer = {
  path: '/3/0/0',
  kind: 'resource',
  name: 'Manufacturer',
  type: 'string',
  value: 'Dunlin',
};

async function run(
  args: string,
  answer?: (request: MadeRequest) => TestAnswer,
  env?: Record<string, string>,
) {
  const context = testContext(answer, { ...(env === undefined ? {} : { env }), files: { 'v.bin': 'bytes' } });
  const exitCode = await runProgram(args === '' ? [] : args.split(' '), context);
  return { exitCode, out: context.out(), err: context.err(), requests: context.requests };
}

describe('wrong use', () => {
  for (const [args, line] of [
    ['devcies', "dunlin: unknown command 'devcies'; did you mean devices?\n"],
    ['devices --jsn', "dunlin: unknown option '--jsn'; did you mean --json?\n"],
    ['credentials', 'dunlin: a command is missing after credentials; --help lists them\n'],
    ['credentials lst', "dunlin: unknown command 'lst'; did you mean list?\n"],
    ['read', "dunlin: missing required argument 'endpoint'\n"],
    ['read lamp x/y', 'dunlin: "x/y" is not a path such as /3/0/0 (Object/Instance/Resource)\n'],
    ['devices --limit 0', /'--limit <count>' argument '0' is invalid\. It must be at least 1\.\n$/],
    ['read lamp /3 --timeout soon', /It must be a number above 0\.\n$/],
    ['read lamp /3 --server nowhere', /^dunlin: --server: "nowhere" is not a URL/],
    ['attributes lamp /3 pmx=1', 'dunlin: "pmx" is not one of pmin, pmax, gt, lt, st; did you mean pmax?\n'],
    ['attributes lamp /3 pmin', /^dunlin: pmin has no value/],
    ['attributes lamp /3 pmin=1.5', /^dunlin: pmin must be a whole number/],
    ['write lamp /3/0/14', 'dunlin: the value is missing\n'],
    ['write lamp /3/0/14 a b', /^dunlin: one value is wanted, 2 are given/],
    ['write lamp /3/0 x', 'dunlin: "x" is not an assignment such as 14=+01:00\n'],
    ['write lamp /3/0 1=a 1=b', 'dunlin: 1 is given twice\n'],
    ['write lamp /3/0/14 a --type text', /Allowed choices are string, integer/],
    ['server --http here', /^dunlin: http \(flag\): "here" is not an address/],
    ['server --config nowhere.toml', /there is no such file\n$/],
    ['client --server coap://x', /'--endpoint <name>' not specified\n$/],
    ['client --server http://x --endpoint a', /it must be like coap:\/\/127\.0\.0\.1:5683 or coaps:/],
    ['client --server coaps://x --endpoint a', /coaps needs a key: --psk-key-file/],
    ['client --server coap://x --endpoint a --psk-key 00', /coap is not secured: use coaps with keys/],
    ['client --server coaps://x --endpoint a --psk-key 0', /must be an even number of hexadecimal digits/],
    [
      'client --server coaps://x --endpoint a --psk-key-file nowhere',
      /^dunlin: nowhere: there is no such file/,
    ],
    [
      'client --server coaps://x --endpoint a --psk-identity i',
      /--psk-identity is not enough: give --psk-key/,
    ],
    [
      'client --server coaps://x --endpoint a --psk-key 00 --private-key k',
      /--private-key does not go with --psk-key/,
    ],
    ['client --server coaps://x --endpoint a --server-public-key v.bin', /--private-key is missing/],
    ['client --server coaps://x --endpoint a --server-certificate v.bin', /needs --certificate/],
    [
      'client --server coaps://x --endpoint a --server-public-key v.bin --private-key v.bin',
      /^dunlin: v\.bin: The private key/,
    ],
  ] as const) {
    it(`${args}: one clear line and exit code 2`, async () => {
      const { exitCode, out, err } = await run(args);
      assert.equal(exitCode, 2);
      assert.equal(out, '');
      assert.equal(err.split('\n').length, 2, err);
      if (typeof line === 'string') assert.equal(err, line);
      else assert.match(err, line);
    });
  }

  it('without a command it prints its help, exit code 2', async () => {
    const { exitCode, err } = await run('');
    assert.equal(exitCode, 2);
    assert.match(err, /Usage: dunlin/);
  });

  it('--help and --version are no errors, and help tells the exit codes', async () => {
    const help = await run('read --help');
    assert.equal(help.exitCode, 0);
    assert.match(help.out, /Exit codes:[\s\S]*5 {2}the device did not answer/);
    const version = await run('--version');
    assert.deepEqual([version.exitCode, version.out], [0, '0.0.0\n']);
  });

  it('suggests only what is near', () => {
    assert.equal(closestTo('raed', ['read', 'write']), 'read');
    assert.equal(closestTo('xyz', ['read', 'write']), undefined);
  });
});

describe('exit codes of answers', () => {
  for (const [status, error, exitCode] of [
    [400, 'bad-request', 2],
    [404, 'unknown-device', 3],
    [404, 'no-observation', 3],
    [502, 'device-refused', 4],
    [502, 'device-misbehaved', 4],
    [504, 'no-answer', 5],
    [503, 'unavailable', 1],
    [500, 'internal', 1],
  ] as const) {
    it(`${status} ${error} is ${exitCode}`, async () => {
      const answer = { status, json: { error, message: 'what happened' } };
      const { exitCode: actual, err, out } = await run('read lamp /3/0/0', () => answer);
      assert.equal(actual, exitCode);
      assert.equal(err, 'dunlin: what happened\n');
      assert.equal(out, '');
    });
  }

  it('6 when no server answers', async () => {
    const { exitCode, err } = await run('devices');
    assert.equal(exitCode, 6);
    assert.equal(err, 'dunlin: no server answers at http://127.0.0.1:8080/api/v1\n');
  });

  it('with --json the error is a document', async () => {
    const json = {
      error: 'device-refused',
      message: 'no',
      coapCode: '4.05',
      coapMeaning: 'Method Not Allowed',
    };
    const { err } = await run('read lamp /3/0/0 --json', () => ({ status: 502, json }));
    assert.deepEqual(JSON.parse(err), { ...json, status: 502 });
  });

  it('1 when what answers is no Dunlin server', async () => {
    const { exitCode, err } = await run('devices', () => ({ text: '<html>' }));
    assert.equal(exitCode, 1);
    assert.match(err, /no JSON/);
  });
});

const urlOf = async (args: string, env?: Record<string, string>): Promise<string | undefined> =>
  (await run(args, () => ({ json: manufacturer }), env)).requests[0]?.url;

const page = (next: string | null): TestAnswer => ({ json: { devices: [], next, total: 0 } });

describe('commands', () => {
  it('read prints a table, or the document', async () => {
    const table = await run('read lamp 3/0/0', () => ({ json: manufacturer }));
    assert.equal(table.out, 'PATH    NAME          VALUE\n/3/0/0  Manufacturer  Dunlin\n');
    const json = await run('read lamp /3/0/0 --json', () => ({ json: manufacturer }));
    assert.deepEqual(JSON.parse(json.out), manufacturer);
  });

  it('use the server of --server, over DUNLIN_URL, over the default', async () => {
    const path = '/api/v1/devices/lamp/resources/3/0/0';
    assert.equal(await urlOf('read lamp /3/0/0'), `http://127.0.0.1:8080${path}`);
    const env = { DUNLIN_URL: 'http://a:1/' };
    assert.equal(await urlOf('read lamp /3/0/0', env), `http://a:1${path}`);
    assert.equal(await urlOf('read lamp /3/0/0 --server http://b:2/dunlin', env), `http://b:2/dunlin${path}`);
  });

  it('find the server where --http or DUNLIN_HTTP has it listen, when no URL is given', async () => {
    const path = '/api/v1/devices/lamp/resources/3/0/0';
    const env = { DUNLIN_HTTP: '127.0.0.1:9090' };
    assert.equal(await urlOf('read lamp /3/0/0', env), `http://127.0.0.1:9090${path}`);
    assert.equal(await urlOf('read lamp /3/0/0 --http :9091', env), `http://127.0.0.1:9091${path}`);
    assert.equal(await urlOf('read lamp /3/0/0 --http [::]:9092', env), `http://[::1]:9092${path}`);
    assert.equal(await urlOf('read lamp /3/0/0', { ...env, DUNLIN_URL: 'http://a:1' }), `http://a:1${path}`);
    assert.equal(
      await urlOf('read lamp /3/0/0', { DUNLIN_HTTP: '', DUNLIN_URL: '' }),
      `http://127.0.0.1:8080${path}`,
    );
    for (const [args, where] of [
      [
        'read lamp /3/0/0 --http nowhere',
        /^dunlin: --http: "nowhere" is not an address such as 127\.0\.0\.1:8080/,
      ],
      ['read lamp /3/0/0', /^dunlin: DUNLIN_HTTP: "8080" is not an address/],
    ] as const) {
      const { exitCode, err } = await run(args, undefined, { DUNLIN_HTTP: '8080' });
      assert.equal(exitCode, 2);
      assert.match(err, where);
    }
    assert.equal((await run('devices --http :1 --server http://a:1')).exitCode, 2);
  });

  it('encode the endpoint name and pass the timeout', async () => {
    const { requests } = await run('read urn:a/b /3 --timeout 2', () => ({ json: manufacturer }));
    assert.equal(requests[0]?.url, 'http://127.0.0.1:8080/api/v1/devices/urn%3Aa%2Fb/resources/3?timeout=2');
  });

  for (const [args, method, path, type, body] of [
    ['write lamp /3/0/14 +01:00', 'PUT', 'resources/3/0/14', 'application/json', '{"value":"+01:00"}'],
    [
      'write lamp /9/0/1 5 --type integer',
      'PUT',
      'resources/9/0/1',
      'application/json',
      '{"value":"5","type":"integer"}',
    ],
    [
      'write lamp /3/0 14=a=b 15=c --mode update',
      'PATCH',
      'resources/3/0',
      'application/json',
      '{"resources":{"14":"a=b","15":"c"}}',
    ],
    [
      'write lamp /9/0/1 0=a 1=b --multiple',
      'PUT',
      'resources/9/0/1',
      'application/json',
      '{"values":{"0":"a","1":"b"}}',
    ],
    [
      'write lamp /9/0/1 --file v.bin',
      'PUT',
      'resources/9/0/1',
      'application/octet-stream',
      new TextEncoder().encode('bytes'),
    ],
    ['execute lamp /3/0/4', 'POST', 'execute/3/0/4', undefined, undefined],
    ["execute lamp /3/0/4 0='x'", 'POST', 'execute/3/0/4', 'text/plain; charset=utf-8', "0='x'"],
    ['delete lamp /3303/1', 'DELETE', 'resources/3303/1', undefined, undefined],
    [
      'attributes lamp /3/0/9 pmin=5 gt=1.5 lt=',
      'PUT',
      'attributes/3/0/9',
      'application/json',
      '{"pmin":5,"gt":1.5,"lt":null}',
    ],
  ] as const) {
    it(`${args} sends ${method} ${path}`, async () => {
      const { exitCode, requests, err } = await run(args, () => ({ status: 204, text: '' }));
      assert.equal(err, '');
      assert.equal(exitCode, 0);
      const [request] = requests;
      assert.equal(request?.method, method);
      assert.equal(request?.url, `http://127.0.0.1:8080/api/v1/devices/lamp/${path}`);
      assert.equal(request?.headers['content-type'], type);
      assert.deepEqual(request?.body, body);
    });
  }

  it('create prints the path of the new Object Instance', async () => {
    const created = await run('create lamp /3303 5700=1 --instance 4', () => ({
      status: 201,
      json: { path: '/3303/4' },
    }));
    assert.equal(created.out, 'created /3303/4 of lamp\n');
    assert.equal(created.requests[0]?.body, '{"resources":{"5700":"1"},"instanceId":4}');
    const json = await run('create lamp /3303 --json', () => ({ status: 201, json: { path: '/3303/4' } }));
    assert.deepEqual(JSON.parse(json.out), {
      operation: 'create',
      endpoint: 'lamp',
      path: '/3303/4',
      result: 'ok',
    });
  });

  it('discover prints names and attributes', async () => {
    const links = [
      { path: '/3/0/6', name: 'Available Power Sources', dimension: 2, attributes: { pmin: 1 } },
    ];
    const { out } = await run('discover lamp /3/0/6', () => ({ json: { links } }));
    assert.equal(
      out,
      'PATH    NAME                     ATTRIBUTES\n/3/0/6  Available Power Sources  dim=2 pmin=1\n',
    );
  });

  it('devices follows the pages up to its limit, and says when there are more', async () => {
    const all = await run('devices', ({ url }) => page(url.includes('after') ? null : 'a'));
    assert.equal(all.requests.length, 2);
    assert.match(all.requests[1]?.url ?? '', /after=a/);
    assert.equal(all.out, 'No device is registered.\n');
  });
});

const notification = (number: number): string =>
  `id: e-${number}\nevent: notification\ndata: ${JSON.stringify({
    type: 'notification',
    time: '2026-01-01T12:00:00.000Z',
    endpoint: 'lamp',
    path: '/3/0/0',
    isFresh: true,
    content: manufacturer,
  })}\n\n`;

const threeNotifications = () => ({ text: notification(1) + notification(2) + notification(3) });

const observing =
  (isNew: boolean) =>
  (request: MadeRequest): TestAnswer => {
    if (request.method === 'GET') return { text: notification(1) + notification(2) };
    if (request.method === 'PUT')
      return { status: 201, json: { path: '/3/0/0', isNew, state: 'active', content: manufacturer } };
    return { status: 204, text: '' };
  };

const methods = (requests: readonly MadeRequest[]): string[] => requests.map(({ method }) => method);

describe('streams', () => {
  it('events prints so many and ends; --json prints JSON lines', async () => {
    const { exitCode, out, requests } = await run(
      'events --endpoint lamp --count 2 --json',
      threeNotifications,
    );
    assert.equal(exitCode, 0);
    assert.deepEqual(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
      ['e-1', 'e-2'],
    );
    assert.equal(requests[0]?.url, 'http://127.0.0.1:8080/api/v1/events?endpoint=lamp');
  });

  it('events goes on after the last event when the connection ends', async () => {
    let connections = 0;
    const { out, requests } = await run('events --count 2', () => {
      connections += 1;
      return { text: notification(connections) };
    });
    assert.equal(out.split('\n').length, 3);
    assert.equal(requests[1]?.headers['last-event-id'], 'e-1');
  });

  it('observe reads the stream first, then observes, and cancels at the end', async () => {
    const { exitCode, out, requests } = await run('observe lamp /3/0/0 --count 2', observing(true));
    assert.equal(exitCode, 0);
    assert.equal(out.split('\n').length, 3);
    assert.deepEqual(methods(requests), ['GET', 'PUT', 'DELETE']);
  });

  it('observe leaves an observation that was there before, and with --keep its own', async () => {
    assert.deepEqual(methods((await run('observe lamp /3/0/0 --count 1', observing(false))).requests), [
      'GET',
      'PUT',
    ]);
    assert.deepEqual(methods((await run('observe lamp /3/0/0 --count 1 --keep', observing(true))).requests), [
      'GET',
      'PUT',
    ]);
  });

  it('observe ends with the code of a refusal', async () => {
    const { exitCode, err } = await run('observe lamp /3/0/0', ({ method }) =>
      method === 'GET'
        ? { text: ': open\n\n' }
        : { status: 404, json: { error: 'unknown-device', message: 'nobody' } },
    );
    assert.equal(exitCode, 3);
    assert.equal(err, 'dunlin: nobody\n');
  });

  it('observe says when the observation ends by itself', async () => {
    const ended = {
      type: 'observation-ended',
      time: '2026-01-01T12:00:00Z',
      endpoint: 'lamp',
      path: '/3/0/0',
      reason: 'ended-by-device',
      coapCode: '4.04',
    };
    const { exitCode, err, requests } = await run('observe lamp /3/0/0', (request) =>
      request.method === 'GET'
        ? { text: `id: e-1\ndata: ${JSON.stringify(ended)}\n\n` }
        : observing(true)(request),
    );
    assert.equal(exitCode, 1);
    assert.equal(err, 'dunlin: the observation of /3/0/0 ended: ended-by-device\n');
    assert.deepEqual(methods(requests), ['GET', 'PUT']);
  });

  it('a reader of the output who leaves (EPIPE) is no error', async () => {
    const context = testContext(() => ({ text: notification(1) }));
    const epipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const broken = { ...context, stdout: { isTerminal: false, write: () => Promise.reject(epipe) } };
    assert.equal(await runProgram(['events'], broken), 0);
    assert.equal(context.err(), '');
  });
});
