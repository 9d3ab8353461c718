// Staff at work: each role signs in with both factors and finds every page of its menu sound, in every mode.
// Then a change is written by one person, published by another, and read by a citizen.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { MODES, launch, openWindow } from '../lib/browser.mjs'
import { account, accounts, signIn, submit } from '../lib/office.mjs'

const BASE = process.env.BASE_URL
assert.ok(BASE, 'BASE_URL is the address of a running demonstration: use `cargo xtask test --only browser`')

const FOLDER = new URL('../../crates/app/tests/fixtures/handover/', import.meta.url)
const HANDOVER = ['units.xlsx', 'cadres.xlsx', 'powers.csv', 'procedures.xlsx'].map((name) => fileURLToPath(new URL(name, FOLDER)))
const DESKTOP = MODES.find((mode) => mode.name === 'desktop normal js')

/** A window in which `who` has signed in. */
async function windowOf(browser, who, mode = DESKTOP) {
  const window = await openWindow(browser, BASE, mode)
  await signIn(window.page, who)
  return window
}

const menu = (page) =>
  page.$$eval('a[href^="/office"]', (links) => [...new Set(links.map((link) => link.getAttribute('href').split(/[?#]/)[0]))])

/** Where the second account of a role and the second engine look: the two that differ most. */
const ENOUGH = ['phone elder nojs', 'desktop normal js']
const walked = new Set()

/**
 * Whether a page has to be looked at in this mode. All eight modes take half a minute for each account, and twelve
 * accounts on two engines would take as long as everything else together; so each role has all of them once.
 */
function isNew(role, path, mode) {
  const shared = path === '/office/devices'
  const key = `${shared ? 'any' : role} ${path} ${mode.name}`
  const again = walked.has(key) || Boolean(process.env.E2E_SAMPLES)
  walked.add(key)
  return again ? ENOUGH.includes(mode.name) && !shared : true
}

describe('office', () => {
  let browser

  before(async () => {
    browser = await launch(BASE)
  })
  after(() => browser?.close())

  for (const who of accounts) {
    test(`${who.role} ${who.login}: every page of the menu is sound in every mode`, async () => {
      const first = await windowOf(browser, who)
      const cookies = await first.page.context().cookies()
      const pages = await menu(first.page)
      assert.ok(pages.includes('/office'), `the menu of ${who.role}: ${pages}`)
      for (const mode of MODES) {
        const mine = pages.filter((path) => isNew(who.role, path, mode))
        if (mine.length === 0) continue
        const window = await openWindow(browser, BASE, mode)
        await window.page.context().addCookies(cookies)
        for (const path of mine) {
          await window.visit(path)
          await window.fitsScreen(path)
          await window.touchTargets(path)
          await window.axe(path)
          if (mode.js) await window.screenshot(`office-${who.role}-${path.replaceAll('/', '-')}-${mode.name.replaceAll(' ', '-')}`)
        }
        await window.page.context().close()
      }
      await first.page.context().close()
    })
  }

  for (const name of ['desktop normal js', 'phone elder nojs']) {
    test(`the county's own files are looked at first and saved when confirmed, ${name}`, async () => {
      const mode = MODES.find((one) => one.name === name)
      const window = await windowOf(browser, account('publisher'), mode)
      const { page } = window
      await page.goto('/office/imports')
      await page.setInputFiles('input[type=file]', HANDOVER)
      await submit(page, 'input[type=file]')
      // Reading is a job of its own; without scripts the page asks again by itself.
      await page.waitForSelector('form[action$="/apply"]', { timeout: 60_000 })
      const text = await page.textContent('main')
      for (const figure of ['2340', '360', '216', '419']) assert.ok(text.replaceAll(',', '').includes(figure), figure)
      await window.fitsScreen()
      await window.axe()
      await window.screenshot(`import-preview-${name.replaceAll(' ', '-')}`)
      if (mode.js) {
        await page.locator('form[action$="/apply"] button').first().click()
        await page.waitForSelector('h1:has-text("已经收录")', { timeout: 60_000 })
        await window.screenshot('import-done')
      } else {
        await page.locator('form[action$="/discard"] button').first().click()
        await page.waitForLoadState()
      }
    })
  }

  test('what one person writes and another publishes, a citizen reads', async () => {
    const publisher = await windowOf(browser, account('publisher'))
    const reviewer = await windowOf(browser, account('reviewer'))
    const { page } = publisher
    await page.goto('/office/contents?kind=unit')
    const edit = await page.getAttribute('a[href^="/office/units/"][href$="/edit"]', 'href')
    const id = edit.match(/\d+/)[0]
    await page.goto(edit)
    // Shares no run with what stood there, so that the difference shows it in one piece.
    const hours = `每逢${1000 + Math.floor(Math.random() * 9000)}开放`
    await page.fill('[name=office_hours]', hours)
    await submit(page, '[name=office_hours]')
    const draft = page.url()
    assert.match(draft, /\/office\/drafts\/\d+/, 'a saved draft has a page of its own')
    await publisher.axe()
    await page.locator('form[action$="/submit"] button').first().click()
    await page.waitForLoadState()
    const review = `/office/reviews/${draft.match(/drafts\/(\d+)/)[1]}`
    await reviewer.page.goto('/office/reviews')
    await reviewer.page.locator(`a[href^="${review}"]`).first().click()
    await reviewer.page.waitForURL(`**${review}*`)
    assert.ok((await reviewer.page.content()).includes(hours), 'the difference shows what is new')
    await reviewer.axe()
    await reviewer.page.locator('form[action$="/publish"] button').first().click()
    await reviewer.page.waitForLoadState()
    const citizen = await openWindow(browser, BASE, MODES.find((mode) => mode.name === 'phone normal nojs'))
    await citizen.visit(`/units/${id}`)
    assert.ok((await citizen.page.content()).includes(hours), 'the citizen reads it at once')
  })
})
