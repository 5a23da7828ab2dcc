import { addDuration, type Seconds, toMilliseconds, utf8Encode } from '@dunlin/base';
import { formatCode, Method, type Response, ResponseCode } from '@dunlin/coap';
import { isRefusal, type Refusal, refusal } from '@dunlin/lwm2m';

import { authorize } from './authorization.ts';
import type { DeviceSessions } from './device-session.ts';
import type { ServerDiagnostic } from './events.ts';
import type { ExpirySweep } from './expiry-sweep.ts';
import type { Call } from './listener.ts';
import { andThen, type SerialTasks } from './maybe-promise.ts';
import { ModelCache } from './model-cache.ts';
import { RegisterQueryCache } from './register-query-cache.ts';
import { newRegistrationId } from './registration-id.ts';
import {
  mergeParameters,
  parseRegister,
  parseUpdate,
  type RegistrationCaches,
  type RegisterRequest,
  type UpdateRequest,
} from './registration-request.ts';
import type { Registration } from './registration.ts';
import type { MaybePromise } from './registration-store.ts';
import type { RegistrationRemovals } from './registration-removals.ts';
import type { ServerContext } from './server-context.ts';
import { samePrincipal } from './same-principal.ts';
import { judgeSmsClaim } from './sms/registration-by-sms.ts';
import { isSmsUri } from './sms/sms-channel.ts';

/** An answer to a device, and what is told to the application once it was sent. */
interface Answer {
  readonly response: Response;
  readonly afterwards?: (() => void) | undefined;
}

type Operation = 'register' | 'update' | 'deregister';

/** The Client Registration interface: Register, Update, De-register (1.0 §5.3). */
export class RegistrationInterface {
  readonly #context: ServerContext;
  readonly #sessions: DeviceSessions;
  readonly #removals: RegistrationRemovals;
  readonly #caches: RegistrationCaches = { models: new ModelCache(), queries: new RegisterQueryCache() };
  readonly #tasks: SerialTasks;
  readonly #expiry: Pick<ExpirySweep<unknown>, 'expect' | 'underWay'>;
  readonly #isLocalUri: (uri: string) => boolean;

  constructor(
    context: ServerContext,
    parts: {
      readonly sessions: DeviceSessions;
      readonly removals: RegistrationRemovals;
      readonly tasks: SerialTasks;
      /** Told of every new end of a lifetime. */
      readonly expiry: Pick<ExpirySweep<unknown>, 'expect' | 'underWay'>;
      readonly isLocalUri: (uri: string) => boolean;
    },
  ) {
    this.#context = context;
    this.#sessions = parts.sessions;
    this.#removals = parts.removals;
    this.#tasks = parts.tasks;
    this.#expiry = parts.expiry;
    this.#isLocalUri = parts.isLocalUri;
  }

  /** Answers a request whose path begins with `rd`. */
  answer(call: Call): void {
    const { method, uriPath } = call.request;
    const [, id] = uriPath;
    if (id === undefined) {
      if (method === Method.post) this.#register(call);
      else this.#refuse(call, 'other', refusal(ResponseCode.methodNotAllowed, '/rd takes POST'));
    } else if (uriPath.length > 2) {
      this.#refuse(call, 'other', refusal(ResponseCode.notFound, 'a location is /rd/{id}'));
    } else if (method === Method.post) {
      this.#update(call, id);
    } else if (method === Method.delete) {
      this.#deregister(call, id);
    } else {
      this.#refuse(call, 'other', refusal(ResponseCode.methodNotAllowed, 'a location takes POST and DELETE'));
    }
  }

  #register(call: Call): void {
    const parsed = parseRegister(call, this.#context, this.#caches);
    if (isRefusal(parsed)) {
      this.#refuse(call, 'register', parsed);
      return;
    }
    const { endpointName } = parsed;
    const { peer } = call;
    const verdict = judgeSmsClaim({ ...parsed.parameters, endpointName, peer }, this.#context.smsNumbers);
    if (isRefusal(verdict)) {
      this.#refuse(call, 'register', verdict);
      return;
    }
    this.#tolerate(call, endpointName, [...parsed.warnings, ...verdict.warnings]);
    this.#complete(call, 'register', () =>
      this.#tasks.run(endpointName, () => this.#registerNext(call, parsed)),
    );
  }

