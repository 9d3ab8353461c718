// Debian's Chromium in every mode a citizen may use, with guards that watch every page.
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const OUT = fileURLToPath(new URL('../out/', import.meta.url))
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What one page may cost a citizen on a weak network. */
export const LIMITS = { requests: 10, bytes: 100 * 1024 }

const SCREENS = { phone: { width: 360, height: 740 }, desktop: { width: 1440, height: 900 } }

/** All of {phone, desktop} × {normal, elder} × {JavaScript on, off}. */
export const MODES = Object.keys(SCREENS).flatMap((screen) =>
  [false, true].flatMap((elder) =>
    [true, false].map((js) => ({
      name: `${screen} ${elder ? 'elder' : 'normal'} ${js ? 'js' : 'nojs'}`,
      screen,
      elder,
      js,
    })),
  ),
)

/** Starts Chromium; nothing outside `base`'s host can be reached from it. */
export async function launch(base) {
  const host = new URL(base).hostname
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${host}`,
    ],
  })
}

/** One browser window in one mode; close it after use. */
export async function openWindow(browser, base, mode) {
  const context = await browser.newContext({
    baseURL: base,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: SCREENS[mode.screen],
    isMobile: mode.screen === 'phone',
    hasTouch: mode.screen === 'phone',
    reducedMotion: 'reduce',
  })
  if (mode.elder) await context.addCookies([{ name: 'elder', value: '1', url: base }])
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const devtools = await context.newCDPSession(page)
  // Each page is weighed as a first visit.
  await devtools.send('Network.enable')
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
  const window = new Window(base, mode, page, devtools)
  await window.setScripts(mode.js)
  return window
}

export class Window {
  #devtools
  #requests = []
  #consoleErrors = []
  #expected = null

  constructor(base, mode, page, devtools) {
    this.origin = new URL(base).origin
    this.mode = mode
    this.page = page
    this.#devtools = devtools
    page.on('request', (request) => this.#requests.push(request))
    page.on('pageerror', (error) => this.#consoleErrors.push(`uncaught: ${error.message}`))
    page.on('console', (message) => {
      // Chromium asks for /favicon.ico once, whenever it likes; a test of its own asks for the icon.
      const { url } = message.location()
      if (message.type() === 'error' && !url.endsWith('/favicon.ico')) {
        this.#consoleErrors.push(`console: ${message.text()} ${url}`)
      }
    })
  }

  /** Not Playwright's `javaScriptEnabled`: `axe()` has to switch scripts back on in a page parsed without them. */
  async setScripts(on) {
    await this.#devtools.send('Emulation.setScriptExecutionDisabled', { value: !on })
  }

  /** Opens a page and applies the guards; returns the answer to the navigation. Call `guard` again after looking longer. */
  async visit(path, { status = 200 } = {}) {
    this.#requests = []
    this.#consoleErrors = []
    const answer = await this.page.goto(path, { waitUntil: 'load' })
    assert.equal(answer.status(), status, `${path}: status`)
    this.#expected = status >= 400 ? `status of ${status}` : null
    await this.guard(path)
    return answer
  }

  /** Fails on a third party, a heavy page or an error in the console since the last visit. */
  async guard(path = this.page.url()) {
    const problems = []
    const requests = this.#requests.filter((request) => /^(https?|wss?):/.test(request.url()))
    const strangers = requests.filter((request) => new URL(request.url()).origin !== this.origin)
    if (strangers.length) problems.push(`third party: ${strangers.map((request) => request.url()).join(' ')}`)
    const weight = await weigh(requests.filter((request) => !strangers.includes(request)))
    if (requests.length > LIMITS.requests) problems.push(`${requests.length} requests: ${weight.list}`)
    if (weight.bytes > LIMITS.bytes) problems.push(`${weight.bytes} bytes: ${weight.list}`)
    const isExpected = (error) => this.#expected !== null && error.includes(this.#expected)
    problems.push(...this.#consoleErrors.filter((error) => !isExpected(error)))
    assert.deepEqual(problems, [], `${path} (${this.mode.name})`)
  }

  /** Fails on any violation axe-core finds in the page as it stands. */
  async axe(path = this.page.url()) {
    if (!this.mode.js) {
      // With scripts on, Chromium would hide what stands in <noscript>.
      await this.page.evaluate(() => {
        for (const element of document.querySelectorAll('noscript')) {
          const shown = document.createElement('div')
          shown.append(...element.childNodes)
          element.replaceWith(shown)
        }
      })
      await this.setScripts(true)
    }
    try {
      await this.page.evaluate(AXE)
      const found = await this.page.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] })
        return violations.map(({ id, help, nodes }) => {
          const places = nodes.slice(0, 3).map((node) => node.target.join(' '))
          return `${id}: ${help}: ${nodes.length} × ${places.join(' | ')}`
        })
      })
      assert.deepEqual(found, [], `axe on ${path} (${this.mode.name})`)
    } finally {
      if (!this.mode.js) await this.setScripts(false)
    }
  }

  /** Fails when the page is wider than the screen. */
  async fitsScreen(path = this.page.url()) {
    const { width, screen, wide } = await this.page.evaluate(() => {
      const screen = document.documentElement.clientWidth
      const width = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)
      // Named to help: an element inside a scrolling box of its own may be wider.
      const elements = width > screen ? [...document.body.querySelectorAll('*')] : []
      const wide = elements.filter((element) => element.getBoundingClientRect().right > screen + 1)
      return { width, screen, wide: wide.slice(-3).map((element) => element.outerHTML.slice(0, 120)) }
    })
    // A phone would zoom out instead of scrolling: the layout's width must be the screen's.
    const expected = SCREENS[this.mode.screen].width
    assert.ok(screen <= expected, `${path} (${this.mode.name}): laid out ${screen} px wide on ${expected} px`)
    assert.ok(width <= screen, `${path} (${this.mode.name}): ${width} px on a screen of ${screen} px: ${wide.join(' … ')}`)
  }

  /** Fails when something to press is smaller than a finger: 44 px, in elder mode 60 px. */
  async touchTargets(path = this.page.url()) {
    const least = this.mode.elder ? 60 : 44
    const small = await this.page.evaluate(smallTargets, least)
    assert.deepEqual(small, [], `${path} (${this.mode.name}): targets below ${least} px`)
  }

  /** A picture of the whole page in `e2e/out/<engine>/`, to be looked at. */
  async screenshot(name) {
    const folder = `${OUT}${process.env.ENGINE ?? 'local'}/`
    await mkdir(folder, { recursive: true })
    const plain = name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'home'
    const file = `${folder}${plain}-${this.mode.name.replaceAll(' ', '-')}.png`
    await this.page.screenshot({ path: file, fullPage: true })
    return file
  }

  close() {
    return this.page.context().close()
  }
}

async function weigh(requests) {
  let bytes = 0
  const list = []
  for (const request of requests) {
    // A request that failed has no sizes; a broken link is the crawl's business.
    const sizes = await request.sizes().catch(() => null)
    const size = sizes ? sizes.responseBodySize + sizes.responseHeadersSize : 0
    bytes += size
    list.push(`${new URL(request.url()).pathname} ${size}`)
  }
  return { bytes, list: list.join(', ') }
}

// Runs in the page. Links inside a sentence are excepted, as in WCAG 2.5.8; links drawn as buttons are not.
function smallTargets(least) {
  const targets = document.querySelectorAll(
    'button, input:not([type=hidden]), select, textarea, summary, [role=button], a[class*=button], a[class*=btn]',
  )
  const small = []
  for (const target of targets) {
    const boxes = [target.getBoundingClientRect()]
    const isHidden =
      !target.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true }) ||
      (boxes[0].width <= 1 && boxes[0].height <= 1)
    if (isHidden) continue
    // The label of a tick box, a radio button or a file is pressed as well.
    if (['checkbox', 'radio', 'file'].includes(target.type)) {
      for (const label of target.labels ?? []) boxes.push(label.getBoundingClientRect())
    }
    const height = Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top))
    const width = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left))
    if (height < least - 0.5 || width < least - 0.5) {
      const name = (target.innerText || target.name || target.id || '').trim().slice(0, 20)
      small.push(`${target.tagName.toLowerCase()} "${name}" ${Math.round(width)}×${Math.round(height)}`)
    }
  }
  return small
}
