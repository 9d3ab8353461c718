// One-time codes as an authenticator app makes them: RFC 6238, SHA-1, 30 seconds, 6 digits.
import { createHmac } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
export const STEP = 30_000

/** Bytes of an RFC 4648 base32 text; spaces, case and padding do not matter. */
export function base32(text) {
  const bytes = []
  let bits = 0
  let value = 0
  for (const letter of text.replace(/[\s=]/g, '').toUpperCase()) {
    const digit = ALPHABET.indexOf(letter)
    if (digit < 0) throw new Error(`not base32: ${letter}`)
    value = (value << 5) | digit
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((value >> bits) & 255)
      value &= (1 << bits) - 1
    }
  }
  return Buffer.from(bytes)
}

/** The code that is valid at `time` (milliseconds). */
export function totp(secret, time = Date.now(), digits = 6) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(time / STEP)))
  const digest = createHmac('sha1', base32(secret)).update(counter).digest()
  const offset = digest[digest.length - 1] & 15
  const number = (digest.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits
  return String(number).padStart(digits, '0')
}

/** Waits for the code after the one that is valid now: a code counts once. */
export function nextCode(secret) {
  const wait = STEP - (Date.now() % STEP) + 200
  return new Promise((resolve) => setTimeout(() => resolve(totp(secret)), wait))
}
