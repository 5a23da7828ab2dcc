import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';

import { type Instant, instantFrom } from '@dunlin/base';
import { hostConnectivity, type HostConnectivityOptions } from '@dunlin/node';

import { ScratchFolder } from '../support/scratch-folder.ts';

type Interfaces = Readonly<Record<string, readonly string[]>>;

/** What a machine says of its network, as files of Linux. */
interface Machine {
  readonly interfaces: Interfaces;
  readonly files: Readonly<Record<string, string>>;
}

const routeHeader = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const wirelessHeader = `Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n`;

/** A small computer on a cable and on a WLAN, whose route over the cable is the better one. */
const both: Machine = {
  interfaces: {
    lo: ['127.0.0.1', '::1'],
    eth0: ['192.0.2.7', 'fe80::1', '2001:db8::7'],
    wlan0: ['198.51.100.7'],
  },
  files: {
    'proc/net/route': `${routeHeader}wlan0\t00000000\t016433C6\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n`,
    'proc/net/ipv6_route': `20010db8000000000000000000000000 40 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 00000001     eth0
${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 fe800000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} ffffffff 00000001 00000000 00200200       lo\n`,
    'proc/net/wireless': `${wirelessHeader} wlan0: 0000   54.  -56.  -256        0      0      0      0      8        0\n`,
    'sys/class/net/eth0/type': '1\n',
    'sys/class/net/wlan0/type': '1\n',
    'sys/class/net/wlan0/uevent': 'DEVTYPE=wlan\nINTERFACE=wlan0\n',
    'sys/class/net/wlan0/wireless/none': '',
  },
};

const now: Instant = instantFrom(Date.UTC(2030, 0, 1));

type Shown = Readonly<Record<string, unknown>>;

/** The values at a time, Maps as objects. */
function shown(values: ReturnType<typeof hostConnectivity>, at: Instant = now): Shown {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        const read: unknown = typeof value === 'function' ? value(at) : value;
        return [name, read instanceof Map ? Object.fromEntries(read) : read];
      }),
  );
}

function show({ interfaces, files }: Machine, options: HostConnectivityOptions = {}): Shown {
  using folder = new ScratchFolder();
  put(folder, files);
  return shown(hostConnectivity({ root: folder.path, interfaces: () => infos(interfaces), ...options }));
}

function put(folder: ScratchFolder, files: Machine['files']): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(folder.file(name)), { recursive: true });
    writeFileSync(folder.file(name), text);
  }
}

function infos(interfaces: Interfaces): NodeJS.Dict<NetworkInterfaceInfo[]> {
  return Object.fromEntries(
    Object.entries(interfaces).map(([name, addresses]) => [name, addresses.map((each) => info(name, each))]),
  );
}

function info(name: string, address: string): NetworkInterfaceInfo {
  const facts = { address, netmask: '', mac: '', internal: name === 'lo', cidr: null };
  return address.includes(':') ? { ...facts, family: 'IPv6', scopeid: 0 } : { ...facts, family: 'IPv4' };
}

describe('hostConnectivity (1.0 E.5)', () => {
  test('shows the best route: its bearer, and the routers under the ids of their addresses', () => {
    assert.deepEqual(show(both), {
      networkBearer: 41,
      availableNetworkBearer: { 0: 41, 1: 21 },
      radioSignalStrength: 0,
      ipAddresses: { 0: '192.0.2.7', 1: '2001:db8::7', 2: '198.51.100.7' },
      routerIpAddresses: { 0: '192.0.2.1', 1: 'fe80::1', 2: '198.51.100.1' },
    });
  });

  test('shows signal and quality of a radio', () => {
    const { networkBearer, radioSignalStrength, linkQuality } = show(both, { interfaceName: 'wlan0' });
    assert.deepEqual([networkBearer, radioSignalStrength, linkQuality], [21, -56, 54]);
  });

  const oneInterface = (files: Machine['files']): Machine => ({ interfaces: { if0: ['192.0.2.7'] }, files });
  const bearers: readonly (readonly [string, Machine['files'], number])[] = [
    ['a WLAN without wireless extensions', { 'sys/class/net/if0/phy80211/name': '' }, 21],
    ['a modem', { 'sys/class/net/if0/uevent': 'DEVTYPE=wwan\n' }, 6],
    ['Bluetooth', { 'sys/class/net/if0/uevent': 'DEVTYPE=bluetooth\n' }, 22],
    ['IEEE 802.15.4', { 'sys/class/net/if0/type': '804\n' }, 23],
    ['what is unknown', {}, 41],
  ];
  for (const [name, files, bearer] of bearers) {
    test(`knows ${name} as bearer ${bearer}`, () => {
      assert.equal(show(oneInterface(files)).networkBearer, bearer);
    });
  }

  test('takes the word of the author for a bearer', () => {
    const { networkBearer, availableNetworkBearer } = show(both, { bearers: { eth0: 42 } });
    assert.deepEqual([networkBearer, availableNetworkBearer], [42, { 0: 42, 1: 21 }]);
  });

  test('shows addresses where there are no files of Linux, and nothing without a network', () => {
    assert.deepEqual(show({ interfaces: both.interfaces, files: {} }), {
      networkBearer: 41,
      availableNetworkBearer: { 0: 41 },
      radioSignalStrength: 0,
      ipAddresses: { 0: '192.0.2.7', 1: '2001:db8::7', 2: '198.51.100.7' },
      routerIpAddresses: {},
    });
    assert.deepEqual(show({ interfaces: { lo: ['127.0.0.1'] }, files: {} }).ipAddresses, {});
  });

  test('passes over lines that make no sense', () => {
    const files = {
      'proc/net/route': `${routeHeader}eth0\neth0\t00000000\tzz\t0003\t0\t0\t0\t00000000\n\n`,
      'proc/net/ipv6_route': 'nothing to see\n',
      'proc/net/wireless': `${wirelessHeader} wlan0: 0000\n`,
    };
    const { routerIpAddresses, radioSignalStrength } = show({ ...both, files });
    assert.deepEqual([routerIpAddresses, radioSignalStrength], [{}, 0]);
  });

  test('takes the byte of an old driver for the signed number that it stands for', () => {
    const files = { 'proc/net/wireless': ' if0: 0000   70  200  0\n' };
    assert.equal(show(oneInterface(files)).radioSignalStrength, -56);
  });

  test('sees what changes, one second later', () => {
    using folder = new ScratchFolder();
    put(folder, both.files);
    let interfaces: Interfaces = both.interfaces;
    const values = hostConnectivity({ root: folder.path, interfaces: () => infos(interfaces) });
    shown(values);
    interfaces = { eth0: ['203.0.113.7'] };
    assert.equal(Object.keys(shown(values)['ipAddresses'] ?? {}).length, 3, 'one Read is of one moment');
    assert.deepEqual(shown(values, instantFrom(now + 1000))['ipAddresses'], { 0: '203.0.113.7' });
  });

  test('reads this machine', () => {
    const external = Object.values(networkInterfaces()).flatMap((each = []) =>
      each.filter(({ internal, address }) => !internal && !address.startsWith('fe80')),
    );
    const { ipAddresses } = shown(hostConnectivity());
    assert.deepEqual(
      Object.values(ipAddresses ?? {}),
      external.map(({ address }) => address),
    );
  });
});
