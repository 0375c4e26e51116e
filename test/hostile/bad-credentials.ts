import { AccessToken } from 'livekit-server-sdk'

/** Headers that name nobody: names and values as pairs, since a header can be repeated. */
export interface Credentials {
  name: string
  headers: [name: string, value: string][]
}

interface Known {
  /** The right key. */
  key: string
  /** A participant's own valid token. */
  token: string
}

const key = (name: string, ...values: string[]): Credentials => ({
  name,
  headers: values.map((value) => ['X-API-Key', value]),
})

const bearer = (name: string, ...values: string[]): Credentials => ({
  name,
  headers: values.map((value) => ['Authorization', value]),
})

/** Keys that are refused on every route that needs one. */
export const badKeys = ({ key: right, token }: Known): Credentials[] => [
  { name: 'no key', headers: [] },
  key('an empty key', ''),
  key('a short key', 'a'),
  key('a key of 10 kB', 'k'.repeat(10_000)),
  key('the right key twice', right, right),
  key('a wrong key and the right one', 'wrong', right),
  key('the right key and a wrong one', right, 'wrong'),
  key('a list of keys', `${right},${right}`),
  key('a list with a wrong key', `${right}, wrong`),
  key('the right key in quotes', `"${right}"`),
  key('the right key in brackets', `["${right}"]`),
  key('the right key and more', `${right}0`),
  key('more and the right key', `0${right}`),
  key('the right key without its end', right.slice(0, -1)),
  key('the right key with another end', `${right.slice(0, -1)}${right.endsWith('0') ? '1' : '0'}`),
  key('the right key in upper case', right.toUpperCase()),
  key('the right key and an encoded NUL', `${right}%00`),
  key('the right key, percent-encoded', `%${right.charCodeAt(0).toString(16)}${right.slice(1)}`),
  key('letters that are not ASCII', '\xfcn\xefc\xf6d\xe9'),
  key('the right key and a no-break space', `${right}\xa0`),
  key('the right key as Basic', `Basic ${Buffer.from(right).toString('base64')}`),
  key('a participant’s token as the key', token),
  { name: 'the right key under another name', headers: [['X-Api_Key', right]] },
  { name: 'the right key in a cookie', headers: [['Cookie', `X-API-Key=${right}`]] },
  bearer('the right key as Bearer', `Bearer ${right}`),
]

interface Signing {
  apiKey: string
  apiSecret: string
  room: string
}

/** Tokens that are refused where a participant's own token is taken, and beside a key everywhere. */
export async function badTokens({ apiKey, apiSecret, room }: Signing): Promise<Credentials[]> {
  const sign = (secret = apiSecret, options: { ttl?: number; key?: string; grant?: object } = {}) => {
    const token = new AccessToken(options.key ?? apiKey, secret, { identity: 'eve', ttl: options.ttl ?? 600 })
    token.attributes = { 'rtcstack.role': 'host' }
    token.addGrant(options.grant ?? { room, roomJoin: true, roomAdmin: true })
    return token.toJwt()
  }
  const good = await sign()
  const [header = '', claims = '', signature = ''] = good.split('.')
  const claiming = (changes: object) =>
    encode({ ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), ...changes })
  return [
    bearer('a token signed with another secret', `Bearer ${await sign('x'.repeat(32))}`),
    bearer('a token of another key', `Bearer ${await sign(apiSecret, { key: 'APIother' })}`),
    bearer('an expired token', `Bearer ${await sign(apiSecret, { ttl: -1 })}`),
    bearer('a token for no room', `Bearer ${await sign(apiSecret, { grant: { roomAdmin: true } })}`),
    bearer('the algorithm none', `Bearer ${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`),
    bearer('the algorithm none with a signature', `Bearer ${encode({ alg: 'none' })}.${claims}.${signature}`),
    bearer('the algorithm None', `Bearer ${encode({ alg: 'None' })}.${claims}.${signature}`),
    bearer('another algorithm', `Bearer ${encode({ alg: 'HS512' })}.${claims}.${signature}`),
    bearer('changed claims', `Bearer ${header}.${claiming({ sub: 'ada' })}.${signature}`),
    bearer('a token without its signature', `Bearer ${header}.${claims}.`),
    bearer('a token in two parts', `Bearer ${header}.${claims}`),
    bearer('a token as Basic', `Basic ${good}`),
    bearer('a token without its scheme', good),
    bearer('Bearer and nothing', 'Bearer '),
    bearer('the right token twice', `Bearer ${good}`, `Bearer ${good}`),
    bearer('two tokens in one', `Bearer ${good}, Bearer ${good}`),
    {
      name: 'a right token beside a wrong key',
      headers: [
        ['X-API-Key', 'x'],
        ['Authorization', `Bearer ${good}`],
      ],
    },
  ]
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
