import type { FastifyReply } from 'fastify';

import type { EventSink } from '../events/event-hub.ts';

/** Begins a `text/event-stream` as the answer; `ended` is told once, when nobody reads it any more. */
export function eventStream(reply: FastifyReply, ended: () => void): EventSink {
  reply.hijack();
  const response = reply.raw;
  // What hooks have set, such as headers of security, is the framework's until it is written.
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) response.setHeader(name, value);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.on('close', ended);
  response.on('error', ended);
  return {
    write: (text) => void response.write(text),
    get waiting() {
      return response.writableLength;
    },
    close: () => {
      response.end();
      // A reader that takes nothing would hold the end back for ever.
      if (response.writableLength > 0) response.destroy();
    },
  };
}
