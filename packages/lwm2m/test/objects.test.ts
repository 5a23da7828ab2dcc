import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  AccessControl,
  ConnectivityMonitoring,
  ConnectivityStatistics,
  coreDefinitions,
  Device,
  FirmwareUpdate,
  loadRegisteredDefinitions,
  Location,
  type ObjectDefinition,
  type ResourceDefinition,
  Security,
  Server,
} from '@dunlin/lwm2m';

/*
 * What the registry's files of version 1.0 state, with what the text of 1.0 corrects in them: the name of object 0, the
 * unit KB of /3/x/21, /7/x/2 and /7/x/3, no unit for /4/x/9, lengths in bytes in object 5, no range for /5/x/8, the
 * values of /1/x/7, and the width of /2/x/2. Columns: id, name, operations, instances, mandatory, type, range, units.
 */
const objects = `
0 | LwM2M Security | Multiple | Mandatory
  0 | LwM2M Server URI |  | Single | Mandatory | String | 0..255 bytes |
  1 | Bootstrap-Server |  | Single | Mandatory | Boolean |  |
  2 | Security Mode |  | Single | Mandatory | Integer | 0..4 |
  3 | Public Key or Identity |  | Single | Mandatory | Opaque |  |
  4 | Server Public Key |  | Single | Mandatory | Opaque |  |
  5 | Secret Key |  | Single | Mandatory | Opaque |  |
  6 | SMS Security Mode |  | Single | Optional | Integer | 0..255 |
  7 | SMS Binding Key Parameters |  | Single | Optional | Opaque |  |
  8 | SMS Binding Secret Key(s) |  | Single | Optional | Opaque | 16..48 bytes |
  9 | LwM2M Server SMS Number |  | Single | Optional | String |  |
  10 | Short Server ID |  | Single | Optional | Integer | 1..65534 |
  11 | Client Hold Off Time |  | Single | Optional | Integer |  | s
  12 | Bootstrap-Server Account Timeout |  | Single | Optional | Integer |  | s
1 | LwM2M Server | Multiple | Mandatory
  0 | Short Server ID | R | Single | Mandatory | Integer | 1..65535 |
  1 | Lifetime | RW | Single | Mandatory | Integer |  | s
  2 | Default Minimum Period | RW | Single | Optional | Integer |  | s
  3 | Default Maximum Period | RW | Single | Optional | Integer |  | s
  4 | Disable | E | Single | Optional |  |  |
  5 | Disable Timeout | RW | Single | Optional | Integer |  | s
  6 | Notification Storing When Disabled or Offline | RW | Single | Mandatory | Boolean |  |
  7 | Binding | RW | Single | Mandatory | String | U,UQ,S,SQ,US,UQS |
  8 | Registration Update Trigger | E | Single | Mandatory |  |  |
2 | LwM2M Access Control | Multiple | Optional
  0 | Object ID | R | Single | Mandatory | Integer | 1..65534 |
  1 | Object Instance ID | R | Single | Mandatory | Integer | 0..65535 |
  2 | ACL | RW | Multiple | Optional | Integer | 0..65535 |
  3 | Access Control Owner | RW | Single | Mandatory | Integer | 0..65535 |
3 | Device | Single | Mandatory
  0 | Manufacturer | R | Single | Optional | String |  |
  1 | Model Number | R | Single | Optional | String |  |
  2 | Serial Number | R | Single | Optional | String |  |
  3 | Firmware Version | R | Single | Optional | String |  |
  4 | Reboot | E | Single | Mandatory |  |  |
  5 | Factory Reset | E | Single | Optional |  |  |
  6 | Available Power Sources | R | Multiple | Optional | Integer | 0..7 |
  7 | Power Source Voltage | R | Multiple | Optional | Integer |  | mV
  8 | Power Source Current | R | Multiple | Optional | Integer |  | mA
  9 | Battery Level | R | Single | Optional | Integer | 0..100 | %
  10 | Memory Free | R | Single | Optional | Integer |  | KB
  11 | Error Code | R | Multiple | Mandatory | Integer | 0..8 |
  12 | Reset Error Code | E | Single | Optional |  |  |
  13 | Current Time | RW | Single | Optional | Time |  |
  14 | UTC Offset | RW | Single | Optional | String |  |
  15 | Timezone | RW | Single | Optional | String |  |
  16 | Supported Binding and Modes | R | Single | Mandatory | String |  |
  17 | Device Type | R | Single | Optional | String |  |
  18 | Hardware Version | R | Single | Optional | String |  |
  19 | Software Version | R | Single | Optional | String |  |
  20 | Battery Status | R | Single | Optional | Integer | 0..6 |
  21 | Memory Total | R | Single | Optional | Integer |  | KB
  22 | ExtDevInfo | R | Multiple | Optional | Objlnk |  |
4 | Connectivity Monitoring | Single | Optional
  0 | Network Bearer | R | Single | Mandatory | Integer | 0..50 |
  1 | Available Network Bearer | R | Multiple | Mandatory | Integer | 0..50 |
  2 | Radio Signal Strength | R | Single | Mandatory | Integer |  | dBm
  3 | Link Quality | R | Single | Optional | Integer |  |
  4 | IP Addresses | R | Multiple | Mandatory | String |  |
  5 | Router IP Addresses | R | Multiple | Optional | String |  |
  6 | Link Utilization | R | Single | Optional | Integer | 0..100 | %
  7 | APN | R | Multiple | Optional | String |  |
  8 | Cell ID | R | Single | Optional | Integer |  |
  9 | SMNC | R | Single | Optional | Integer | 0..999 |
  10 | SMCC | R | Single | Optional | Integer | 0..999 |
5 | Firmware Update | Single | Optional
  0 | Package | W | Single | Mandatory | Opaque |  |
  1 | Package URI | RW | Single | Mandatory | String | 0..255 bytes |
  2 | Update | E | Single | Mandatory |  |  |
  3 | State | R | Single | Mandatory | Integer | 0..3 |
  5 | Update Result | R | Single | Mandatory | Integer | 0..9 |
  6 | PkgName | R | Single | Optional | String | 0..255 bytes |
  7 | PkgVersion | R | Single | Optional | String | 0..255 bytes |
  8 | Firmware Update Protocol Support | R | Multiple | Optional | Integer |  |
  9 | Firmware Update Delivery Method | R | Single | Mandatory | Integer | 0..2 |
6 | Location | Single | Optional
  0 | Latitude | R | Single | Mandatory | Float |  | lat
  1 | Longitude | R | Single | Mandatory | Float |  | lon
  2 | Altitude | R | Single | Optional | Float |  | m
  3 | Radius | R | Single | Optional | Float |  | m
  4 | Velocity | R | Single | Optional | Opaque |  |
  5 | Timestamp | R | Single | Mandatory | Time |  |
  6 | Speed | R | Single | Optional | Float |  | m/s
7 | Connectivity Statistics | Single | Optional
  0 | SMS Tx Counter | R | Single | Optional | Integer |  |
  1 | SMS Rx Counter | R | Single | Optional | Integer |  |
  2 | Tx Data | R | Single | Optional | Integer |  | KB
  3 | Rx Data | R | Single | Optional | Integer |  | KB
  4 | Max Message Size | R | Single | Optional | Integer |  | B
  5 | Average Message Size | R | Single | Optional | Integer |  | B
  6 | Start | E | Single | Mandatory |  |  |
  7 | Stop | E | Single | Mandatory |  |  |
  8 | Collection Period | RW | Single | Optional | Integer |  | s`;

