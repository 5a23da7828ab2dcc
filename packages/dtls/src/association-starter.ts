import { type Instant, noBytes, Secret, TransmissionError, UsageError } from '@dunlin/base';

import { Association } from './association.ts';
import { associationIdFrom, newAssociationId } from './association-id.ts';
import type { AssociationTable } from './association-table.ts';
import { checkCredentialId } from './check-options.ts';
import type { ConnectOptions, ResolvedOptions } from './dtls-endpoint-options.ts';
import type { DatagramAddress } from './dtls-output.ts';
import { ClientHandshake } from './handshake/client-handshake.ts';
import { deriveEpochKeys } from './handshake/epoch-keys.ts';
import { HandshakeDriver } from './handshake/handshake-driver.ts';
import { ServerHandshake, type ServerHandshakeParameters } from './handshake/server-handshake.ts';
import { makeOffer } from './negotiation/client-offer.ts';
import { RecordLayer } from './record-layer/record-layer.ts';
import { mayOfferSession } from './resumption.ts';
import type { SavedAssociation } from './saved-association.ts';
import { sessionCacheDefaults } from './session-cache.ts';
import type { Session } from './session.ts';
import type { DtlsRecord } from './wire/record.ts';

/** An association and the handshake it is to begin with. */
export interface StartedAssociation {
  readonly association: Association;
  readonly driver: HandshakeDriver;
}

/** Makes associations: of a server, of a client, and out of saved ones. */
export class AssociationStarter {
  readonly #options: ResolvedOptions;
  readonly #table: AssociationTable;

  constructor(options: ResolvedOptions, table: AssociationTable) {
    this.#options = options;
    this.#table = table;
  }

