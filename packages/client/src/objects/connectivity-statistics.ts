import { type Seconds, seconds, UsageError } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import { ConnectivityStatistics, formatPath, type Refusal, refusal, type Value } from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { TreeProposal } from '../object-tree/tree-change.ts';
import { objectInstances } from './object-instances.ts';
import { type SmsCounters, TrafficCollection } from './traffic-collection.ts';

/** What `connectivityStatistics` takes. */
export interface ConnectivityStatisticsOptions {
  /** `/7/0/8` at first: 0, the default, collects from Start until Stop (R-1070). */
  readonly collectionPeriod?: Seconds;
  /** Counts the short messages of the device; default: there are none. */
  readonly smsCounters?: () => SmsCounters;
  /** How often observers are told of new figures while there is traffic, 1 s at least; default 10 s. */
  readonly reviewInterval?: Seconds;
}

/**
 * The Connectivity Statistics Object, `/7` (1.0 E.8): from Start to Stop, or for the Collection Period, it counts the IP
 * packets that the client's bindings send and receive, those of handshakes included (R-1070, R-1071). A kilobyte has
 * 1024 bytes. Throws `UsageError` on a period that cannot be.
 */
export function connectivityStatistics(options: Readonly<ConnectivityStatisticsOptions> = {}): ObjectSetup {
  const { collectionPeriod = seconds(0) } = options;
  const problem = problemOfPeriod(collectionPeriod);
  if (problem !== undefined) throw new UsageError(`The Collection Period cannot be so: ${problem}.`);
  const { reviewInterval = seconds(10), smsCounters } = options;
  if (!(reviewInterval >= 1)) throw new UsageError('Statistics are reviewed once a second at most.');
  const collection = new TrafficCollection({ period: collectionPeriod, reviewInterval, smsCounters });
  const { resources } = ConnectivityStatistics;
  return objectInstances(
    ConnectivityStatistics,
    {
      0: {
        smsTxCounter: () => collection.sms.sent,
        smsRxCounter: () => collection.sms.received,
        txData: () => collection.traffic.sentKilobytes,
        rxData: () => collection.traffic.receivedKilobytes,
        maxMessageSize: () => collection.traffic.largest,
        averageMessageSize: () => collection.traffic.average,
        start: ({ now }) => collection.start(now),
        stop: () => collection.stop(),
        collectionPeriod,
      },
    },
    {
      clock: collection,
      changed: collection.changed,
      packetPassed: (direction, bytes) => collection.packetPassed(direction, bytes),
      beforeCommit: checkPeriod,
      afterCommit: ({ written }) => {
        for (const { path, content } of written) {
          if (path.resourceId !== resources.collectionPeriod.id) continue;
          collection.setPeriod(seconds(content?.kind === 'single' ? Number(content.value) : 0));
        }
      },
    },
  );
}

function checkPeriod({ written }: TreeProposal): Refusal | undefined {
  for (const { path, content } of written) {
    if (path.resourceId !== ConnectivityStatistics.resources.collectionPeriod.id) continue;
    const problem = content?.kind === 'single' ? problemOfPeriod(content.value) : undefined;
    if (problem !== undefined) return refusal(ResponseCode.badRequest, `${formatPath(path)}: ${problem}`);
  }
  return undefined;
}

/** As for the periods of the Server Object: 68 years are a mistake. */
function problemOfPeriod(value: Value): string | undefined {
  const isPeriod =
    (typeof value === 'number' || typeof value === 'bigint') && value >= 0 && value <= 0x7fff_ffff;
  return isPeriod ? undefined : 'a period is not negative and fits 32 bits';
}
