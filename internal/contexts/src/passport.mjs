// Passport, as Express and Koa share it.
import { Strategy } from 'passport-local'
import { turn } from './load.mjs'

/** Logs everybody in by the local strategy, and notes its callbacks. */
export function teachPassport(passport, note) {
  passport.serializeUser((req, user, done) => {
    note(req, 'serialize')
    setImmediate(() => done(null, user.name))
  })
  passport.deserializeUser((name, done) => done(null, { name }))
  return passport.use(
    new Strategy({ passReqToCallback: true }, async (req, name, _password, done) => {
      await turn()
      note(req, 'verify')
      done(null, { name })
    }),
  )
}