  /** The server's side of a handshake that begins with the hello in `record`; `undefined` when no connection id is left. */
  startServer(
    record: DtlsRecord,
    address: DatagramAddress,
    given: Omit<ServerHandshakeParameters, 'ownConnectionId' | 'random' | 'credentials' | 'options'>,
    now: Instant,
  ): StartedAssociation | undefined {
    const { random, credentials, negotiation } = this.#options;
    const ownConnectionId = given.terms.peerConnectionId === undefined ? noBytes : this.#newConnectionId();
    if (ownConnectionId === undefined) return undefined;
    const { sequenceNumber } = record;
    const records = new RecordLayer({ firstSequenceNumber: sequenceNumber });
    const handshake = new ServerHandshake({
      ...given,
      credentials,
      options: negotiation,
      ownConnectionId,
      random,
    });
    const firstSeq = given.helloMessage.messageSeq + 1;
    const association = this.#association('server', address, records, ownConnectionId);
    association.helloBody = given.helloMessage.body;
    const start = { random, now, firstSeq };
    return { association, driver: new HandshakeDriver(handshake, records, this.#options.driver, start) };
  }

  /**
   * The client's side of a handshake. Throws a `UsageError` when no suite fits the credential, a `TransmissionError`
   * (`overloaded`) when no connection id is left.
   */
  startClient(address: DatagramAddress, options: ConnectOptions, now: Instant): StartedAssociation {
    const { random, negotiation } = this.#options;
    const { credential, credentialId = 'default', serverName } = options;
    checkCredentialId(credentialId);
    const usesConnectionIds = negotiation.connectionIdLength !== undefined;
    const ownConnectionId = this.#newConnectionId();
    if (ownConnectionId === undefined) throw new TransmissionError('overloaded', noConnectionIdLeft);
    const parameters = {
      random: random.bytes(32),
      credential,
      serverName,
      resumed: undefined,
      ownConnectionId: usesConnectionIds ? ownConnectionId : undefined,
      serverCertificateTypes: options.serverCertificateTypes,
    };
    const fresh = makeOffer(parameters, negotiation);
    if (fresh.suites.length === 0) {
      throw new UsageError(`No cipher suite of this endpoint fits a credential of kind ${credential.kind}.`);
    }
    const request = {
      cipherSuites: fresh.suites.map(({ code }) => code),
      serverName: fresh.extensions.serverName,
      maxFragmentLength: fresh.extensions.maxFragmentLength,
      credentialId,
      now,
      maxLifetime: this.#options.sessions.maxLifetime ?? sessionCacheDefaults.maxLifetime,
    };
    const { resume } = options;
    const mayResume = resume !== undefined && mayOfferSession(resume, request);
    const offer = mayResume ? { ...fresh, resumed: copyOf(resume) } : fresh;
    const given = { offer, credential, credentialId, options: negotiation, serverName, random };
    const records = new RecordLayer();
    const start = { random, now, firstSeq: 0 };
    const driver = new HandshakeDriver(new ClientHandshake(given), records, this.#options.driver, start);
    return { association: this.#association('client', address, records, ownConnectionId), driver };
  }

  /** An association that goes on where a saved one stopped, or why it cannot; takes its secret over. */
  restore(saved: SavedAssociation, address: DatagramAddress): Association | string {
    const { session, clientRandom, serverRandom, ownConnectionId, peerConnectionId, role } = saved;
    const id = associationIdFrom(saved.associationId);
    if (this.#table.find(id) !== undefined) return 'There is an association of this id.';
    if (ownConnectionId.length > 0) {
      if (ownConnectionId.length !== this.#options.negotiation.connectionIdLength) {
        return 'Connection ids have another length now.';
      }
      if (this.#table.findByConnectionId(ownConnectionId) !== undefined) return 'Its connection id is taken.';
    } else if (this.#table.at(address).established !== undefined) return 'Its address is taken.';
    if (this.#table.isFull) return 'There is no room.';
    if (saved.readEpoch !== 1 || saved.writeEpoch !== 1) return 'It is of an epoch that does not exist.';
    const records = new RecordLayer({
      restored: {
        writeSequenceNumber: saved.nextWriteSequenceNumber,
        replayWindow: saved.replayWindow,
        macErrors: 0,
        writeLimit: saved.maxSentContent,
        readLimit: saved.maxReceivedContent,
      },
    });
    const { suite, masterSecret } = session;
    const connectionIds = { ownConnectionId, peerConnectionId };
    const parameters = { role, suite, masterSecret, clientRandom, serverRandom, ...connectionIds };
    const keys = deriveEpochKeys(parameters, this.#options.random);
    records.protectReading(keys.reading);
    records.protectWriting(keys.writing);
    const options = this.#options.association;
    const association = new Association({ id, role, address, records, ownConnectionId, options });
    const result = { session, isResumed: false, clientRandom, serverRandom, ...connectionIds };
    association.resume(result, saved.lastActiveAt);
    return association;
  }

  #association(
    role: Association['role'],
    address: DatagramAddress,
    records: RecordLayer,
    ownConnectionId: Uint8Array,
  ): Association {
    const id = newAssociationId(this.#options.random);
    return new Association({
      id,
      role,
      address,
      records,
      ownConnectionId,
      options: this.#options.association,
    });
  }

  /** Unpredictable, so that nobody can guess those of others, and nobody else's; `undefined` when nearly all are taken. */
  #newConnectionId(): Uint8Array | undefined {
    const length = this.#options.negotiation.connectionIdLength ?? 0;
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const connectionId = this.#options.random.bytes(length);
      if (length === 0 || this.#table.findByConnectionId(connectionId) === undefined) return connectionId;
    }
    return undefined;
  }
}

/** Why there is no place for one more association that wants a connection id. */
export const noConnectionIdLeft = 'Nearly all connection ids of this length are taken.';

/** Drawing a taken connection id so often in a row means that nearly all are taken. */
const maxAttempts = 100;

function copyOf(session: Session): Session {
  return { ...session, masterSecret: new Secret(session.masterSecret.reveal().slice()) };
}
