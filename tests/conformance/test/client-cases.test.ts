// The enabler tests for devices, run against our own over UDP and over DTLS, on virtual time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Instant, Secret, seconds, seededRandom, utf8Encode } from '@dunlin/base';
import {
  connectivityMonitoring,
  connectivityStatistics,
  device,
  firmwareUpdate,
  location,
  LwM2mClient,
  memoryFirmwareStorage,
  type ObjectSetup,
  type ServerAccount,
} from '@dunlin/client';
import type { Binding } from '@dunlin/coap';
import { clientDtls, dtls, type RecordCarrier } from '@dunlin/node';
import { SimulatedNetwork } from '@dunlin/simulation';

import { badPackages, goodPackage, openUpdatable } from '../../enabler/support/updatable.ts';
import { clientCases } from '../client-cases/client-cases.ts';
import { firmwareUpdateCases } from '../client-cases/firmware-update.ts';
import { BootstrapUnderTest } from '../support/bootstrap-under-test.ts';
import { type CaseResult, runCases } from '../support/conformance-case.ts';
import { DeviceUnderTest } from '../support/device-under-test.ts';
import { reportLine, summaryLine } from '../support/report.ts';
import { virtualPace } from './virtual-pace.ts';

const key = utf8Encode('conformance test');

/** DTLS records on a simulated network. */
function carrier(network: SimulatedNetwork, binding: Binding, seed: number): RecordCarrier {
  return { binding, random: seededRandom(seed), now: (): Instant => network.clock.now };
}

/** A device with every Object that the cases are about, and whatever they may want to write. */
function everything(
  client: () => LwM2mClient | undefined,
  {
    version = () => '1.0',
    more = [],
  }: { readonly version?: () => string; readonly more?: readonly ObjectSetup[] } = {},
): NonNullable<Parameters<typeof LwM2mClient.open>[0]>['objects'] {
  return [
    device({
      manufacturer: 'Dunlin',
      modelNumber: 'conformance',
      serialNumber: '1',
      firmwareVersion: version,
      availablePowerSources: new Map([
        [0, 1],
        [1, 2],
      ]),
      powerSourceVoltage: new Map([
        [0, 3800],
        [1, 5000],
      ]),
      powerSourceCurrent: new Map([
        [0, 100],
        [1, 900],
      ]),
      batteryLevel: 90,
      memoryFree: 100,
      timezone: 'Europe/Berlin',
      onReboot: () => client()?.restart(),
    }),
    connectivityMonitoring({
      networkBearer: 41,
      availableNetworkBearer: new Map([[0, 41]]),
      radioSignalStrength: -60,
      ipAddresses: new Map([[0, '192.0.2.7']]),
    }),
    location({ latitude: 43.5723, longitude: 153.2176, timestamp: 1_367_491_215 }),
    connectivityStatistics(),
    ...more,
  ];
}

/** Runs all cases against our client on a simulated network. */
async function results(isSecure: boolean): Promise<readonly CaseResult[]> {
  const network = new SimulatedNetwork(1);
  const pace = virtualPace(network);
  const uri = isSecure ? 'coaps://10.0.0.1:5683' : 'coap://10.0.0.1:5683';
  const subject = new DeviceUnderTest(pace, () => uri);
  const below = network.binding('10.0.0.1', 5683);
  await subject.open(
    isSecure
      ? dtls({
          port: 0,
          carrier: carrier(network, below, 1),
          credentials: {
            pskFor: () => Promise.resolve({ credentialId: 'id', key: new Secret(key.slice()) }),
            trusts: () => Promise.resolve(undefined),
          },
        })
      : below,
  );
  const account: ServerAccount = {
    uri,
    shortServerId: 1,
    lifetime: seconds(86_400),
    defaultMinimumPeriod: seconds(1),
    defaultMaximumPeriod: seconds(10),
    ...(isSecure && { security: { mode: 'psk', identity: 'id', key: new Secret(key.slice()) } }),
  };
  const opened: { client?: LwM2mClient } = {};
  const local = network.binding('10.0.1.1', 5683);
  const downloads = network.binding('10.0.1.1', 0);
  const { setup, version } = await openUpdatable(
    network,
    {
      binding: downloads,
      ...(isSecure && {
        secureBinding: clientDtls({ port: 0, carrier: carrier(network, downloads, 3) }),
        credentialOf: (shortServerId) =>
          opened.client?.credentialOf(shortServerId) ?? assert.fail('the client is not open yet'),
      }),
    },
    () => opened.client?.restart(),
  );
  opened.client = await LwM2mClient.open({
    endpoint: 'device',
    servers: [account],
    objects: everything(() => opened.client, { version, more: [setup] }),
    ...(isSecure
      ? { secureBinding: clientDtls({ port: 0, carrier: carrier(network, local, 2) }) }
      : { binding: local }),
  });
  await subject.registered(60);
  return await runCases(clientCases({ good: goodPackage, bad: badPackages }), subject);
}