  #registerNext(call: Call, request: RegisterRequest): MaybePromise<Answer | Refusal> {
    const { endpointName } = request;
    return andThen(this.#context.store.findByEndpoint(endpointName), (registration) => {
      const { peer, now } = call;
      const claim = { operation: 'register', endpointName, peer, registration, now } as const;
      return andThen(authorize(this.#context, claim), (decision) =>
        decision.kind === 'refused'
          ? refusal(decision.code, decision.reason)
          : this.#admit(call, request, registration),
      );
    });
  }

  /** Whether there is room for it; a device that is registered already takes the room it has. */
  #admit(
    call: Call,
    request: RegisterRequest,
    present: Registration | undefined,
  ): MaybePromise<Answer | Refusal> {
    const { store, limits } = this.#context;
    if (present !== undefined && present.peer.address === call.peer.address) return this.#keep(call, request);
    return andThen(store.countAtAddress(call.peer.address), (countAtAddress) => {
      if (countAtAddress >= limits.registrationsPerAddress)
        return this.#full('registrations from this address');
      if (present !== undefined) return this.#keep(call, request);
      return andThen(store.count(), (count) =>
        count >= limits.registrations ? this.#full('registrations') : this.#keep(call, request),
      );
    });
  }

  #full(what: string): Refusal {
    return refusal(ResponseCode.serviceUnavailable, `there are too many ${what}`);
  }

  #keep(call: Call, request: RegisterRequest): MaybePromise<Answer> {
    const { endpointName, parameters, model } = request;
    const registration: Registration = {
      endpointName,
      id: newRegistrationId(call.listener.shell.random),
      lifetime: parameters.lifetime,
      version: request.version,
      bindingMode: parameters.bindingMode,
      smsNumber: parameters.smsNumber,
      peer: call.peer,
      localUri: call.listener.localUri,
      rootPath: model.rootPath,
      objects: model.objects,
      contentFormats: model.contentFormats,
      additional: parameters.additional,
      registeredAt: call.now,
      updatedAt: call.now,
      expiresAt: addDuration(call.now, toMilliseconds(parameters.lifetime)),
    };
    return andThen(this.#context.store.register(registration), (removed) => {
      this.#expiry.expect(registration.expiresAt);
      const answer: Answer = {
        response: { code: ResponseCode.created, locationPath: ['rd', registration.id] },
        afterwards: () => {
          if (removed !== undefined) this.#removals.replaced(removed);
          const replaced = removed?.registration;
          this.#context.signals.registered.emit(
            replaced === undefined ? { registration } : { registration, replaced },
          );
          this.#context.presence.registrationHeard(endpointName, 'register');
        },
      };
      // A sweep that took the registration before this one has to be told first.
      return andThen(this.#expiry.underWay, () => answer);
    });
  }

  #update(call: Call, id: string): void {
    if (!call.request.isConfirmable) {
      this.#refuse(call, 'update', refusal(ResponseCode.badRequest, 'an Update must be confirmable'));
      return;
    }
    this.#withRegistration(call, 'update', id, (registration) => {
      const { payload, uriQuery } = call.request;
      const written = this.#context.writtenLifetimes.take(id);
      if (payload.length === 0 && uriQuery.length === 0 && written === undefined) {
        return this.#touch(call, registration);
      }
      const parsed = parseUpdate(call, this.#context, this.#caches);
      if (isRefusal(parsed)) return parsed;
      const { bindingMode = registration.bindingMode, smsNumber = registration.smsNumber } =
        parsed.parameters;
      const { endpointName } = registration;
      const claim = { endpointName, bindingMode, smsNumber, peer: call.peer };
      const verdict = judgeSmsClaim(claim, this.#context.smsNumbers);
      if (isRefusal(verdict)) return verdict;
      this.#tolerate(call, endpointName, [...parsed.warnings, ...verdict.warnings]);
      return this.#change(call, registration, { ...parsed, written });
    });
  }

  /** A refresh: nothing is parsed and nothing is stored but the time. */
  #touch(call: Call, previous: Registration): MaybePromise<Answer | Refusal> {
    const { now } = call;
    const { peer } = homeOf(previous, call);
    return andThen(this.#context.store.touch(previous.id, peer, now), (outcome) => {
      if (outcome === 'unknown') return unknownLocation;
      if (outcome === 'moved') this.#sessions.move(previous.id, peer);
      const expiresAt = addDuration(now, toMilliseconds(previous.lifetime));
      this.#expiry.expect(expiresAt);
      const { presence, signals } = this.#context;
      const { endpointName } = previous;
      if (signals.updated.listenerCount === 0 && !presence.isAwaited(endpointName)) {
        presence.registrationHeard(endpointName, 'update');
        return changedAnswer;
      }
      const registration = { ...previous, peer, updatedAt: now, expiresAt };
      return { response: changed, afterwards: () => this.#updated(registration, previous) };
    });
  }

  /** `written` is a lifetime that the device was written and does not mention. */
  #change(
    call: Call,
    previous: Registration,
    update: UpdateRequest & { readonly written: Seconds | undefined },
  ): MaybePromise<Answer | Refusal> {
    const { parameters, model, written } = update;
    const lifetime = parameters.lifetime ?? written ?? previous.lifetime;
    const registration: Registration = {
      ...previous,
      ...model,
      lifetime,
      bindingMode: parameters.bindingMode ?? previous.bindingMode,
      smsNumber: parameters.smsNumber ?? previous.smsNumber,
      additional: mergeParameters(
        previous.additional,
        parameters.additional,
        this.#context.limits.additionalParameters,
      ),
      ...homeOf(previous, call),
      updatedAt: call.now,
      expiresAt: addDuration(call.now, toMilliseconds(lifetime)),
      // A list without `ct` leaves the formats as they are: some clients announce them in Register only.
      contentFormats:
        model === undefined || model.contentFormats.length === 0
          ? previous.contentFormats
          : model.contentFormats,
    };
    return andThen(this.#context.store.update(registration), (isThere) => {
      if (!isThere) return unknownLocation;
      if (previous.peer.key !== registration.peer.key) this.#sessions.move(previous.id, registration.peer);
      this.#expiry.expect(registration.expiresAt);
      return {
        response: changed,
        afterwards: () => this.#updated(registration, previous),
      };
    });
  }

  /** The device has its answer, and can be asked now. */
  #updated(registration: Registration, previous: Registration): void {
    this.#context.signals.updated.emit({ registration, previous });
    const sign = registration.objects === previous.objects ? 'update' : 'change';
    this.#context.presence.registrationHeard(registration.endpointName, sign);
  }

  #deregister(call: Call, id: string): void {
    this.#withRegistration(call, 'deregister', id, () =>
      andThen(this.#context.store.remove(id), (removed) => {
        if (removed === undefined) return unknownLocation;
        return {
          response: { code: ResponseCode.deleted },
          afterwards: () => this.#removals.deregistered(removed),
        };
      }),
    );
  }

  /** Does something with the registration at a location, after what is under way for its endpoint. */
  #withRegistration(
    call: Call,
    operation: 'update' | 'deregister',
    id: string,
    next: (registration: Registration) => MaybePromise<Answer | Refusal>,
  ): void {
    const find = (): MaybePromise<Registration | undefined> => this.#context.store.findById(id);
    this.#complete(call, operation, () =>
      andThen(find(), (found) => {
        if (found === undefined) return unknownLocation;
        if (!this.#tasks.isBusy(found.endpointName)) {
          return this.#tasks.run(found.endpointName, () => this.#checked(call, operation, found, next));
        }
        return this.#tasks.run(found.endpointName, () =>
          andThen(find(), (again) =>
            again === undefined ? unknownLocation : this.#checked(call, operation, again, next),
          ),
        );
      }),
    );
  }

  /** Whether this peer may do something with this registration. */
  #checked(
    call: Call,
    operation: 'update' | 'deregister',
    registration: Registration,
    next: (registration: Registration) => MaybePromise<Answer | Refusal>,
  ): MaybePromise<Answer | Refusal> {
    if (registration.expiresAt <= call.now) return unknownLocation;
    if (!samePrincipal(registration.peer, call.peer)) {
      return refusal(ResponseCode.badRequest, 'another device registered this location');
    }
    const isElsewhere = registration.localUri !== call.listener.localUri;
    if (isElsewhere && isSmsUri(registration.localUri) !== isSmsUri(call.listener.localUri)) {
      // Requests go where a device registered: from another way it has to register anew.
      if (!isSmsUri(call.listener.localUri)) return unknownLocation;
    } else if (isElsewhere && this.#isLocalUri(registration.localUri)) {
      return refusal(ResponseCode.badRequest, `this location belongs to ${registration.localUri}`);
    }
    const { endpointName } = registration;
    const claim = { operation, endpointName, peer: call.peer, registration, now: call.now };
    return andThen(authorize(this.#context, claim), (decision) =>
      decision.kind === 'refused' ? refusal(decision.code, decision.reason) : next(registration),
    );
  }

  /**
   * Answers with the result, now or when it is there. A failing store is never a 4.04, on which some
   * devices give up for good: it is 5.03 with the time after which to try again.
   */
  #complete(call: Call, operation: Operation, run: () => MaybePromise<Answer | Refusal>): void {
    let result: MaybePromise<Answer | Refusal>;
    try {
      result = run();
    } catch (error) {
      this.#fail(call, operation, error);
      return;
    }
    if (!(result instanceof Promise)) {
      this.#respond(call, operation, result);
      return;
    }
    result.then(
      (answer) => this.#respondLater(call, () => this.#respond(call, operation, answer)),
      (error: unknown) => this.#respondLater(call, () => this.#fail(call, operation, error)),
    );
  }

  /** Answers outside of the shell's turn, which then has to be told to send. */
  #respondLater(call: Call, respond: () => void): void {
    respond();
    call.listener.flush();
  }

  #respond(call: Call, operation: Operation, answer: Answer | Refusal): void {
    if (isRefusal(answer)) {
      this.#refuse(call, operation, answer);
      return;
    }
    call.listener.respond(call, answer.response);
    if (answer.afterwards !== undefined) call.listener.afterwards(answer.afterwards);
  }

  #fail(call: Call, operation: Operation, error: unknown): void {
    this.#refuse(
      call,
      operation,
      refusal(ResponseCode.serviceUnavailable, 'the server cannot store this at present'),
    );
    this.#diagnose(call, { kind: 'store-failed', time: call.now, doing: operation, error });
  }

  #refuse(call: Call, operation: Operation | 'other', { code, reason }: Refusal): void {
    const { retryAfter } = this.#context.limits;
    call.listener.respond(call, {
      code,
      payload: utf8Encode(reason),
      ...(code === ResponseCode.serviceUnavailable && { maxAge: retryAfter }),
    });
    const endpointName = call.request.uriQuery.find((argument) => argument.startsWith('ep='))?.slice(3);
    const { peer, now: time } = call;
    const coapCode = formatCode(code);
    this.#diagnose(call, { kind: 'request-refused', time, peer, operation, endpointName, coapCode, reason });
  }

  #tolerate(call: Call, endpointName: string, warnings: readonly string[]): void {
    for (const reason of warnings) {
      this.#diagnose(call, { kind: 'tolerated', time: call.now, peer: call.peer, endpointName, reason });
    }
  }

  #diagnose(call: Call, diagnostic: ServerDiagnostic): void {
    const { diagnostics } = this.#context.signals;
    if (diagnostics.listenerCount > 0) call.listener.afterwards(() => diagnostics.emit(diagnostic));
  }
}

/** Where requests go after an Update: to where it came from, unless it came by short message and the device is at home elsewhere. */
function homeOf({ peer, localUri }: Registration, call: Call): Pick<Registration, 'peer' | 'localUri'> {
  const isSecondWay = call.peer.transport === 'sms' && peer.transport !== 'sms';
  return isSecondWay ? { peer, localUri } : { peer: call.peer, localUri: call.listener.localUri };
}

const changed: Response = { code: ResponseCode.changed };
const changedAnswer: Answer = { response: changed };

/** On which a device registers again. */
const unknownLocation = refusal(ResponseCode.notFound, 'there is no such registration');
