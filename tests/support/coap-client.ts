import { type Finished, run } from './program.ts';

/** The message lines that libcoap's client prints with `-v 7`. */
export interface CoapClientRun extends Finished {
  /** Responses, oldest first, such as `{ type: 'ACK', code: '2.05', options: '…', payload: '…' }`. */
  readonly responses: readonly { readonly type: string; readonly code: string; readonly options: string }[];
}

/** Which library secures a program of libcoap. */
export type TlsLibrary = 'openssl' | 'gnutls';

/** Runs libcoap's `coap-client` and reads the messages it says it received. */
export function coapClient(...args: readonly string[]): Promise<CoapClientRun> {
  return runClient('coap-client-notls', ['-B', '25', ...args]);
}

/** The same over DTLS, with more time: handshakes take some, and so do losses. */
export function coapsClient(library: TlsLibrary, ...args: readonly string[]): Promise<CoapClientRun> {
  return runClient(`coap-client-${library}`, ['-B', '60', ...args]);
}

async function runClient(program: string, args: readonly string[]): Promise<CoapClientRun> {
  const finished = await run([program, '-v', '7', ...args]);
  const lines = finished.stdout.matchAll(/^v:1 t:(\w+) c:([245]\.\d\d) i:\w+ \{\w*\} \[(.*?)\](?: |$)/gm);
  return {
    ...finished,
    responses: [...lines].map(([, type = '', code = '', options = '']) => ({
      type,
      code,
      options: options.trim(),
    })),
  };
}
