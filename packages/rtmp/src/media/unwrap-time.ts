/**
 * Makes times that go on of 32 bits that wrap. One is shared by the audio and the video of a publisher, which are never 24 days
 * apart, and so wrap together whichever comes first.
 */
export function createTimeUnwrapper(): (timestamp: number) => number {
  let last: number | undefined
  return (timestamp) => {
    last = last === undefined ? timestamp : last + ((timestamp - last) | 0)
    return last
  }
}
