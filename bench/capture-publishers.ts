// A process of its own, so that what making pictures costs is not the recorder's: a participant for each token told.
import { joinCall } from '@rtcstack/testkit'

const [url = '', ...tokens] = process.argv.slice(2)
const video = { colour: 'red', widthPx: 640, heightPx: 360, framesPerSecond: 15 } as const
for (const token of tokens) await joinCall({ url, token, publish: { audio: 440, video } })
process.send?.('all are in')
process.on('disconnect', () => process.exit(0))
