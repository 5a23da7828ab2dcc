/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify, unlike Express, waits for its handlers. */
import {
  type DeviceSmsDocument,
  DeviceSmsSchema,
  type SmsNumberDocument,
  type SmsNumberInput,
  SmsNumberInputSchema,
  SmsNumberSchema,
  SmsNumbersQuerySchema,
  SmsNumbersSchema,
  SmsOutboxQuerySchema,
  SmsOutboxSchema,
  type SmsStatusDocument,
  SmsStatusSchema,
} from '@dunlin/api';
import { UsageError } from '@dunlin/base';
import type { SmsBinding } from '@dunlin/node';
import { DeviceNotRegisteredError, type ProvisionedNumber, type SmsNumbers } from '@dunlin/server';
import type { CarrierTrouble, RunningCarrier } from '@dunlin/sms';
import { Type } from 'typebox';

import { instantText } from './device-to-summary.ts';
import { containing } from './fitting-page.ts';
import type { HttpApp } from './http-app.ts';
import type { ManagedServer } from './managed-server.ts';
import { DeviceParams } from './request-parts.ts';
import { badRequest, RequestProblem } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';
import { smsEntryToDocument } from './sms-entry-to-document.ts';
import { wakeRoute } from './wake-route.ts';

/** What of short messages the interface uses. */
export interface SmsRouteParts {
  readonly binding: Pick<SmsBinding, 'number' | 'isUp' | 'outbox' | 'budgets' | 'budgetsOf' | 'partCount'>;
  readonly carrier: Pick<RunningCarrier, 'trouble'>;
  readonly numbers: Pick<SmsNumbers, 'list' | 'of' | 'ownerOf' | 'provision' | 'withdraw' | 'destinationOf'>;
  readonly unprotected: string;
  readonly now: () => Parameters<SmsNumbers['provision']>[2];
}

export interface SmsRoutesOptions extends SmsRouteParts {
  readonly server: Pick<ManagedServer, 'device'>;
}