const coreObjects = [
  { requirement: 'R-1001', definition: Security.definition },
  { requirement: 'R-1010', definition: Server.definition },
  { requirement: '1.0 E.3', definition: AccessControl.definition },
  { requirement: 'R-1030', definition: Device.definition },
  { requirement: '1.0 E.5', definition: ConnectivityMonitoring.definition },
  { requirement: 'R-1050', definition: FirmwareUpdate.definition },
  { requirement: 'R-1062', definition: Location.definition },
  { requirement: 'R-1070', definition: ConnectivityStatistics.definition },
];

function stated(id: number): readonly string[] {
  const lines = objects.trim().split('\n');
  const start = lines.findIndex((line) => line.startsWith(`${id} |`));
  const length = lines.slice(start + 1).findIndex((line) => !line.startsWith(' '));
  return lines.slice(start, length < 0 ? undefined : start + 1 + length).map((line) => line.trimEnd());
}

function written(definition: ObjectDefinition): readonly string[] {
  const instances = definition.isMultiple ? 'Multiple' : 'Single';
  const presence = definition.isMandatory ? 'Mandatory' : 'Optional';
  const head = `${definition.id} | ${definition.name} | ${instances} | ${presence}`;
  return [head, ...Array.from(definition.resources.values(), row)];
}

function row(resource: ResourceDefinition): string {
  const type = resource.type === 'none' ? '' : resource.type[0]?.toUpperCase() + resource.type.slice(1);
  const columns = [
    resource.id,
    resource.name,
    resource.operations,
    resource.isMultiple ? 'Multiple' : 'Single',
    resource.isMandatory ? 'Mandatory' : 'Optional',
    type,
    rangeText(resource),
    resource.units ?? '',
  ];
  return `  ${columns.join(' | ')}`.trimEnd();
}

