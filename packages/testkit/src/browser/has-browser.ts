import { findProgram } from '../find-program.ts'

/** Chromium, or what is made of it and codes H.264 too. */
const programs = ['chromium', 'google-chrome']

/** Path of a browser on the PATH, or undefined. */
export const findBrowser = (): string | undefined => programs.map(findProgram).find(Boolean)

/** Whether there is a browser to open; `npm test` installs one where it can. */
export const hasBrowser = (): boolean => findBrowser() !== undefined