const secureOnly = ['1.0-int-401'];

for (const isSecure of [false, true]) {
  describe(`the enabler tests for devices, over ${isSecure ? 'DTLS' : 'UDP'}`, () => {
    it('are passed by our client', async () => {
      const all = await results(isSecure);
      const failed = all.filter(({ outcome }) => outcome === 'failed');
      assert.equal(failed.length, 0, failed.map(reportLine).join('\n'));
      const skipped = all.filter(({ outcome }) => outcome === 'not applicable').map(({ id }) => id);
      const expected = all.map(({ id }) => id).filter((id) => id.endsWith('int-950'));
      assert.deepEqual(skipped, [...(isSecure ? [] : secureOnly), ...expected].toSorted(byOrder(all)));
      assert.match(summaryLine(all), /^\d+ passed, 0 failed, \d+ not applicable$/);
    });
  });
}

describe('the test of a bootstrap (ETS 0)', () => {
  it('is passed by our client, which registers with what it was given', async () => {
    const network = new SimulatedNetwork(1);
    const pace = virtualPace(network);
    const bootstrap = new BootstrapUnderTest(pace);
    await bootstrap.open(network.binding('10.0.0.2', 5783));
    const subject = new DeviceUnderTest(pace);
    await subject.open(network.binding('10.0.0.1', 5683));
    await LwM2mClient.open({
      endpoint: 'device',
      servers: [],
      bootstrapServer: { uri: 'coap://10.0.0.2:5783' },
      objects: everything(() => undefined),
      binding: network.binding('10.0.1.1', 5683),
    });
    const cases = [
      {
        id: '1.0-int-0',
        title: 'Client Initiated Bootstrap',
        run: (subjectOfIt: BootstrapUnderTest) => subjectOfIt.bootstrap({ uri: 'coap://10.0.0.1:5683' }, 60),
      },
    ];
    const all = await runCases(cases, bootstrap);
    assert.equal(summaryLine(all), '1 passed, 0 failed, 0 not applicable', all.map(reportLine).join('\n'));
    await subject.registered(60);
    assert.equal(subject.isRegistered, true);
  });
});

describe('a device that is not as it should be', () => {
  it('fails the cases about that, with what went over the wire', async () => {
    const network = new SimulatedNetwork(1);
    const subject = new DeviceUnderTest(virtualPace(network));
    await subject.open(network.binding('10.0.0.1', 5683));
    await LwM2mClient.open({
      endpoint: 'device',
      servers: [{ uri: 'coap://10.0.0.1:5683', shortServerId: 1 }],
      // A reboot that is none.
      objects: [device({ onReboot: () => undefined })],
      binding: network.binding('10.0.1.1', 5683),
    });
    await subject.registered(60);
    const all = await runCases(clientCases(), subject);
    const failed = all.filter(({ outcome }) => outcome === 'failed');
    assert.deepEqual(
      failed.map(({ id }) => id),
      ['1.0-int-241', '1.0-int-655'],
    );
    const [reboot] = failed;
    assert.ok(reboot !== undefined);
    assert.deepEqual(reboot.evidence, ['→ POST /3/0/4', '← 2.04']);
    assert.match(
      reportLine(reboot),
      /^FAIL {2}1\.0-int-241 .*no Register within 120 s\n {8}→ POST \/3\/0\/4/,
    );
  });
});

describe('a device that takes whatever comes for firmware', () => {
  it('fails the cases of packages that it has to refuse', async () => {
    const network = new SimulatedNetwork(1);
    const subject = new DeviceUnderTest(virtualPace(network));
    await subject.open(network.binding('10.0.0.1', 5683));
    const firmware = await firmwareUpdate({
      storage: memoryFirmwareStorage(1_000_000),
      install: () => undefined,
    });
    await LwM2mClient.open({
      endpoint: 'device',
      servers: [{ uri: 'coap://10.0.0.1:5683', shortServerId: 1 }],
      objects: [device({ onReboot: () => undefined }), firmware],
      binding: network.binding('10.0.1.1', 5683),
    });
    await subject.registered(60);
    const all = await runCases(firmwareUpdateCases({ good: goodPackage, bad: badPackages }), subject);
    const idsOf = (wanted: CaseResult['outcome']): readonly string[] =>
      all.filter(({ outcome }) => outcome === wanted).map(({ id }) => id.slice('1.0-int-'.length));
    assert.deepEqual(idsOf('failed'), ['773', '774', '776', '777', '779']);
    assert.deepEqual(idsOf('not applicable'), ['771', '775', '778', '780'], 'it takes no pull');
  });
});

function byOrder(all: readonly CaseResult[]): (one: string, other: string) => number {
  const places = new Map(all.map(({ id }, index) => [id, index]));
  return (one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0);
}
