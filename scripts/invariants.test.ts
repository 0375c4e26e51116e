import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const sources = (pattern: string) =>
  globSync(pattern, { cwd: root }).filter((file) => !/\.test\.ts$|\/testing\.ts$/.test(file))

/** What a file imports: packages by name, files by their path from the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/from '([^']+)'/g)].map(([, name = '']) =>
    name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name,
  )
}

/** Each import that breaks a rule, as `file -> import`. */
const broken = (files: string[], isBroken: (imported: string, file: string) => boolean) =>
  files.flatMap((file) =>
    importsOf(file)
      .filter((imported) => isBroken(imported, file))
      .map((imported) => `${file} -> ${imported}`),
  )

test('the contract imports nothing but TypeBox', () => {
  const files = sources('packages/contract/src/**/*.ts')
  expect(files.length).toBeGreaterThan(5)
  expect(
    broken(files, (imported) => imported !== 'typebox' && !imported.startsWith('packages/contract/')),
  ).toEqual([])
})

test('the SDK imports nothing but the contract', () => {
  const isForeign = (imported: string) =>
    imported !== '@rtcstack/contract' && !imported.startsWith('packages/sdk/')
  expect(broken(sources('packages/sdk/src/**/*.ts'), isForeign)).toEqual([])
})

test('the containers import nothing: they only make bytes of packets', () => {
  const files = sources('packages/containers/src/**/*.ts').filter((file) => !file.includes('/testing/'))
  expect(files.length).toBeGreaterThan(5)
  expect(broken(files, (imported) => !imported.startsWith('packages/containers/'))).toEqual([])
})

test('a store is imported by its own feature and the composition root alone', () => {
  const files = sources('apps/server/src/*/**/*.ts')
  expect(
    broken(
      files,
      (imported, file) => /\/(?:[\w-]+-)?store\.ts$/.test(imported) && dirname(imported) !== dirname(file),
    ),
  ).toEqual([])
})

test('no feature imports a driver or the composition root', () => {
  const files = sources('apps/server/src/*/**/*.ts')
  expect(
    broken(files, (imported) => /apps\/server\/src\/(compose|drivers|app|main)\.ts$/.test(imported)),
  ).toEqual([])
})

test('black-box tests import nothing of the applications', () => {
  const files = globSync('test/**/*.ts', { cwd: root })
  expect(broken(files, (imported) => imported.startsWith('apps/'))).toEqual([])
})

test('settings are read in one place', () => {
  const reading = sources('apps/server/src/**/*.ts').filter((file) => {
    const names = readFileSync(join(root, file), 'utf8').matchAll(/process\.env\.(\w+)/g)
    return [...names].some(
      ([, name = '']) => !['PATH', 'XDG_CACHE_HOME', 'npm_lifecycle_event'].includes(name),
    )
  })
  expect(reading).toEqual([])
})

test('no file is a second idea: 300 lines at most, and half of them 80 or fewer', () => {
  const lengths = globSync(
    ['apps/**/src/**/*.ts', 'packages/**/src/**/*.ts', 'test/**/*.ts', 'bench/*.ts', 'scripts/*'],
    { cwd: root },
  )
    .map((file) => readFileSync(join(root, file), 'utf8').split('\n').length)
    .sort((a, b) => a - b)
  expect(lengths.at(-1)).toBeLessThanOrEqual(300)
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(80)
})