const PartsQuery = Type.Object(
  {
    bytes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        description: 'The length of a datagram, to tell its parts.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** `/sms`, `/devices/{endpoint}/sms` and `/devices/{endpoint}/wake`: the state of short messages, what was sent, and the numbers of devices. */
export function smsRoutes(app: HttpApp, options: SmsRoutesOptions): void {
  statusRoute(app, options);
  outboxRoute(app, options);
  numberListRoute(app, options);
  numberRoutes(app, options);
  deviceRoute(app, options);
  wakeRoute(app, options);
}

/** What is wrong, if anything is. */
function troubleOf(
  trouble: CarrierTrouble | undefined,
): Pick<SmsStatusDocument, 'reason' | 'retryAt' | 'isMisconfigured'> {
  if (trouble === undefined) return { reason: null, retryAt: null, isMisconfigured: false };
  const { reason, retryAt, isMisconfigured } = trouble;
  return { reason, retryAt: retryAt === undefined ? null : instantText(retryAt), isMisconfigured };
}

function statusRoute(app: HttpApp, { binding, carrier, unprotected }: SmsRoutesOptions): void {
  app.get(
    '/sms',
    {
      config: { access: 'viewer' },
      schema: described('sms', 'getSms', 'How short messages are, and what is left of their budgets', {
        response: { 200: SmsStatusSchema },
      }),
    },
    () => ({
      number: binding.number,
      isUp: binding.isUp,
      ...troubleOf(carrier.trouble),
      unprotected,
      budgets: binding.budgets(),
    }),
  );
}

function outboxRoute(app: HttpApp, { binding, numbers }: SmsRoutesOptions): void {
  app.get(
    '/sms/outbox',
    {
      config: { access: 'viewer' },
      schema: described(
        'sms',
        'getSmsOutbox',
        'What is on its way and what was sent lately, the newest first',
        {
          querystring: SmsOutboxQuerySchema,
          response: { 200: SmsOutboxSchema },
        },
      ),
    },
    (request) => {
      const { contains, after, limit = 100 } = request.query;
      const isPart = containing(contains);
      const fitting = binding
        .outbox()
        .filter(
          ({ id, to }) =>
            (after === undefined || id < after) &&
            (isPart === undefined || isPart(to) || isPart(numbers.ownerOf(to) ?? '')),
        )
        .toReversed();
      const page = fitting.slice(0, limit);
      return {
        entries: page.map((entry) => smsEntryToDocument(entry, numbers.ownerOf(entry.to))),
        next: fitting.length > limit ? (page.at(-1)?.id ?? null) : null,
      };
    },
  );
}

function numberListRoute(app: HttpApp, { numbers }: SmsRoutesOptions): void {
  app.get(
    '/sms/numbers',
    {
      config: { access: 'viewer' },
      schema: described('sms', 'listSmsNumbers', 'The telephone numbers of devices, by endpoint name', {
        querystring: SmsNumbersQuerySchema,
        response: { 200: SmsNumbersSchema },
      }),
    },
    (request) => {
      const { contains, after, limit = 100 } = request.query;
      const isPart = containing(contains);
      const fitting = numbers
        .list()
        .filter(
          ({ endpointName, number }) =>
            (after === undefined || endpointName > after) &&
            (isPart === undefined || isPart(endpointName) || isPart(number)),
        );
      const page = fitting.slice(0, limit);
      return {
        numbers: page.map(numberToDocument),
        next: fitting.length > limit ? (page.at(-1)?.endpointName ?? null) : null,
      };
    },
  );
}

function numberRoutes(app: HttpApp, { numbers, now }: SmsRoutesOptions): void {
  app.put(
    '/sms/numbers/:endpoint',
    {
      config: { access: 'administrator' },
      schema: described('sms', 'putSmsNumber', 'Say which telephone number a device has', {
        params: DeviceParams,
        body: SmsNumberInputSchema,
        response: { 200: SmsNumberSchema },
      }),
    },
    async (request) => {
      const { endpoint } = request.params;
      const { number }: SmsNumberInput = request.body;
      const owner = numbers.ownerOf(number);
      if (owner !== undefined && owner !== endpoint) {
        throw new RequestProblem(409, 'conflict', `the number ${number} is that of ${owner} already`);
      }
      try {
        const provisioned = await numbers.provision(endpoint, number, now());
        request.log.info({ endpoint, number }, 'provisioned a number');
        return numberToDocument(provisioned);
      } catch (error) {
        if (error instanceof UsageError) throw badRequest('body.number', error.message);
        throw error;
      }
    },
  );
  app.delete(
    '/sms/numbers/:endpoint',
    {
      config: { access: 'administrator' },
      schema: described('sms', 'removeSmsNumber', 'Forget the telephone number of a device', {
        params: DeviceParams,
        response: noContent,
      }),
    },
    async (request, reply) => {
      const { endpoint } = request.params;
      if (!(await numbers.withdraw(endpoint))) {
        throw new RequestProblem(404, 'unknown-number', `no number is provisioned for ${endpoint}`);
      }
      request.log.info({ endpoint }, 'removed a number');
      return reply.code(204).send();
    },
  );
}

function deviceRoute(app: HttpApp, { server, binding, numbers }: SmsRoutesOptions): void {
  app.get(
    '/devices/:endpoint/sms',
    {
      config: { access: 'viewer' },
      schema: described(
        'sms',
        'getDeviceSms',
        'How a device is reached by short messages, and what that costs',
        {
          params: DeviceParams,
          querystring: PartsQuery,
          response: { 200: DeviceSmsSchema },
        },
      ),
    },
    async (request) => {
      const { endpoint } = request.params;
      const { bytes } = request.query;
      const registration = await server.device(endpoint).registration();
      if (registration === undefined) throw new DeviceNotRegisteredError(endpoint);
      const { bindingMode } = registration;
      const destination = numbers.destinationOf(registration);
      const parts = bytes === undefined ? null : binding.partCount(bytes);
      const none = (reason: string): DeviceSmsDocument => ({ number: null, reason, budgets: [], parts });
      if (!bindingMode.includes('S')) {
        return none(`${endpoint} registered with binding mode ${bindingMode}, without short messages`);
      }
      if (destination.kind === 'none') return none(destination.reason);
      const { number } = destination;
      return { number, reason: null, budgets: binding.budgetsOf(number), parts };
    },
  );
}

function numberToDocument({ endpointName, number, provisionedAt }: ProvisionedNumber): SmsNumberDocument {
  return { endpoint: endpointName, number, provisionedAt: instantText(provisionedAt) };
}
