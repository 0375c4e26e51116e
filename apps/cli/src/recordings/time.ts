import { InvalidArgumentError } from 'commander'

const forms = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d{1,3})?)$/

/** Milliseconds of a place in a recording, written as seconds, m:ss or h:mm:ss; undefined for anything else. */
export function placeMs(text: string): number | undefined {
  const [, hours, minutes, seconds] = forms.exec(text) ?? []
  if (seconds === undefined) return undefined
  const isCarried = minutes !== undefined && (!/^\d\d(\.|$)/.test(seconds) || Number(seconds) >= 60)
  if (isCarried || (hours !== undefined && Number(minutes) >= 60)) return undefined
  return Math.round((Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds)) * 1000)
}

/** The same, of an option. */
export function readPlaceMs(text: string): number {
  const ms = placeMs(text)
  if (ms !== undefined) return ms
  throw new InvalidArgumentError('It must be seconds, m:ss or h:mm:ss, such as 90, 1:30 or 1:02:03.5.')
}

/** A place in a recording for people, to the second: m:ss, or h:mm:ss. */
export function placeText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const tail = String(seconds % 60).padStart(2, '0')
  return hours === 0 ? `${minutes}:${tail}` : `${hours}:${String(minutes).padStart(2, '0')}:${tail}`
}
