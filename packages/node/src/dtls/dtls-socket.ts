import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Instant, Random } from '@dunlin/base';
import type { Peer, Shell } from '@dunlin/coap';
import type { SavedAssociation } from '@dunlin/dtls';

import { udp } from '../udp/udp-shell.ts';
import type { DtlsDiagnostic } from './dtls-diagnostic.ts';
import type { DtlsLayer } from './dtls-layer.ts';
import type { DtlsOptions } from './dtls-options.ts';
import type { SavedState } from './saved-state-file.ts';

/** Says, by calling one of two, whether a saved association may go on. */
export type JudgeSaved = (
  association: SavedAssociation,
  outcome: { readonly trusted: () => void; readonly refused: (reason: string) => void },
) => Promise<void>;

/**
 * Enough to hide the way to a data base, and few enough not to flood it; to make their keys out of master secrets takes
 * 50 µs each.
 */
const maxJudgedAtOnce = 64;

/** A UDP shell with a DTLS layer: what the shells of servers and clients have in common. */
export class DtlsSocket implements AsyncDisposable {
  readonly #udp: Shell;
  readonly #layer: DtlsLayer;
  readonly #savedState: SavedState | undefined;
  readonly #onDiagnostic: (diagnostic: DtlsDiagnostic) => void;
  #isClosed = false;

  /** Binds the socket first, so that a port in use costs no saved state. */
  static async open(
    layer: DtlsLayer,
    options: Readonly<DtlsOptions>,
    judge: JudgeSaved,
  ): Promise<DtlsSocket> {
    const shell = await (options.carrier?.binding ?? udp(options)).open(layer);
    const socket = new DtlsSocket(shell, layer, options);
    if (options.keyLog !== undefined) socket.#onDiagnostic({ kind: 'keys-are-logged' });
    await socket.#restore(judge);
    layer.open();
    socket.flush();
    return socket;
  }

  private constructor(shell: Shell, layer: DtlsLayer, options: Readonly<DtlsOptions>) {
    this.#udp = shell;
    this.#layer = layer;
    this.#savedState = options.savedState;
    this.#onDiagnostic = options.onDiagnostic ?? ((): void => undefined);
  }

  get local(): Shell['local'] {
    const { address, port, uri } = this.#udp.local;
    return { address, port, uri: uri.replace(/^coap/, 'coaps') };
  }

  get random(): Random {
    return this.#udp.random;
  }

  now(): Instant {
    return this.#udp.now();
  }

  /** A role that is being called is asked for what it wants to send right after. */
  flush(): void {
    if (!this.#layer.isBusy) this.#udp.flush();
  }

  peer(address: string, port: number): Peer {
    return this.#udp.peer(address, port);
  }

  resolve(host: string, port: number): Promise<Peer> {
    return this.#udp.resolve(host, port);
  }

  securedPeer(address: string, port: number): Peer | undefined {
    return this.#layer.associationAt(address, port)?.peer;
  }

  disconnect(peer: Peer): void {
    this.#layer.disconnect(peer);
    this.flush();
  }

  async rebind(): Promise<void> {
    await this.#udp.rebind?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // What the role said last is still sent.
    this.#udp.flush();
    if (this.#savedState === undefined) this.#layer.close();
    else await this.#save(this.#savedState);
    await this.#udp[Symbol.asyncDispose]();
  }

  async #restore(judge: JudgeSaved): Promise<void> {
    const tell = this.#onDiagnostic;
    try {
      const state = await this.#savedState?.take(this.#udp.now());
      if (state?.kind === 'failure') {
        tell({ kind: 'state-not-restored', problem: state.problem, reason: state.reason });
      } else if (state !== undefined) {
        const { associations, expired } = state;
        const refused: string[] = [];
        await this.#goOn(associations, judge, refused);
        tell({
          kind: 'state-restored',
          associations: associations.length - refused.length,
          expired,
          refused,
        });
      }
    } catch (error) {
      // The associations are lost, which peers get over by new handshakes; to serve is worth more.
      tell({ kind: 'state-not-restored', problem: 'unreadable', reason: reasonOf(error) });
    }
  }

  /** Several at a time, for stores of credentials that take their time; notes why some cannot go on. */
  async #goOn(
    associations: readonly SavedAssociation[],
    judge: JudgeSaved,
    refused: string[],
  ): Promise<void> {
    for (let start = 0; start < associations.length; start += maxJudgedAtOnce) {
      const batch = associations.slice(start, start + maxJudgedAtOnce).map(async (association) => {
        const refuse = (reason: string): void => {
          association.session.masterSecret.destroy();
          refused.push(reason);
        };
        const goOn = (): void => {
          const problem = this.#layer.restore(association);
          if (problem !== undefined) refuse(problem);
        };
        await judge(association, { trusted: goOn, refused: refuse });
      });
      await Promise.all(batch);
      // A hundred thousand must not hold up the rest of the process.
      if (start + maxJudgedAtOnce < associations.length) await nextTurn();
    }
  }

  async #save(savedState: SavedState): Promise<void> {
    const associations = this.#layer.save();
    try {
      await savedState.keep(associations, this.random);
      this.#onDiagnostic({ kind: 'state-saved', associations: associations.length });
    } catch (error) {
      this.#onDiagnostic({ kind: 'state-not-saved', reason: reasonOf(error), cause: error });
    } finally {
      for (const { session } of associations) session.masterSecret.destroy();
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
