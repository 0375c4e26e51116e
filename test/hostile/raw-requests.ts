/** Pieces of requests as they are written on the wire, one character for each byte. */
const crlf = '\r\n'

export const json = 'Content-Type: application/json'
export const chunkedCoding = 'Transfer-Encoding: chunked'

/** A whole request; headers are whole lines, and Host is added. */
export const raw = (method: string, target: string, headers: string[] = [], body = '') =>
  [`${method} ${target} HTTP/1.1`, 'Host: localhost', ...headers, '', body].join(crlf)

/** A request that needs no key and is answered with 200. */
export const health = (...headers: string[]) => raw('GET', '/v1/health', headers)

/** The body of a token request that is answered with 200. */
export const tokenBody = '{"roomId":"raw","userId":"raw","name":"Raw","role":"viewer"}'

/** The place of the server's key in the cases. */
export const keyMark = 'X-API-Key: <key>'

/** A token request with the right key. */
export const post = (headers: string[], body = tokenBody) =>
  raw('POST', '/v1/token', [keyMark, ...headers], body)

/** The same as one chunk, with what is given in place of its size. */
export const postChunk = (size = tokenBody.length.toString(16), end = `${crlf}0${crlf}${crlf}`) =>
  post([json, chunkedCoding], `${size}${crlf}${tokenBody}${end}`)

export const contentLength = (value: string | number = tokenBody.length) => `Content-Length: ${value}`
