/** These take minutes, and judge times on a machine that does nothing else: `RTMP_AT_LENGTH=1 npm test -- apps/rtmp` runs them. */
export const isBrief = process.env.RTMP_AT_LENGTH === undefined
