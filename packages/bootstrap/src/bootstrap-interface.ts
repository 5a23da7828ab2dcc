import { utf8Encode } from '@dunlin/base';
import { formatCode, Method, ResponseCode } from '@dunlin/coap';
import { bootstrapPath, isRefusal, type Refusal, refusal } from '@dunlin/lwm2m';

import type { BootstrapContext } from './bootstrap-context.ts';
import type { BootstrapDiagnostic } from './bootstrap-event.ts';
import type { Call } from './bootstrap-listener.ts';
import { type BootstrapRequest, parseBootstrapRequest } from './bootstrap-request.ts';
import { holdsKeys } from './configuration/bootstrap-configuration.ts';
import { targetText } from './configuration/bootstrap-target.ts';
import type { EndpointClaim } from './endpoint-identities.ts';
import { issueAccounts, type ReadyConfiguration } from './security-issuer.ts';
import type { BootstrapSessions } from './session/bootstrap-sessions.ts';

/** The requests of devices: Bootstrap-Request, and all else, which is refused (1.0 §5.2.7.1). */
export class BootstrapInterface {
  readonly #context: BootstrapContext;
  readonly #sessions: BootstrapSessions;
  /** The last request of each endpoint that is being looked at: a later one makes an earlier one void. */
  readonly #pending = new Map<string, symbol>();
  #isClosed = false;

  /** What is about to be given, once the answers are on their way. */
  readonly #waiting = new Set<ReadyConfiguration>();

  constructor(context: BootstrapContext, sessions: BootstrapSessions) {
    this.#context = context;
    this.#sessions = sessions;
  }

  /** Begins nothing any more. */
  close(): void {
    for (const ready of this.#waiting) ready.settle('not-given');
    this.#waiting.clear();
    this.#isClosed = true;
  }

  answer(call: Call): void {
    const { method, uriPath } = call.request;
    if (uriPath.length !== 1 || uriPath[0] !== bootstrapPath) {
      const path = uriPath.join('/').slice(0, 100);
      this.#refuse(call, 'other', refusal(ResponseCode.notFound, `a Bootstrap-Server has /bs, not /${path}`));
    } else if (method === Method.post) {
      this.#bootstrap(call);
    } else {
      this.#refuse(call, 'other', refusal(ResponseCode.methodNotAllowed, '/bs takes POST'));
    }
  }

  /**
   * What an endpoint at a peer is given, or why it is given nothing: for a session that the device or the server
   * begins alike. Rejects when it cannot be found out.
   */
  async configurationFor(claim: EndpointClaim): Promise<ReadyConfiguration | Refusal> {
    const { endpointName, peer } = claim;
    const { identities, configurations } = this.#context;
    const judgement = await identities.judge(claim);
    if (judgement.kind === 'refused') return refusal(judgement.code, judgement.reason);
    const found = await configurations.find(endpointName);
    if (found === undefined) {
      // The code that the text has for an endpoint that is not known.
      return refusal(ResponseCode.badRequest, 'there is no bootstrap configuration for this endpoint');
    }
    const { configuration } = found;
    const isSafe = peer.security.kind !== 'none' || configuration.allowsKeysWithoutSecurity === true;
    if (!isSafe && holdsKeys(configuration)) {
      const reason = `the configuration for ${targetText(configuration.target)} holds keys: it is given over DTLS (coaps) only`;
      return refusal(ResponseCode.forbidden, reason);
    }
    return await issueAccounts(configuration, endpointName, this.#context.issuer);
  }

  #bootstrap(call: Call): void {
    const request = parseBootstrapRequest(call, this.#context);
    if (isRefusal(request)) {
      this.#refuse(call, 'bootstrap', request);
      return;
    }
    const { limits } = this.#context;
    const { endpointName } = request;
    const isKnown = this.#sessions.ofEndpoint(endpointName) !== undefined;
    if (!isKnown && this.#sessions.size >= limits.sessions) {
      this.#refuse(call, 'bootstrap', busy('there are too many bootstrap sessions under way'));
    } else if (!this.#pending.has(endpointName) && this.#pending.size >= limits.pendingRequests) {
      this.#refuse(call, 'bootstrap', busy('there are too many Bootstrap-Requests'));
    } else {
      const mark = Symbol(endpointName);
      this.#pending.set(endpointName, mark);
      void this.#decide(call, request, mark);
    }
  }

  /** Answers outside of the shell's turn, which then has to be told to send. */
  async #decide(call: Call, request: BootstrapRequest, mark: symbol): Promise<void> {
    const { endpointName, warnings } = request;
    const { peer, now: time } = call;
    try {
      const ready = await this.configurationFor({ endpointName, peer });
      if (isRefusal(ready)) {
        this.#refuse(call, 'bootstrap', ready);
      } else if (this.#isClosed || this.#pending.get(endpointName) !== mark) {
        ready.settle('not-given');
        this.#refuse(call, 'bootstrap', busy('a later Bootstrap-Request takes its place'));
      } else {
        for (const reason of warnings)
          this.#diagnose(call, { kind: 'tolerated', time, peer, endpointName, reason });
        this.#accept(call, request, ready);
      }
    } catch (error) {
      this.#refuse(call, 'bootstrap', busy('the configuration cannot be looked up at present'));
      this.#diagnose(call, { kind: 'store-failed', time, doing: 'bootstrap', error });
    } finally {
      if (this.#pending.get(endpointName) === mark) this.#pending.delete(endpointName);
    }
    call.listener.flush();
  }

  /** The answer goes first: a device takes nothing from who has not taken its request. */
  #accept(call: Call, { endpointName }: BootstrapRequest, ready: ReadyConfiguration): void {
    const { listener, peer } = call;
    listener.respond(call, { code: ResponseCode.changed });
    this.#waiting.add(ready);
    listener.afterwards(() => {
      // Not when the server was closed meanwhile.
      if (!this.#waiting.delete(ready)) return;
      this.#sessions.start({ endpointName, peer, listener, initiatedBy: 'client', ready });
    });
  }

  #refuse(call: Call, operation: 'bootstrap' | 'other', { code, reason }: Refusal): void {
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

  #diagnose(call: Call, diagnostic: BootstrapDiagnostic): void {
    const { diagnostics } = this.#context.signals;
    if (diagnostics.listenerCount > 0) call.listener.afterwards(() => diagnostics.emit(diagnostic));
  }
}

function busy(reason: string): Refusal {
  return refusal(ResponseCode.serviceUnavailable, reason);
}
