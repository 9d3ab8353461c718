// The guards proven: each goes red on a page that deserves it, and all stay green on a sound one.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { MODES, launch, openWindow } from './browser.mjs'
import { crawl, kindOf, samplesOfEachKind } from './crawl.mjs'
import { signIn } from './office.mjs'
import { base32, totp } from './totp.mjs'

const STYLE = `body{margin:0;padding:1rem;font:1.125rem/1.6 sans-serif;color:#222;background:#fff}
button,input{min-height:60px;min-width:60px}`

const page = (body, { head = '', lang = 'zh-CN', title = '页' } = {}) => `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="/style.css">${head}</head>
<body><main><h1>标题</h1>${body}</main></body></html>`

const field = (name, type = 'text') => `<label for="${name}">${name}</label> <input id="${name}" name="${name}" type="${type}">`
const form = (action, ...names) => `<form method="post" action="${action}">${names.map((name) => field(name)).join('')}<button>提交</button></form>`
const SECRET = 'JBSWY3DPEHPK3PXP'
const images = (number) => Array.from({ length: number }, (_, index) => `<img alt="" src="/dot.svg?${index}">`).join('')

const PAGES = {
  '/sound': page('<p><a href="/sound">自己</a></p><button type="button">按钮</button>', { head: '<script src="/ok.js" defer></script>' }),
  '/third-party': page('<img alt="" src="http://third.invalid/a.png">'),
  '/many-requests': page(images(10)),
  '/heavy': page(`<!-- ${'重'.repeat(40_000)} -->`),
  '/console': page('', { head: '<script src="/error.js" defer></script>' }),
  '/uncaught': page('', { head: '<script src="/throw.js" defer></script>' }),
  '/missing-file': page('<img alt="" src="/gone.png">'),
  '/inline-script': page('<script>1</script>'),
  '/wide': page('<div style="width:700px">宽</div>'),
  '/zoomed-out': page('').replace(/<meta name="viewport"[^>]*>/, ''),
  '/small-target': page('<button type="button" style="min-height:0;height:30px">小</button>'),
  '/elder-small-target': page('<button type="button" style="min-height:0;height:50px">中</button>'),
  '/no-label': page('<input name="q">'),
  '/no-label-without-scripts': page('<noscript><input name="q"></noscript>'),
  '/two-h1': page('<h1>又一个</h1>'),
  '/no-lang': page('', { lang: 'en' }),
  '/no-title': page('', { title: '' }),
  '/same-id': page('<p id="a"></p><p id="a"></p>'),
  '/hash-link': page('<a href="#">无</a>'),
  '/links': page('<a href="/gone?a=1&amp;b=2">死</a> <a href="/sound#nowhere">错</a> <a href="https://third.invalid/">外</a> <a href="/powers/1">1</a> <a href="/powers/2">2</a> <a href="/powers/3">3</a>'),
  '/moved': page('<a href="/old">旧</a>'),
  '/powers/1': page(''),
  '/powers/2': page(''),
  '/powers/3': page(''),
  '/office/sign-in': page(form('/office/sign-in', 'login', 'password')),
  '/office/sign-in/code': page(form('/office/sign-in/code', 'code')),
  '/office': page('<p>办公室</p>'),
  '/style.css': STYLE,
  '/dot.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
  '/ok.js': 'document.documentElement.dataset.scripts = "ran"',
  '/error.js': 'console.error("red")',
  '/throw.js': 'throw new Error("red")',
}
const TYPES = { css: 'text/css', svg: 'image/svg+xml', js: 'text/javascript' }

let base
let browser
let usedCode
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://site')
  if (request.method === 'POST') {
    let body = ''
    request.on('data', (part) => (body += part))
    request.on('end', () => {
      const fields = new URLSearchParams(body)
      let next = pathname
      if (fields.get('login') === 'chen' && fields.get('password') === 'right') next = '/office/sign-in/code'
      if (fields.get('code') === totp(SECRET) && fields.get('code') !== usedCode) next = '/office'
      response.writeHead(303, { location: next }).end()
    })
    return
  }
  if (pathname === '/old') {
    response.writeHead(302, { location: '/two-h1' }).end()
    return
  }
  const body = PAGES[pathname]
  const type = TYPES[pathname.split('.')[1]] ?? 'text/html; charset=utf-8'
  response.writeHead(body === undefined ? 404 : 200, {
    'content-type': type,
    'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' http:",
  })
  response.end(body ?? page('没有'))
})