function rangeText({ range }: ResourceDefinition): string {
  switch (range?.kind) {
    case undefined:
      return '';
    case 'interval':
      return `${range.minimum}..${range.maximum}`;
    case 'length':
      return `${range.minimum}..${range.maximum} bytes`;
    case 'enumeration':
      return range.values.join(',');
  }
}

describe('the Objects of the enabler', () => {
  for (const { requirement, definition } of coreObjects) {
    test(`object ${definition.id}, ${definition.name}, is as the enabler defines it (${requirement})`, () => {
      assert.equal(definition.version, '1.0');
      assert.deepEqual(written(definition), stated(definition.id));
    });
  }

  test('only the Device Object is mandatory and single, so that /3/0 always exists (R-102)', () => {
    const always = coreObjects.filter(
      ({ definition: { isMandatory, isMultiple } }) => isMandatory && !isMultiple,
    );
    assert.deepEqual(
      always.map(({ definition }) => definition.id),
      [3],
    );
  });

  test('no Resource of the Security Object has operations, for it is reached by bootstrap only (R-104, R-1001)', () => {
    for (const resource of Security.definition.resources.values()) assert.equal(resource.operations, '');
  });

  test('the Short Server ID of a Server cannot be written (R-1010)', () => {
    assert.equal(Server(0).shortServerId.definition.operations, 'R');
  });

  test('Resource 4 of the Firmware Update Object is not defined (1.0 E.6)', () => {
    assert.equal(FirmwareUpdate.definition.resources.has(4), false);
  });

  test('latitude and longitude are floats, in degrees of WGS 84 (R-1062)', () => {
    assert.equal(Location.latitude.definition.type, 'float');
    assert.equal(Location.longitude.definition.units, 'lon');
  });

  test('the names in code are those of the specification in camelCase', () => {
    assert.equal(Security(0).lwm2mServerUri.definition.id, 0);
    assert.equal(Security(0).smsBindingSecretKeys.definition.id, 8);
    assert.equal(Server(0).notificationStoringWhenDisabledOrOffline.definition.id, 6);
    assert.equal(AccessControl(0).acl.definition.id, 2);
    assert.equal(Device.utcOffset.definition.id, 14);
    assert.equal(Device.extDevInfo.definition.id, 22);
    assert.equal(ConnectivityMonitoring.smcc.definition.id, 10);
    assert.equal(FirmwareUpdate.pkgVersion.definition.id, 7);
    assert.equal(ConnectivityStatistics.smsTxCounter.definition.id, 0);
  });
});

describe('coreDefinitions', () => {
  test('finds objects 0 to 7 in version 1.0, which is that of an Object whose version is not sent (R-121)', () => {
    for (const { definition } of coreObjects) {
      assert.equal(coreDefinitions.find(definition.id), definition);
      assert.equal(coreDefinitions.find(definition.id, '1.0'), definition);
    }
    assert.equal(coreDefinitions.find(8), undefined);
    assert.equal(coreDefinitions.list().length, 8);
  });

  test('agree with the registered definitions but for the corrections', async () => {
    const registered = await loadRegisteredDefinitions();
    const differences: string[] = [];
    for (const { definition } of coreObjects) {
      const published = registered.find(definition.id, '1.0');
      assert.ok(published);
      for (const [index, line] of written(published).entries()) {
        if (line !== written(definition)[index]) differences.push(`${definition.id}: ${line.trim()}`);
      }
    }
    assert.deepEqual(differences, [
      '0: 0 | LWM2M Security | Multiple | Mandatory',
      '0: 0 | LWM2M Server URI |  | Single | Mandatory | String | 0..255 bytes |',
      '0: 7 | SMS Binding Key Parameters |  | Single | Optional | Opaque | 6..6 bytes |',
      '1: 7 | Binding | RW | Single | Mandatory | String |  |',
      '2: 2 | ACL | RW | Multiple | Optional | Integer |  |',
      '3: 21 | Memory Total | R | Single | Optional | Integer |  |',
      '4: 9 | SMNC | R | Single | Optional | Integer | 0..999 | %',
      '5: 8 | Firmware Update Protocol Support | R | Multiple | Optional | Integer | 0..5 |',
      '7: 2 | Tx Data | R | Single | Optional | Integer |  |',
      '7: 3 | Rx Data | R | Single | Optional | Integer |  |',
    ]);
  });
});
