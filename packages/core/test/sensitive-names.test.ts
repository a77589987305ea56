import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSensitiveName } from '../src/sensitive-names.js'

describe('isSensitiveName', () => {
  it.each(
    (
      'password passwd pwd user.password userPassword user_password user-password userpassword PGPASSWORD password1 db.query.parameter.password ' +
      'token access_token accessToken csrfToken refresh_tokens secret client_secret clientSecret passphrase ' +
      'authorization http.request.header.authorization http.request.header.proxy-authorization x-auth auth cookie cookies ' +
      'http.request.header.cookie http.response.header.set-cookie setCookie connect.sid JSESSIONID session.id sessionId session_id sessionid ' +
      'apiKey api_key api-key api.key apikey x-api-key X-API-Key AWSAccessKeyId access_key secretKey privateKey private_key signing_key ' +
      'Ocp-Apim-Subscription-Key card_number cardNumber card.number card-no creditCard credit_card cvv cvv2 cvc ssn iban social_security otp ' +
      'email e-mail eMail user.email userEmail email_address contact.emails credential credentials connection_string jwt phone_number'
    ).split(' '),
  )('is true for %s', (name) => {
    expect(isSensitiveName(name)).toBe(true)
  })

  it.each(
    (
      'user.id enduser.id user.name author authors authority authentication.method oauth.scope secretary tokenizer tokenization ' +
      'token_count tokenCount tokens gen_ai.usage.input_tokens gen_ai.usage.output_tokens max_tokens token_type token.bucket.size ' +
      'db.collection.name db.system.name db.operation.name http.route url.full url.path server.address client.address primary_key partition.key ' +
      'messaging.kafka.message.key cache.key public_key password_length password.min_length cookie_count cookie.name secret.name ' +
      'aws.secretsmanager.secret.arn email.template email_count credit_card_type card.type order_number pinned spin passing compass ' +
      'session.count discarded expiry keyboard monkey.number'
    ).split(' '),
  )('is false for %s', (name) => {
    expect(isSensitiveName(name)).toBe(false)
  })

  it('answers for any text, and the same the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(isSensitiveName(name)).toBe(isSensitiveName(name))
      }),
      { seed: 8, numRuns: 500 },
    )
  })

  it('forgets names rather than growing without end', () => {
    for (let index = 0; index < 5_000; index++) isSensitiveName(`attribute-${index}`)
    expect(isSensitiveName('password')).toBe(true)
    expect(isSensitiveName('attribute-1')).toBe(false)
  })
})
