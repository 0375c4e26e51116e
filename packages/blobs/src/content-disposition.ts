/** The header that makes a browser save a download under this name, in any script (RFC 6266). */
export function attachment(fileName: string): string {
  const name = fileName.toWellFormed()
  // Old clients get what ASCII can say; a quote, a backslash or a percent sign would be read differently by each of them.
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
