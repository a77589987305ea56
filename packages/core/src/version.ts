/** The version of this package; a check keeps it equal to package.json. */
export const VERSION = '0.0.0'
