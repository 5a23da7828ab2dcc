/** The commands of SMPP 3.4 that an ESME of ours takes part in (§5.1.2.1). */
export const CommandId = {
  genericNack: 0x8000_0000,
  bindReceiver: 0x0000_0001,
  bindReceiverResp: 0x8000_0001,
  bindTransmitter: 0x0000_0002,
  bindTransmitterResp: 0x8000_0002,
  submitSm: 0x0000_0004,
  submitSmResp: 0x8000_0004,
  deliverSm: 0x0000_0005,
  deliverSmResp: 0x8000_0005,
  unbind: 0x0000_0006,
  unbindResp: 0x8000_0006,
  bindTransceiver: 0x0000_0009,
  bindTransceiverResp: 0x8000_0009,
  outbind: 0x0000_000b,
  enquireLink: 0x0000_0015,
  enquireLinkResp: 0x8000_0015,
  alertNotification: 0x0000_0102,
  dataSm: 0x0000_0103,
  dataSmResp: 0x8000_0103,
} as const;
export type CommandId = (typeof CommandId)[keyof typeof CommandId];

/** True for the commands that answer another one (SMPP 3.4 §5.1.2: the highest bit); they are never answered. */
export function isAnswer(commandId: number): boolean {
  return commandId >= CommandId.genericNack;
}
