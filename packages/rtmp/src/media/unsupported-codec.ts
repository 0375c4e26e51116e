/** The encoder sends something else than H.264 and AAC. The message is for whoever set it up. */
export class UnsupportedCodecError extends Error {
  override readonly name = 'UnsupportedCodecError'
  readonly codec: string

  constructor(kind: 'video' | 'audio', codec: string) {
    super(`${codec} is not supported, send ${kind === 'video' ? 'H.264' : 'AAC'}`)
    this.codec = codec
  }
}
