/** Where the processes tell each other that a recording has changed; the payload is its id. */
export const recordingsChannel = 'rtcstack_recordings'

/** Where the processes tell each other that there is something to render. */
export const rendersChannel = 'rtcstack_renders'
