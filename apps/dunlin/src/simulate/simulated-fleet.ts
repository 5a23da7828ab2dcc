import { type Seconds, utf8Encode } from '@dunlin/base';
import { type BindingMode, canonicalObjectLinks, type ObjectList } from '@dunlin/lwm2m';

/** What is simulated. */
export interface FleetPlan {
  readonly devices: number;
  /** Endpoint names are this and a number. */
  readonly prefix: string;
  readonly lifetime: Seconds;
  /** Registrations that begin in a second, all sockets together. */
  readonly rate: number;
  /** Devices that share a socket: to the server they are at one address. */
  readonly perSocket: number;
  /** Which share of the sockets has devices in queue mode: 0 to 1. */
  readonly queueShare: number;
}

/** What all devices of a socket are: a request of the server cannot say which of them it is for. */
export interface SimulatedModel {
  readonly bindingMode: BindingMode;
  readonly manufacturer: string;
  readonly modelNumber: string;
  readonly firmwareVersion: string;
  readonly temperature: number;
  readonly objects: ObjectList;
  /** The payload of a Register. */
  readonly links: Uint8Array;
}

/** The devices of one socket. */
export interface SocketPlan {
  readonly model: SimulatedModel;
  readonly names: readonly string[];
  /** Milliseconds after the start at which the first of them registers, and between one and the next. */
  readonly firstAfter: number;
  readonly interval: number;
}

/** What each socket has to do. */
export function socketPlans(plan: Readonly<FleetPlan>): readonly SocketPlan[] {
  const { devices, prefix, rate, perSocket, queueShare } = plan;
  const sockets = Math.ceil(devices / perSocket);
  const digits = String(devices).length;
  const inQueueMode = Math.round(sockets * queueShare);
  return Array.from({ length: sockets }, (_, socket) => {
    const first = socket * perSocket;
    const count = Math.min(perSocket, devices - first);
    return {
      model: modelOf(socket, socket < inQueueMode),
      names: Array.from(
        { length: count },
        (_device, number) => `${prefix}${String(first + number + 1).padStart(digits, '0')}`,
      ),
      // The sockets take turns, so that the rate is that of all of them together.
      firstAfter: (socket * 1000) / rate,
      interval: (sockets * 1000) / rate,
    };
  });
}

const makes = [
  { manufacturer: 'Acme', modelNumber: 'X1', sensors: [3303] },
  { manufacturer: 'Acme', modelNumber: 'X2', sensors: [3303, 3304] },
  { manufacturer: 'Globex', modelNumber: 'Meter 7', sensors: [3305] },
  { manufacturer: 'Initech', modelNumber: 'Lamp', sensors: [3311] },
  { manufacturer: 'Umbrella', modelNumber: 'Gate 3', sensors: [3303, 3342] },
] as const;

function modelOf(socket: number, isInQueueMode: boolean): SimulatedModel {
  const make = makes[socket % makes.length] ?? makes[0];
  const objects: ObjectList = {
    rootPath: '/',
    contentFormats: [],
    objects: new Map([1, 3, ...make.sensors].map((id) => [id, { instances: [0] }])),
  };
  return {
    bindingMode: isInQueueMode ? 'UQ' : 'U',
    manufacturer: make.manufacturer,
    modelNumber: make.modelNumber,
    firmwareVersion: `${1 + (socket % 3)}.${socket % 7}.0`,
    temperature: 15 + (socket % 150) / 10,
    objects,
    links: utf8Encode(canonicalObjectLinks(objects)),
  };
}
