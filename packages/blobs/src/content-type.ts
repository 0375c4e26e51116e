import { extname } from 'node:path'

const byEnding: Record<string, string> = {
  '.aac': 'audio/aac',
  '.json': 'application/json',
  '.m4a': 'audio/mp4',
  '.mka': 'audio/x-matroska',
  '.mkv': 'video/x-matroska',
  '.mp4': 'video/mp4',
  '.ogg': 'audio/ogg',
  '.png': 'image/png',
  '.srt': 'application/x-subrip',
  '.txt': 'text/plain; charset=utf-8',
  '.vtt': 'text/vtt; charset=utf-8',
  '.wav': 'audio/wav',
  '.webm': 'video/webm',
}

/** The content type of a blob by the ending of its key; bytes of no known kind where it says nothing. */
export const contentTypeOf = (key: string): string =>
  byEnding[extname(key).toLowerCase()] ?? 'application/octet-stream'
