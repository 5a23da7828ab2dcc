import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import { utf8Encode } from '@dunlin/base';
import {
  ContentFormat,
  decodeMessage,
  encodeMessage,
  formatCode,
  MessageType,
  Method,
  requestOptions,
} from '@dunlin/coap';

/** Sends a Register request by hand, again and again as CoAP does, and gives the code of the answer. */
export async function registerByHand(server: string, endpoint: string, id: number): Promise<string> {
  const { hostname, port } = new URL(server.replace('coap:', 'http:'));
  const request = encodeMessage({
    type: MessageType.confirmable,
    code: Method.post,
    messageId: id,
    token: Uint8Array.of(id >> 8, id & 0xff),
    options: requestOptions({
      method: Method.post,
      uriPath: ['rd'],
      uriQuery: [`ep=${endpoint}`, 'lt=600', 'lwm2m=1.0', 'b=U'],
      contentFormat: ContentFormat.linkFormat,
    }),
    payload: utf8Encode('</3/0>'),
  });
  const socket = createSocket('udp4');
  const send = (): void => socket.send(request, Number(port), hostname);
  const repeating = setInterval(send, 2000);
  try {
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(60_000) });
    send();
    const [datagram] = (await answered) as [Uint8Array];
    const answer = decodeMessage(datagram);
    return answer.kind === 'malformed' ? answer.reason : formatCode(answer.code);
  } finally {
    clearInterval(repeating);
    socket.close();
  }
}
