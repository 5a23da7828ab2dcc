import { once } from 'node:events';
import { connect } from 'node:net';

/** The command line of an Osmocom program: says lines to it, each after the answer to the one before, and gives the answers. */
export async function vty(host: string, port: number, lines: readonly string[]): Promise<string> {
  const socket = connect({ host, port, timeout: 10_000 });
  socket.setEncoding('latin1');
  socket.on('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer`)));
  await once(socket, 'connect');
  let heard = '';
  let waiting: (() => void) | undefined;
  socket.on('data', (text: string) => {
    heard += text;
    waiting?.();
  });
  const prompted = async (): Promise<void> => {
    while (!/[>#] $/.test(heard)) {
      await new Promise<void>((resolve, reject) => {
        waiting = resolve;
        socket.once('error', reject);
        socket.once('close', () => reject(new Error(`${host}:${port} closed the line`)));
      });
    }
  };
  let answers = '';
  try {
    for (const line of ['', ...lines]) {
      if (line !== '') socket.write(`${line}\n`);
      await prompted();
      answers += heard;
      heard = '';
    }
  } finally {
    socket.destroy();
  }
  return answers;
}
