// Every kind of public page, in every mode a citizen may use: the walk starts at the entrances and follows links.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { MODES, launch, openWindow } from '../lib/browser.mjs'
import { crawl, samplesOfEachKind } from '../lib/crawl.mjs'

const BASE = process.env.BASE_URL
assert.ok(BASE, 'BASE_URL is the address of a running demonstration: use `cargo xtask test --only browser`')

const ENTRANCES = [
  '/',
  '/divisions',
  '/units',
  '/powers',
  '/cadres',
  '/help',
  `/search?q=${encodeURIComponent('许可')}`,
  `/search?q=${encodeURIComponent('没有这样的事项')}`,
]
const SAMPLES = Number(process.env.E2E_SAMPLES ?? 2)

// Kinds are known only after the walk, and node:test wants its list of tests at once.
const site = await crawl(BASE, ENTRANCES)
const kinds = samplesOfEachKind(site.pages, SAMPLES)

describe('portal', () => {
  let browser

  before(async () => {
    browser = await launch(BASE)
  })
  after(() => browser?.close())

  test('every entrance answers', () => {
    for (const path of ENTRANCES) assert.equal(site.pages.get(path)?.status, 200, path)
  })

  test('no link is dead', (t) => {
    t.diagnostic(`${site.pages.size} pages of ${kinds.size} kinds walked, ${site.left} more links known`)
    assert.deepEqual(site.dead, [])
  })

  test('every page is sound HTML', () => {
    const found = []
    for (const page of site.pages.values()) {
      if (page.isHtml) found.push(...page.problems().map((problem) => `${page.path}: ${problem}`))
    }
    assert.deepEqual(found, [])
  })

  test('the icon a browser asks for is there', async () => {
    const linked = /<link[^>]*\srel="[^"]*icon/.test(site.pages.get('/').html)
    assert.ok(linked || (await fetch(`${BASE}/favicon.ico`)).ok, 'a linked icon, which the walk has fetched, or /favicon.ico')
  })

  test('an unknown address gets a page with a way back', async () => {
    for (const mode of [MODES[0], MODES.at(-1)]) {
      const window = await openWindow(browser, BASE, mode)
      await window.visit('/no-such-page', { status: 404 })
      assert.ok((await window.page.locator('main a[href]').count()) > 0, 'a link in the page')
      await window.axe('/no-such-page')
      await window.fitsScreen('/no-such-page')
      await window.screenshot('no-such-page')
      await window.close()
    }
  })

  for (const mode of MODES) {
    describe(mode.name, () => {
      let window

      before(async () => {
        window = await openWindow(browser, BASE, mode)
      })
      after(() => window?.close())

      for (const [kind, paths] of kinds) {
        test(kind, { timeout: 120_000 }, async () => {
          // Without script one page of a kind is like the next; with it, two are looked at.
          for (const [index, path] of paths.slice(0, mode.js ? SAMPLES : 1).entries()) {
            await window.visit(path)
            // The picture first: it helps most when a guard below goes red.
            if (index === 0) await window.screenshot(kind)
            assert.equal(await window.page.locator('h1').count(), 1, `${path}: h1`)
            assert.notEqual((await window.page.title()).trim(), '', `${path}: title`)
            await window.fitsScreen(path)
            await window.touchTargets(path)
            await window.axe(path)
            await window.guard(path)
          }
        })
      }
    })
  }

  for (const js of [true, false]) {
    test(`elder mode stays on until it is left, ${js ? 'with' : 'without'} JavaScript`, async () => {
      const window = await openWindow(browser, BASE, { name: 'elder switch', screen: 'phone', elder: false, js })
      const size = () => window.page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize))
      const elder = async () => (await window.page.context().cookies()).find((cookie) => cookie.name === 'elder')
      const press = async (words) => {
        const before = await size()
        await window.page.locator('a, button').filter({ hasText: words }).first().click()
        // Looked at from outside: without JavaScript nothing can wait inside the page.
        for (const end = Date.now() + 5_000; Date.now() < end; await pause(50)) {
          if ((await size().catch(() => before)) !== before) break
        }
        await window.page.waitForLoadState('load')
      }
      await window.visit('/')
      const normal = await size()
      await press(/长辈|适老/)
      assert.ok((await size()) > normal, 'text is larger after the switch')
      assert.ok((await size()) >= 24, 'text is at least 18 pt (24 px)')
      const cookie = await elder()
      assert.equal(cookie?.value, '1')
      assert.ok(cookie.expires > Date.now() / 1000 + 30 * 86_400, 'the choice outlives the browser')
      await window.visit('/units')
      assert.ok((await size()) > normal, 'text is larger on the next page too')
      await press(/普通|标准|常规|退出长辈|关闭长辈/)
      assert.equal(await size(), normal, 'text is as before')
      await window.visit('/')
      assert.equal(await size(), normal, 'and stays so')
      await window.close()
    })
  }
})
