import { type Static, type TSchema, Type } from 'typebox'

/** Names are shown to people and put into addresses, so no control characters; `.` and `..` cannot be addressed. */
const namePattern = '^(?!\\.{1,2}$)[^\\u0000-\\u001F\\u007F-\\u009F]+$'

const name = (description: string, example: string) =>
  Type.String({ minLength: 1, maxLength: 256, pattern: namePattern, description, examples: [example] })

/** A LiveKit room name, which is the room's id here. */
export const RoomName = name('Room name, which is also its id.', 'team-standup')

/** A participant's identity, unique in its room. */
export const Identity = name('Unique participant identity.', 'user-42')

/** Identity or `PA_…` sid, as a path segment. */
export const ParticipantId = name('Identity of the participant, or its PA_… sid.', 'user-42')

/** What other people see. Control characters are refused. */
export const DisplayName = name('Name that others see.', 'Ada Lovelace')

/** An ISO 8601 instant in UTC with milliseconds. */
export const Instant = Type.String({ format: 'date-time', examples: ['2026-01-01T12:30:00.000Z'] })

/** An instant as a caller gives it (RFC 3339): UTC or with an offset. */
export const GivenInstant = Type.String({
  format: 'date-time',
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$',
  examples: ['2026-01-01T12:30:00.000Z'],
})

/** An error of the API (RFC 9457, `application/problem+json`). */
export const Problem = Type.Object(
  {
    type: Type.String({ format: 'uri', description: 'Names the kind; switch on this.' }),
    title: Type.String({ description: 'The HTTP phrase of the status.' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What went wrong this time.' }),
    requestId: Type.String({ description: 'The request in the server’s log; also the X-Request-Id header.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON pointer of the value, as a fragment.' }),
          detail: Type.String(),
        }),
        { description: 'For validation-failed: each value that breaks a rule.' },
      ),
    ),
    bannedUntil: Type.Optional(
      Type.Union([Instant, Type.Null()], {
        description: 'For participant-banned by a ban: when it ends; null means never.',
      }),
    ),
  },
  { $id: 'Problem', additionalProperties: false },
)
export type Problem = Static<typeof Problem>

/** `limit` and `cursor` of a list that is complete when neither is given. */
export const OptionalPage = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: 'At most so many; without it, all.' }),
  ),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: '`nextCursor` of the page before.' }),
  ),
}

/** `limit` and `cursor` of a list that is always paged. */
export const Page = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: 'At most so many; 50 unless told.' }),
  ),
  cursor: OptionalPage.cursor,
}

/** The `nextCursor` that a list adds: null on the last page. */
export const NextCursor = Type.Union([Type.String(), Type.Null()], {
  description: 'Give it as `cursor` for the next page; null when there is none.',
})

/** An object of the API: unknown properties of a request are refused by name. */
export const strict = <T extends Record<string, TSchema>>(
  properties: T,
  options: Record<string, unknown> = {},
) => Type.Object(properties, { additionalProperties: false, ...options })
