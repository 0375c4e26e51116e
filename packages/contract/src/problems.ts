/** Where a problem's `type` points; each has a page under `/errors/<slug>` of every RTCstack server. */
export const problemTypeBase = 'https://rtcstack.dev/errors/'

interface ProblemKind {
  /** The HTTP status every problem of this kind has. */
  status: number
  /** The HTTP phrase of that status. */
  title: string
  /** What happened, for the page that documents it. */
  meaning: string
  /** What the caller can do about it. */
  remedy: string
}

/** Every problem the API can answer with, by slug (RFC 9457). */
export const problemCatalogue = {
  'bad-request': {
    status: 400,
    title: 'Bad Request',
    meaning: 'The request could not be read as HTTP or as JSON.',
    remedy: 'Send one well-formed JSON object in UTF-8, without repeated keys and at most 32 levels deep.',
  },
  'validation-failed': {
    status: 400,
    title: 'Bad Request',
    meaning: 'The request was read, but a value breaks its rule. `errors` names each by JSON pointer.',
    remedy: 'Correct the named values. Nothing is converted: 5 is not "5", and null is not absent.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    meaning:
      'The X-API-Key header is missing, repeated or wrong, or the participant token or the stream key is not valid.',
    remedy:
      'Send the server’s API_SECRET as X-API-Key, or a valid participant token as Authorization: Bearer.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    meaning:
      'The participant token is valid, but its role or its room does not allow this; or a link to a file is not of this server, or has expired.',
    remedy: 'Use a token of that room whose role allows the action, or the API key; ask for a new link.',
  },
  'participant-banned': {
    status: 403,
    title: 'Forbidden',
    meaning: 'The participant was removed from the room: this token, or any new one, is refused.',
    remedy: 'Ask for a new token when the ban has ended (`bannedUntil` where one is set).',
  },
  'not-found': {
    status: 404,
    title: 'Not Found',
    meaning:
      'There is no such route, room, participant, track, recording, file, ingress endpoint, session, webhook or delivery.',
    remedy: 'Check the address; rooms exist from their creation until they close, then only as sessions.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Method Not Allowed',
    meaning: 'The address exists, but not with this method.',
    remedy: 'Use a method of the Allow header.',
  },
  'request-timeout': {
    status: 408,
    title: 'Request Timeout',
    meaning: 'The request did not arrive whole in time.',
    remedy: 'Send the request again over a working connection.',
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    meaning: 'The current state does not allow this.',
    remedy: 'Read the current state, then decide again.',
  },
  'idempotency-in-progress': {
    status: 409,
    title: 'Conflict',
    meaning: 'A request with this Idempotency-Key is still running.',
    remedy: 'Wait for Retry-After and send the same request again: it gets the first answer.',
  },
  'payload-too-large': {
    status: 413,
    title: 'Content Too Large',
    meaning: 'The body is larger than 256 KiB.',
    remedy: 'Send less; keep large data elsewhere and send its address.',
  },
  'uri-too-long': {
    status: 414,
    title: 'URI Too Long',
    meaning: 'The address is longer than 8 KiB.',
    remedy: 'Shorten the address.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported Media Type',
    meaning: 'The body is not JSON.',
    remedy: 'Send Content-Type: application/json.',
  },
  'range-not-satisfiable': {
    status: 416,
    title: 'Range Not Satisfiable',
    meaning: 'The Range header asks for bytes beyond the end of the file.',
    remedy: 'Ask for bytes within the size that Content-Range gives.',
  },
  'expectation-failed': {
    status: 417,
    title: 'Expectation Failed',
    meaning: 'The Expect header asks for something other than 100-continue.',
    remedy: 'Leave the Expect header out.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Unprocessable Content',
    meaning: 'This Idempotency-Key was used for another request within the last 24 hours.',
    remedy: 'Use a new key for a new request.',
  },
  'precondition-failed': {
    status: 412,
    title: 'Precondition Failed',
    meaning: 'The If-Match header does not name the present ICE session of this WHIP session.',
    remedy: 'Use the ETag of the last answer, or publish anew.',
  },
  'precondition-required': {
    status: 428,
    title: 'Precondition Required',
    meaning: 'A PATCH of a WHIP session needs an If-Match header.',
    remedy: 'Send the ETag of the last answer as If-Match, or "*" for an ICE restart.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too Many Requests',
    meaning: 'Too many requests of this kind in too short a time.',
    remedy: 'Wait for Retry-After; the RateLimit headers say how much is left.',
  },
  'headers-too-large': {
    status: 431,
    title: 'Request Header Fields Too Large',
    meaning: 'The request line and headers are larger than 16 KiB.',
    remedy: 'Send fewer or smaller headers.',
  },
  internal: {
    status: 500,
    title: 'Internal Server Error',
    meaning: 'A fault of ours. It is logged under `requestId`.',
    remedy: 'Report the requestId to the operator of this server.',
  },
  'media-server-refused': {
    status: 502,
    title: 'Bad Gateway',
    meaning: 'LiveKit refused this server’s own key, or answered what it should not.',
    remedy: 'The operator checks LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET.',
  },
  'media-server-unavailable': {
    status: 503,
    title: 'Service Unavailable',
    meaning: 'LiveKit did not answer within 5 seconds.',
    remedy: 'Try again after Retry-After. A managed LiveKit restarts by itself.',
  },
  'database-unavailable': {
    status: 503,
    title: 'Service Unavailable',
    meaning: 'The database did not answer in time.',
    remedy: 'Try again after Retry-After. A managed database restarts by itself.',
  },
  'recorder-capacity': {
    status: 503,
    title: 'Service Unavailable',
    meaning: 'No recorder has room for another recording, or none began within 5 seconds.',
    remedy:
      'Try again after Retry-After. The operator adds record workers, or raises RECORDING_MAX_CAPTURES where the machine allows it.',
  },
  'ingress-unavailable': {
    status: 503,
    title: 'Service Unavailable',
    meaning: 'No server takes streams of this kind.',
    remedy:
      'Use another type, such as "whip", or try again when the operator has a server that takes this one; `detail` says what is missing.',
  },
  'storage-unavailable': {
    status: 503,
    title: 'Service Unavailable',
    meaning: 'The store of recordings does not answer, or refuses this server.',
    remedy: 'Try again after Retry-After. /readyz tells the operator what is wrong with it.',
  },
  'shutting-down': {
    status: 503,
    title: 'Service Unavailable',
    meaning: 'This server is ending and takes no new requests.',
    remedy: 'Try again after Retry-After, or another replica.',
  },
} as const satisfies Record<string, ProblemKind>

/** The stable name of a kind of problem. */
export type ProblemSlug = keyof typeof problemCatalogue
