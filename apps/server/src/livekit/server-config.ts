export interface ServerConfigOptions {
  /** Signalling and API, on loopback. */
  port: number
  udpPort: number
  /** False: media on loopback only. */
  publicHost: boolean
  /** Address that clients send media to; LiveKit finds one when absent. */
  nodeIp: string | undefined
  apiKey: string
  apiSecret: string
  webhookUrl: string
}

/** Our limits are in characters, of up to four bytes; LiveKit's are in bytes. */
const maxNameBytes = 256 * 4

/** The configuration of a managed livekit-server (config-sample.yaml of LiveKit 1.13). */
export function serverConfig(options: ServerConfigOptions) {
  const { port, udpPort, publicHost, nodeIp, apiKey, apiSecret, webhookUrl } = options
  return {
    port,
    bind_addresses: ['127.0.0.1'],
    keys: { [apiKey]: apiSecret },
    rtc: {
      udp_port: udpPort,
      // It would listen on every address, whatever bind_addresses says.
      tcp_port: 0,
      use_external_ip: false,
      enable_loopback_candidate: true,
      // Otherwise clients are told to ask public STUN servers.
      stun_servers: ['127.0.0.1:3478'],
      ...(publicHost
        ? nodeIp && { node_ip: nodeIp }
        : { node_ip: '127.0.0.1', ips: { includes: ['127.0.0.1/32'] } }),
    },
    room: { auto_create: true, enable_remote_unmute: true },
    limit: {
      max_metadata_size: 65_536,
      max_attributes_size: 65_536,
      max_room_name_length: maxNameBytes,
      max_participant_identity_length: maxNameBytes,
      max_participant_name_length: maxNameBytes,
    },
    webhook: { api_key: apiKey, urls: [webhookUrl] },
    logging: { level: 'info', json: true },
  }
}
