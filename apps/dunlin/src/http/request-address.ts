import { normaliseAddress } from '@dunlin/node';
import type { FastifyRequest } from 'fastify';

/** Where a request comes from: the address behind a proxy that is believed, and an IPv4 address as one, whatever the socket. */
export function addressOf(request: FastifyRequest): string {
  return normaliseAddress(request.ip);
}
