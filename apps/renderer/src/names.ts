/** Controls, marks of direction and line ends: names come from strangers, and these move text out of its place. Joiners stay, for emoji need them. */
const unsafe = /[\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200C\u200D])\p{Cf}/gu
/** More code points than any character of a script or any emoji needs; the rest is heaped marks. */
const longestCharacter = 12
const longestName = 100

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** A participant's name as it can be drawn on one line. */
export function cleanName(name: string): string {
  const line = name
    .slice(0, 1024)
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(unsafe, ' ')
    .replaceAll(/\s+/g, ' ')
  return characters(line.trim())
    .slice(0, longestName)
    .map((character) => [...character].slice(0, longestCharacter).join(''))
    .join('')
}

/** The name, or as much of it as is not wider than `width`, with an ellipsis. */
export function fitName(name: string, width: number, measure: (text: string) => number): string {
  if (measure(name) <= width) return name
  const all = characters(name)
  let fits = 0
  let tooMany = all.length
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1
    if (measure(`${all.slice(0, middle).join('')}…`) <= width) fits = middle
    else tooMany = middle
  }
  return `${all.slice(0, fits).join('').trimEnd()}…`
}

/** The first characters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(' ').filter(Boolean)
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return ends
    .map((word) => characters(word ?? '')[0] ?? '')
    .join('')
    .toUpperCase()
}

const characters = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment)