before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${server.address().port}`
  browser = await launch(base)
})
after(async () => {
  await browser?.close()
  server.close()
})

const mode = (name) => MODES.find((one) => one.name === name)

async function inMode(name, work) {
  const window = await openWindow(browser, base, mode(name))
  try {
    return await work(window)
  } finally {
    await window.close()
  }
}

describe('guards stay green', () => {
  for (const { name } of MODES) {
    test(name, () =>
      inMode(name, async (window) => {
        await window.visit('/sound')
        await window.fitsScreen()
        await window.touchTargets()
        await window.axe()
        const ran = await window.page.evaluate(() => document.documentElement.dataset.scripts)
        assert.equal(ran, window.mode.js ? 'ran' : undefined, 'scripts run exactly where they may')
        const cookies = await window.page.context().cookies()
        assert.equal(cookies.some(({ name, value }) => name === 'elder' && value === '1'), window.mode.elder)
      }))
  }

  test('an expected 404 is no error in the console', () =>
    inMode('phone normal js', (window) => window.visit('/gone', { status: 404 })))
})

describe('guards go red', () => {
  const visits = {
    '/third-party': /third party: http:\/\/third\.invalid/,
    '/many-requests': /12 requests/,
    '/heavy': /\d{6} bytes/,
    '/console': /console: red/,
    '/uncaught': /uncaught: red/,
    '/missing-file': /404/,
    '/inline-script': /Content Security Policy/,
    '/gone': /status/,
  }
  for (const [path, words] of Object.entries(visits)) {
    test(`visit ${path}`, () => inMode('desktop normal js', (window) => assert.rejects(window.visit(path), words)))
  }
  test('a third party is seen without JavaScript too', () =>
    inMode('phone elder nojs', (window) => assert.rejects(window.visit('/third-party'), /third party/)))

  const looks = [
    ['/wide', 'phone normal js', 'fitsScreen', /700|716|732|px on a screen/],
    ['/wide', 'phone normal nojs', 'fitsScreen', /px on a screen/],
    ['/zoomed-out', 'phone normal js', 'fitsScreen', /laid out 980 px wide on 360/],
    ['/small-target', 'desktop normal js', 'touchTargets', /targets below 44 px/],
    ['/elder-small-target', 'phone elder nojs', 'touchTargets', /targets below 60 px/],
    ['/no-label', 'phone normal js', 'axe', /label/],
    ['/no-label', 'phone normal nojs', 'axe', /label/],
    ['/no-label-without-scripts', 'phone normal nojs', 'axe', /label/],
  ]
  for (const [path, name, guard, words] of looks) {
    test(`${guard} ${path}, ${name}`, () =>
      inMode(name, async (window) => {
        await window.visit(path)
        await assert.rejects(window[guard](), words)
      }))
  }
  test('the same pages are green where they may be', async () => {
    await inMode('desktop normal js', async (window) => {
      await window.visit('/elder-small-target')
      await window.touchTargets()
      await window.visit('/no-label-without-scripts')
      await window.axe()
    })
  })
  test('scripts are off again after axe', () =>
    inMode('phone normal nojs', async (window) => {
      await window.visit('/sound')
      await window.axe()
      await window.visit('/sound')
      assert.equal(await window.page.evaluate(() => document.documentElement.dataset.scripts), undefined)
    }))
})

describe('crawl', () => {
  test('dead links and missing anchors are named, with where they stand', async () => {
    const { dead } = await crawl(base, ['/links'])
    assert.equal(dead.length, 2, dead.join('\n'))
    assert.match(dead[0], /^\/links: links to \/gone\?a=1&b=2, which answers 404$/)
    assert.match(dead[1], /^\/links: links to \/sound#nowhere/)
  })

  test('a redirect is followed to the page it leads to', async () => {
    const { pages } = await crawl(base, ['/moved'])
    assert.ok(pages.has('/two-h1'))
    assert.deepEqual([...samplesOfEachKind(pages).keys()], ['/moved', kindOf('/two-h1')])
  })

  test('unsound HTML is named', async () => {
    const wrong = { '/two-h1': '2 h1', '/no-lang': 'lang', '/no-title': 'title', '/same-id': 'twice', '/hash-link': 'nowhere' }
    const { pages } = await crawl(base, ['/sound', ...Object.keys(wrong)])
    assert.deepEqual(pages.get('/sound').problems(), [])
    for (const [path, words] of Object.entries(wrong)) {
      const problems = pages.get(path).problems()
      assert.equal(problems.length, 1, `${path}: ${problems}`)
      assert.match(problems[0], new RegExp(words))
    }
  })

  test('pages of one kind share a shape of address', async () => {
    assert.equal(kindOf('/powers/3701A'), '/powers/:')
    assert.equal(kindOf('/search?q=%E8%AE%B8&page=2'), '/search?page&q')
    const { pages } = await crawl(base, ['/links'])
    assert.deepEqual(samplesOfEachKind(pages).get('/powers/:'), ['/powers/1', '/powers/3'])
  })

  test('the limit holds, and kinds share it', async () => {
    const { pages, left } = await crawl(base, ['/links'], 6)
    assert.equal(pages.size, 6)
    assert.ok(left > 0)
    assert.equal([...pages.keys()].filter((path) => path.startsWith('/powers/')).length, 1)
  })
})

describe('office', () => {
  test('codes are those of RFC 6238', () => {
    // The standard's secret "12345678901234567890" and its table, eight digits.
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
    assert.equal(base32(secret).toString(), '12345678901234567890')
    assert.equal(totp(secret, 59_000, 8), '94287082')
    assert.equal(totp(secret, 1_111_111_109_000, 8), '07081804')
    assert.equal(totp(secret, 20_000_000_000_000, 8), '65353130')
  })

  for (const name of ['phone elder nojs', 'desktop normal js']) {
    test(`signing in, ${name}`, () =>
      inMode(name, async (window) => {
        await signIn(window.page, { login: 'chen', password: 'right', totp_secret: SECRET })
        assert.equal(new URL(window.page.url()).pathname, '/office')
      }))
  }

  test('a wrong password is noticed', () =>
    inMode('desktop normal js', (window) =>
      assert.rejects(
        signIn(window.page, { login: 'chen', password: 'wrong', totp_secret: SECRET }),
        /login and password are taken/,
      )))

  test('a code used before is followed by the next', () =>
    inMode('desktop normal js', async (window) => {
      usedCode = totp(SECRET)
      const waitForNext = (secret) => {
        usedCode = undefined
        return totp(secret)
      }
      await signIn(window.page, { login: 'chen', password: 'right', totp_secret: SECRET }, waitForNext)
      assert.equal(usedCode, undefined, 'the first code was refused')
    }))
})
