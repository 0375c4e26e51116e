import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { rtpHeaderLength } from './rtp.ts'
import { nearest } from './unwrap.ts'

/** The sender's master key and salt, from the DTLS handshake (RFC 5764). */
export interface SrtpKeys {
  /** 16 bytes. */
  masterKey: Buffer
  /** 12 bytes. */
  masterSalt: Buffer
}

const tagLength = 16

/**
 * Decrypts SRTP with AES-128-GCM (RFC 7714), a stream for each SSRC. werift's own loses a stream for good when more than
 * a hundred packets are missing where sequence numbers wrap, which a stall of a second can do; this one follows RFC 3711.
 */
export function createSrtpReceiver(keys: SrtpKeys): (packet: Buffer) => Buffer | undefined {
  // As an object: of bytes, Node makes one for each packet, which costs more than to decrypt it.
  const key = createSecretKey(derive(keys, 0).subarray(0, 16))
  const salt = derive(keys, 2).subarray(0, 12)
  const newestIndex = new Map<number, number>()

  const openAt = (packet: Buffer, headerLength: number, index: number): Buffer | undefined => {
    const nonce = Buffer.alloc(12)
    packet.copy(nonce, 2, 8, 12)
    nonce.writeUIntBE(index, 6, 6)
    for (let at = 0; at < 12; at++) nonce[at] = (nonce[at] ?? 0) ^ (salt[at] ?? 0)
    const tagAt = packet.length - tagLength
    const decipher = createDecipheriv('aes-128-gcm', key, nonce)
    decipher.setAAD(packet.subarray(0, headerLength))
    decipher.setAuthTag(packet.subarray(tagAt))
    const payload = decipher.update(packet.subarray(headerLength, tagAt))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    // What is authenticated replaces what came, in the buffer that is ours alone.
    payload.copy(packet, headerLength)
    return packet.subarray(0, tagAt)
  }

  /** The packet in clear, undefined for what is not authentic. */
  return (packet) => {
    const headerLength = rtpHeaderLength(packet)
    if (headerLength === undefined || packet.length < headerLength + tagLength) return undefined
    const ssrc = packet.readUInt32BE(8)
    const sequenceNumber = packet.readUInt16BE(2)
    const newest = newestIndex.get(ssrc)
    const guess = newest === undefined ? sequenceNumber : nearest(sequenceNumber, newest, 0x10000)
    // The other two are for a stream whose first packets, or half a turn of them, were lost.
    for (const index of [guess, guess + 0x10000, guess - 0x10000]) {
      const opened = index >= 0 && openAt(packet, headerLength, index)
      if (!opened) continue
      if (newest === undefined || index > newest) newestIndex.set(ssrc, index)
      return opened
    }
    return undefined
  }
}

/** RFC 3711, 4.3: the salt with the label in it, encrypted as counters are. */
function derive({ masterKey, masterSalt }: SrtpKeys, label: number): Buffer {
  const counter = Buffer.alloc(16)
  masterSalt.copy(counter)
  counter[7] = (counter[7] ?? 0) ^ label
  return createCipheriv('aes-128-ecb', masterKey, null).setAutoPadding(false).update(counter)
}
