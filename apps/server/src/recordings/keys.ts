import { keyNameOf } from '@rtcstack/blobs'

interface Named {
  id: string
  room: string
  startedAt: Date
}

/** Where a recording is in the store: its file is `<place>.mp4`, and all else of it below `<place>/`. */
export const placeOf = ({ id, room, startedAt }: Named): string =>
  `${keyNameOf(room)}/${startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')}-${id}`

/** The keys of a recording by its place. */
export const keysOf = (place: string) => ({
  file: `${place}.mp4`,
  folder: `${place}/`,
  timeline: `${place}/timeline.json`,
  journal: `${place}/timeline.jsonl`,
  /** A file of a track, named as in the timeline. */
  part: (file: string) => `${place}/${file}`,
  /** Of the pieces that the file is made of. */
  pieces: `${place}/pieces/`,
  video: (chunk: string) => `${place}/pieces/${chunk}.mp4`,
  audio: (chunk: string) => `${place}/pieces/${chunk}.aac`,
  extra: (renderId: string) => `${place}/renders/${renderId}.mp4`,
})
