/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import { setTimeout as delay } from 'node:timers/promises';

import { WakeSchema } from '@dunlin/api';
import { DeviceNotRegisteredError } from '@dunlin/server';
import { Type } from 'typebox';

import { disconnection } from './disconnection.ts';
import type { HttpApp } from './http-app.ts';
import { DeviceParams } from './request-parts.ts';
import { described } from './route-schema.ts';
import { smsEntryToDocument } from './sms-entry-to-document.ts';
import type { SmsRoutesOptions } from './sms-routes.ts';

/** Most short messages are answered by then, in seconds. */
const usualWait = 30;

const WaitQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 600,
        default: usualWait,
        description: 'Seconds to wait for the device to answer, before 202.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** `POST /devices/{endpoint}/wake`: has a device send an Update, by one short message. */
export function wakeRoute(app: HttpApp, { server, binding, numbers }: SmsRoutesOptions): void {
  app.post(
    '/devices/:endpoint/wake',
    {
      config: { access: 'operator' },
      schema: described('sms', 'wakeDevice', 'Have a device send an Update, by one short message', {
        params: DeviceParams,
        querystring: WaitQuery,
        response: { 200: WakeSchema, 202: WakeSchema },
      }),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      const { wait = usualWait } = request.query;
      const device = server.device(endpoint);
      const registration = await device.registration();
      if (registration === undefined) throw new DeviceNotRegisteredError(endpoint);
      const destination = numbers.destinationOf(registration);
      const isAnswered = await isDoneWithin(device.triggerUpdate(), wait * 1000, disconnection(reply));
      const message = binding
        .outbox()
        .findLast(
          ({ to, purpose }) =>
            purpose === 'trigger' && destination.kind !== 'none' && to === destination.number,
        );
      return await reply.code(isAnswered ? 200 : 202).send({
        endpoint,
        isAnswered,
        message: message === undefined ? null : smsEntryToDocument(message, numbers.ownerOf(message.to)),
      });
    },
  );
}

/** False when it takes longer; what it rejects with is thrown. */
async function isDoneWithin(done: Promise<void>, timeout: number, gone: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, gone]);
  try {
    return await Promise.race([done.then(() => true), delay(timeout, false, { signal })]);
  } finally {
    over.abort();
  }
}
