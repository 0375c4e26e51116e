import { defineConfig } from 'vitest/config'

const include = ['apps/**/*.test.ts', 'packages/**/*.test.ts', 'scripts/**/*.test.ts', 'test/**/*.test.ts']
/** Their callers make sound and pictures as time passes, and stutter where other tests want the processors too. */
const inRealTime = [
  'apps/recorder/src/*.test.ts',
  'apps/rtmp/src/*.test.ts',
  'packages/room-tap/src/*.test.ts',
  'test/recordings/{call,pause,sync}.test.ts',
]

export default defineConfig({
  test: {
    globalSetup: ['scripts/test-setup.ts'],
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 90_000,
    reporters: ['default', './scripts/closing-line.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include,
          exclude: ['**/node_modules/**', ...inRealTime],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'one at a time', include: inRealTime, maxWorkers: 1, sequence: { groupOrder: 0 } },
      },
    ],
  },
})
