import type { Timeline, TimelineSpan } from '@rtcstack/contract'
import { seconds } from './filter-graph.ts'
import { pieces } from './intervals.ts'

const samplesPerMs = 48
const longestMs = 60_000
/** Decoders and filters have settled after this much; the mix drops it. */
const runUpMs = 500
const fadeMs = 10
/** The mix is kept this much lower until the limiter: sixteen loud voices at once do not clip. */
const headroom = 8

/** A stretch of the mix: whole samples, the same for any layout. */
export interface Mix {
  fromMs: number
  untilMs: number
}

/** Cuts the sound of a stretch into mixes that can be made apart. */
export const planMixes = (fromMs: number, untilMs: number): Mix[] =>
  pieces(fromMs, untilMs, longestMs).map(([start, end]) => ({ fromMs: start, untilMs: end }))

/**
 * ffmpeg's arguments for a mix, up to the output file, and its filter graph. Every input is brought to the mix's first sample by
 * its time stamps, so mixes made apart join at the sample; the limiter has a memory, so it comes after the joining.
 */
export function mixRun(
  timeline: Timeline,
  mix: Mix,
  resolve: (file: string) => string,
): { args: string[]; graph: string } {
  const firstSample = Math.round(mix.fromMs * samplesPerMs)
  const samples = Math.round(mix.untilMs * samplesPerMs) - firstSample
  const parts = timeline.tracks
    .filter((track) => track.kind === 'audio')
    .flatMap((track) => track.parts.map((part) => ({ part, silent: [...track.muted, ...timeline.pauses] })))
    .filter(({ part }) => part.fromMs < mix.untilMs && (part.untilMs ?? mix.untilMs) > mix.fromMs)
  const inputs = parts.flatMap(({ part }) => {
    const startMs = mix.fromMs - runUpMs
    const seek =
      startMs > part.fromMs ? ['-seek_timestamp', '1', '-ss', seconds(startMs), '-noaccurate_seek'] : []
    return ['-c:a', 'libopus', ...seek, '-i', resolve(part.file)]
  })
  const chains = parts.map(({ silent }, index) =>
    [
      `[${index}:a]aresample=48000:async=1:first_pts=${firstSample}`,
      'aformat=sample_fmts=fltp',
      // One channel goes to both sides in full; ffmpeg's own conversion takes 3 dB from it.
      'pan=stereo|FL=FC+FL|FR=FC+FR',
      ...silent.flatMap((span) => silence(span, mix)),
      `apad=whole_len=${samples}`,
      `atrim=end_sample=${samples}[track${index}]`,
    ].join(','),
  )
  const base = `anullsrc=r=48000:cl=stereo,atrim=end_sample=${samples},aformat=sample_fmts=fltp,asetpts=N+${firstSample}[base]`
  const all = parts.map((_, index) => `[track${index}]`).join('')
  const sum = `[base]${all}amix=inputs=${parts.length + 1}:normalize=0:duration=first,volume=1/${headroom},asetpts=N[out]`
  const output = ['-map', '[out]', '-c:a', 'flac', '-sample_fmt', 's32', '-compression_level', '0']
  return { args: ['-copyts', ...inputs, ...output], graph: [base, ...chains, sum].join(';\n') }
}

/** Filters for the joined mix. */
export const mastering = `volume=${headroom},alimiter=limit=0.9:attack=5:release=50:level=disabled:latency=1`

/** Fades to silence and back: a hard edge would click. Each fade is in force on its side of the middle, where both are silent. */
function silence({ fromMs, untilMs }: TimelineSpan, mix: Mix): string[] {
  const end = untilMs ?? mix.untilMs + 1000
  if (end - fromMs < 10 * fadeMs || fromMs >= mix.untilMs || end + fadeMs <= mix.fromMs) return []
  const middle = seconds((fromMs + end) / 2)
  const fade = (type: string, startMs: number, enable: string) =>
    `afade=t=${type}:st=${seconds(startMs)}:d=${seconds(fadeMs)}:enable='${enable}'`
  return [
    fade('out', fromMs, `between(t,${seconds(fromMs - 100)},${middle})`),
    fade('in', end, `between(t,${middle},${seconds(end + 100)})`),
  ]
}
