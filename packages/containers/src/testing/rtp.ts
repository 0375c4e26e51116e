import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TapPacket } from '../packet.ts'
import { ffmpeg } from './ffmpeg.ts'

const receiveBufferBytes = 4 * 2 ** 20
const rtpHeaderBytes = 12

/**
 * What ffmpeg's own RTP muxer makes of a file's only track, over UDP on loopback; its time stamps count from the first. `filter` is a
 * bitstream filter, which brings the parameter sets of H.264 from the file's header before each key frame.
 */
export async function packetsByFfmpeg(file: Buffer, filter = 'null'): Promise<TapPacket[]> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: receiveBufferBytes })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  const datagrams: Buffer[] = []
  const ended = new Promise<void>((resolve) => {
    socket.on('message', (datagram) => (datagram.length === 0 ? resolve() : datagrams.push(datagram)))
  })
  try {
    const url = `rtp://127.0.0.1:${port}?rtcpport=${port}&pkt_size=1000`
    const output = ['-c', 'copy', '-bsf', filter, '-strict', 'experimental', '-f', 'rtp', url]
    // Many times faster than played, and slow enough for the socket. It prints a description of the session.
    await ffmpeg(['-readrate', '8', '-i', 'pipe:0', ...output], file)
    const sender = createSocket('udp4')
    sender.send('', port, '127.0.0.1', () => sender.close())
    await ended
  } finally {
    socket.close()
  }
  const [first, ...rest] = datagrams.filter((datagram) => !isControl(datagram))
  if (!first) throw new Error('ffmpeg sent nothing')
  return [first, ...rest].map((datagram, index) => parse(datagram, first, index))
}

const isControl = (datagram: Buffer) => (datagram[1] ?? 0) >= 200 && (datagram[1] ?? 0) <= 207

function parse(datagram: Buffer, first: Buffer, index: number): TapPacket {
  const sequence = (datagram.readUInt16BE(2) - first.readUInt16BE(2)) & 0xffff
  if (sequence !== index) throw new Error(`loopback lost packets before number ${index}`)
  const timestamp = (datagram.readUInt32BE(4) - first.readUInt32BE(4)) | 0
  const marker = ((datagram[1] ?? 0) & 0x80) !== 0
  return { sequence, timestamp, marker, payload: datagram.subarray(rtpHeaderBytes), capturedAtMs: 0 }
}
