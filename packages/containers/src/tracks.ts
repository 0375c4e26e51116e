import { createAv1Depacketiser } from './depacketise/av1.ts'
import type { Depacketiser } from './depacketise/depacketiser.ts'
import { createH264Depacketiser } from './depacketise/h264.ts'
import { createOpusDepacketiser } from './depacketise/opus.ts'
import { createVp8Depacketiser } from './depacketise/vp8.ts'
import { createVp9Depacketiser } from './depacketise/vp9.ts'
import type { Codec } from './frame.ts'
import { createMatroskaWriter } from './matroska/writer.ts'
import { createOggOpusWriter } from './ogg/opus-writer.ts'
import type { Append, TrackWriter } from './writer.ts'

interface TrackKind {
  createDepacketiser(): Depacketiser
  /** `preRoll`: packets of sound that stand just before the first one. */
  createWriter(append: Append, preRoll?: Buffer[]): TrackWriter
  /** Extension of the file's name, with the dot. */
  extension: string
  mediaType: string
}

const webm = (codec: 'vp8' | 'vp9' | 'av1') => ({
  createWriter: (append: Append) => createMatroskaWriter({ codec, append }),
  extension: '.webm',
  mediaType: 'video/webm',
})

/** How a track of each codec is read from RTP and kept in a file. */
export const trackKinds: Readonly<Record<Codec, TrackKind>> = {
  opus: {
    createDepacketiser: createOpusDepacketiser,
    createWriter: (append, preRoll = []) => createOggOpusWriter({ append, preRoll }),
    extension: '.ogg',
    mediaType: 'audio/ogg',
  },
  vp8: { createDepacketiser: createVp8Depacketiser, ...webm('vp8') },
  vp9: { createDepacketiser: createVp9Depacketiser, ...webm('vp9') },
  av1: { createDepacketiser: createAv1Depacketiser, ...webm('av1') },
  h264: {
    createDepacketiser: createH264Depacketiser,
    createWriter: (append) => createMatroskaWriter({ codec: 'h264', append }),
    extension: '.mkv',
    mediaType: 'video/matroska',
  },
}
