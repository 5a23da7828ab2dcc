import { type Milliseconds, milliseconds, type Seconds, seconds } from '@dunlin/base';

/** What a server takes on at most. */
export interface ServerLimits {
  /** Registrations in all. More are refused with 5.03. */
  readonly registrations: number;
  /** Registrations from one IP address; fleets behind a translator share one. More are refused with 5.03. */
  readonly registrationsPerAddress: number;
  /** Length of an endpoint name in bytes of UTF-8. */
  readonly endpointNameLength: number;
  /** Length of the object list in bytes; longer ones are refused with 4.13. */
  readonly linksLength: number;
  /** Shortest lifetime. Shorter ones are refused with 4.00. */
  readonly minimumLifetime: Seconds;
  /** Longest lifetime. Longer ones are refused with 4.00. */
  readonly maximumLifetime: Seconds;
  /** Query parameters that the enabler does not define, per registration. */
  readonly additionalParameters: number;
  /** Requests to one device that are under way or wait for their turn. */
  readonly requestsPerDevice: number;
  /** Observations of one device. */
  readonly observationsPerDevice: number;
  /** Notifications that an `Observation` keeps for a consumer that is slow; older ones are dropped and counted. */
  readonly bufferedNotifications: number;
  /** Expired registrations that are taken out in one step, so that a mass expiry does not hold up everything else. */
  readonly expiriesPerStep: number;
  /** Max-Age of a 5.03: when a device may try again (RFC 7252 §5.9.3.4). */
  readonly retryAfter: Seconds;
  /** How long an active cancellation may take. */
  readonly cancellationTimeout: Milliseconds;
  /** For how long a device in queue mode is awake after a message of its own. */
  readonly awakeWindow: Milliseconds;
  /** The same for a device of mode SQ: short messages take longer to come and go. */
  readonly smsAwakeWindow: Milliseconds;
  /** The shortest time between two short messages that wake one device; doubled as long as it does not react. */
  readonly triggerInterval: Milliseconds;
  /** Short messages in a row to which a device does not react: the next is sent a day later. */
  readonly unansweredTriggers: number;
  /** Operations of one device that wait or are sent. */
  readonly queuedOperations: number;
  /** Length of the requests of these together, as JSON. */
  readonly queuedLength: number;
  /** Finished operations that are kept of one device, for whoever asks later. */
  readonly finishedOperations: number;
  /** How often an operation is sent before it fails for want of an answer. */
  readonly operationAttempts: number;
  /** How long an operation waits when nothing is said. */
  readonly operationLifetime: Milliseconds;
  /** How long an operation may be told to wait. */
  readonly maximumOperationLifetime: Milliseconds;
  /** Length of a result as JSON; of a longer one only the length is kept. */
  readonly resultLength: number;
  /** Wishes for one device: observations and attributes that hold until they are withdrawn. */
  readonly desiredItems: number;
  /** Devices at a time for which wishes are established. */
  readonly reconciliations: number;
  /** Devices in a second that are looked at for wishes that are not established. */
  readonly reconciliationsPerSecond: number;
  /** Updates of firmware that are under way. */
  readonly firmwareUpdates: number;
  /** Devices at a time to which an image is pushed; others wait. */
  readonly firmwarePushes: number;
  /** How often a transfer, and how often an installation, is begun before the update fails. */
  readonly firmwareAttempts: number;
  /** How often a device is asked where it stands when it does not say by itself; never one in queue mode. */
  readonly firmwarePollInterval: Milliseconds;
  /** How long an update may stand still while its device can be reached, and while it installs, before it fails. */
  readonly firmwarePatience: Milliseconds;
  /** How long an update waits for a device that cannot be reached before it fails. */
  readonly firmwareLifetime: Milliseconds;
}

/** What a server does when nothing else is said, each with its reason. */
export const serverLimitsDefaults: ServerLimits = {
  /** A million devices are what one node is meant for. */
  registrations: 1_000_000,
  /** A carrier-grade translator may hide a whole fleet. */
  registrationsPerAddress: 1_000_000,
  /** The longest value that fits into one Uri-Query option (RFC 7252 §5.10). */
  endpointNameLength: 252,
  /** Some 2,000 instances. */
  linksLength: 32_768,
  /** 1.0 §5.3 demands only that there is one; 0 would end at once. */
  minimumLifetime: seconds(1),
  /** 136 years: the largest unsigned 32-bit number, which devices use for `never`. */
  maximumLifetime: seconds(4_294_967_295),
  additionalParameters: 16,
  requestsPerDevice: 100,
  observationsPerDevice: 256,
  /** Enough for a pause of the consumer, little enough for whoever never iterates. */
  bufferedNotifications: 100,
  expiriesPerStep: 1000,
  retryAfter: seconds(30),
  /** MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2). */
  cancellationTimeout: milliseconds(93_000),
  /** MAX_TRANSMIT_WAIT (1.0 §8.3; RFC 7252 §4.8.2). */
  awakeWindow: milliseconds(93_000),
  /** As long as requests by short messages wait for their answers. */
  smsAwakeWindow: milliseconds(300_000),
  triggerInterval: milliseconds(300_000),
  unansweredTriggers: 3,
  /** Some minutes of work for a device that is awake, and a device that never wakes costs little. */
  queuedOperations: 100,
  /** Certificates and whole Object Instances; images go by firmware update. */
  queuedLength: 262_144,
  finishedOperations: 100,
  /** A device that does not answer five times in its awake window, each over 93 s, does not answer because of it. */
  operationAttempts: 5,
  /** A week: longer than nearly all devices sleep. */
  operationLifetime: milliseconds(604_800_000),
  /** A year. */
  maximumOperationLifetime: milliseconds(31_536_000_000),
  /** What fits into a usual block-wise transfer of a constrained device. */
  resultLength: 65_536,
  /** As many as there may be observations, and attributes for each. */
  desiredItems: 512,
  /** Each has one request under way: some hundred requests a round trip when a whole fleet comes back. */
  reconciliations: 100,
  /** A million devices are looked at within ten minutes of a start; one that is heard comes first. */
  reconciliationsPerSecond: 2000,
  /** A campaign over a tenth of the devices of one node. */
  firmwareUpdates: 100_000,
  /** Some thousand blocks a second over usual round trips. */
  firmwarePushes: 200,
  /** Devices that restart now and then get their image; one that restarts always at the same place does not try for ever. */
  firmwareAttempts: 5,
  /** Notifications may be lost, and some devices have none. */
  firmwarePollInterval: milliseconds(60_000),
  /** By inactivity, not in all: images of any size over links of any speed get through. */
  firmwarePatience: milliseconds(3_600_000),
  /** A week, as long as operations wait. */
  firmwareLifetime: milliseconds(604_800_000),
};
