import type { Timeline, TimelineSpan } from '@rtcstack/contract'
import { seconds } from './filter-graph.ts'
import { samplesPerMs } from './sound-plan.ts'
import { settleMs } from './source-span.ts'

const fadeMs = 10
const limiter = 'alimiter=limit=0.9:attack=5:release=50:level=disabled:latency=1'

/** A stretch of the mix: whole samples, the same for any layout. */
export interface Mix {
  fromMs: number
  untilMs: number
}

/**
 * ffmpeg's arguments for a mix and its filter graph; the sound comes to the standard output in ADTS frames of AAC. Every input is
 * brought to the mix's first sample by its time stamps.
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
    const startMs = mix.fromMs - settleMs
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
  const sum = `[base]${all}amix=inputs=${parts.length + 1}:normalize=0:duration=first,${limiter},asetpts=N[out]`
  const output = ['-map', '[out]', '-c:a', 'aac', '-b:a', '128k', '-f', 'adts', 'pipe:1']
  return { args: ['-copyts', ...inputs, ...output], graph: [base, ...chains, sum].join(';\n') }
}

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
