/** The peer broke the protocol or a limit; its connection is ended and nothing else. The text holds nothing that it sent. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}
