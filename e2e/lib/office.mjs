// Signing in to the office with a demonstration account.
import assert from 'node:assert/strict'
import { nextCode, totp } from './totp.mjs'

/** The accounts the demonstration printed: role, name, login, password, totp_secret. */
export const accounts = JSON.parse(process.env.ACCOUNTS ?? '[]')

/** The first account with this role. */
export function account(role) {
  const found = accounts.find((one) => one.role === role)
  assert.ok(found, `no demonstration account with the role ${role}`)
  return found
}

/** Signs in by login and password, then by one-time code; ends on the first page of the office. */
export async function signIn(page, { login, password, totp_secret }, waitForNext = nextCode) {
  await page.goto('/office/sign-in')
  await page.fill('[name=login]', login)
  await page.fill('[name=password]', password)
  await submit(page, '[name=password]')
  assert.equal(pathOf(page), '/office/sign-in/code', 'login and password are taken')
  await enterCode(page, totp(totp_secret))
  if (pathOf(page).startsWith('/office/sign-in/code')) {
    // Another test used this code within the same 30 seconds.
    await enterCode(page, await waitForNext(totp_secret))
  }
  assert.ok(isInside(page), `signed in as ${login}, but stands at ${page.url()}`)
}

async function enterCode(page, code) {
  await page.fill('[name=code]', code)
  await submit(page, '[name=code]')
}

/** Presses the button of the form that holds `field`, and waits for the page that follows. */
export async function submit(page, field) {
  const form = page.locator('form').filter({ has: page.locator(field) })
  const answered = page.waitForNavigation()
  await form.locator('button:not([type=button]):not(.hidden), input[type=submit]').first().click()
  await answered
}

const pathOf = (page) => new URL(page.url()).pathname
const isInside = (page) => pathOf(page).startsWith('/office') && !pathOf(page).startsWith('/office/sign-in')

/** The page of the case in whose report these words stand. Ids are drawn and say nothing of the order; the newest is due last. */
export async function caseAbout(desk, words) {
  await desk.visit('/office/cases')
  const links = await desk.page.$$eval('a[href^="/office/cases/"]', (all) => all.map((link) => link.getAttribute('href')))
  const paths = new Set(links.map((href) => /^\/office\/cases\/\d+/.exec(href)?.[0]).filter(Boolean))
  for (const path of [...paths].reverse()) {
    await desk.visit(path)
    if ((await desk.page.locator('main').innerText()).includes(words)) return path
  }
  assert.fail('nobody at this desk has a case with these words')
}
