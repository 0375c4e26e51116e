import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Timeline } from '@rtcstack/contract'
import { movingBox, tone, writeSound, writeVideo } from './media.ts'
import { emptyTimeline, participant, track } from './timeline.ts'

export const people = {
  PA_green: { colour: 'green', toneHz: 660, name: 'Жанна 漢字 👩‍🚀' },
  PA_red: { colour: 'red', toneHz: 440, name: 'Ärne Ångström' },
  PA_blue: { colour: 'blue', toneHz: 880, name: 'Cyd' },
  PA_yellow: { colour: 'yellow', toneHz: 1320, name: 'Dee' },
} as const

export const callMs = 26_000
const pause = { fromMs: 21_000, untilMs: 23_000 }

/**
 * Writes a call of four into a folder: blue joins at 4 s, green is muted from 6 to 9 s and has no camera from 12 to 14 s, yellow leaves
 * at 15 s, red shares a screen of 4:3 in magenta from 17 to 20 s, nothing is kept from 21 to 23 s. Green's file goes on through the mutes.
 */
export async function writeCall(directory: string): Promise<Timeline> {
  const spans = {
    PA_green: { fromMs: 0, untilMs: callMs },
    PA_red: { fromMs: 0, untilMs: callMs },
    PA_blue: { fromMs: 4_013, untilMs: callMs },
    PA_yellow: { fromMs: 0, untilMs: 15_000 },
  }
  const timeline = emptyTimeline(callMs)
  timeline.pauses = [pause]
  for (const [sid, { colour, toneHz, name }] of Object.entries(people)) {
    const span = spans[sid as keyof typeof people]
    timeline.participants.push(participant(sid, span.fromMs, span.untilMs, name))
    const stretches =
      span.untilMs < pause.fromMs
        ? [span]
        : [
            { ...span, untilMs: pause.fromMs },
            { fromMs: pause.untilMs, untilMs: span.untilMs },
          ]
    const stretch = (file: string, index: number) => ({ directory, file: `${sid}-${index}.${file}` })
    const camera = stretches.map((part, index) =>
      writeVideo({ ...stretch('webm', index), ...part }, movingBox(colour)),
    )
    const microphone = stretches.map((part, index) =>
      writeSound({ ...stretch('ogg', index), ...part }, tone(toneHz)),
    )
    timeline.tracks.push(
      track(sid, 'CAMERA', span, {
        parts: await Promise.all(camera),
        muted: sid === 'PA_green' ? [{ fromMs: 12_000, untilMs: 14_000 }] : [],
      }),
      track(sid, 'MICROPHONE', span, {
        parts: await Promise.all(microphone),
        muted: sid === 'PA_green' ? [{ fromMs: 6_000, untilMs: 9_000 }] : [],
      }),
    )
  }
  const shared = { fromMs: 17_000, untilMs: 20_000 }
  const screen = await writeVideo(
    { directory, file: 'screen.webm', ...shared },
    movingBox('magenta', '800x600', 5),
  )
  timeline.tracks.push(track('PA_red', 'SCREEN_SHARE', shared, { parts: [screen] }))
  timeline.speakers = [
    { atMs: 1_000, sids: ['PA_red'] },
    { atMs: 3_000, sids: ['PA_green', 'PA_red'] },
    { atMs: 5_000, sids: [] },
  ]
  await writeFile(join(directory, 'timeline.json'), JSON.stringify(timeline))
  return timeline
}
