// Evidence from a telephone to the desk: a photo that says where it was taken, a file whose name tells, over a line that
// breaks; more of it later; and what the handler obtains.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { MODES, launch, openWindow } from '../lib/browser.mjs'
import { citizenId, codeSentTo, photo, village } from '../lib/citizen.mjs'
import { accounts, caseAbout, signIn, submit } from '../lib/office.mjs'
import { secret } from '../lib/secrets.mjs'

const BASE = process.env.BASE_URL
assert.ok(BASE, 'BASE_URL is the address of a running demonstration: use `cargo xtask test --only browser`')

const TOWNSHIP = '安澜县青石镇纪律检查委员会'
const person = (role) => accounts.find((one) => one.role === role && one.unit === TOWNSHIP)
const random = () => String(Math.random()).slice(2, 10)
const hex = (bytes) => createHash('sha256').update(bytes).digest('hex')

const WAYS = [
  { mode: 'phone normal js', level: 'real_name' },
  { mode: 'phone elder nojs', level: 'phone' },
]

describe('evidence', () => {
  let browser
  let folder
  const sessions = new Map()

  before(async () => {
    browser = await launch(BASE)
    folder = await mkdtemp(join(tmpdir(), 'daylight-evidence-'))
  })
  after(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Files on a telephone: the same file chosen again is the same to the page's script. */
  async function lying(name, bytes) {
    const path = join(folder, name)
    await writeFile(path, bytes)
    secret(name)
    return { path, name, bytes: await readFile(path) }
  }

  for (const way of WAYS) {
    test(`photo and account book, ${way.mode}`, { timeout: 400_000 }, async () => {
      const mode = MODES.find((one) => one.name === way.mode)
      const camera = secret(`SECRET-CAMERA-${random()}`)
      const blank = await openWindow(browser, BASE, { ...mode, js: true })
      const taken = await photo(blank.page, camera)
      await blank.close()
      const picture = await lying(`公示栏被撕现场${random()}.jpg`, taken)
      const marker = secret(`十月份招待费一万八千元记在修路账上，编号${random()}`)
      const book = await lying(`柳会计手里的真账本${random()}.txt`, `${marker}\n`.repeat(200))
      const later = await lying(`补拍的收据${random()}.jpg`, Buffer.concat([taken, Buffer.from(random())]))
      const obtained = await lying(`银行流水复印件${random()}.txt`, secret(`村账户流水摘录第${random()}号，与村账不符`))

      const citizen = await openWindow(browser, BASE, mode)
      const { page } = citizen
      const press = async (name) => {
        await page.getByRole('button', { name, exact: true }).first().click()
        await page.waitForLoadState('load')
      }
      const look = async (window, name) => {
        await window.screenshot(`evidence-${name}`)
        await window.fitsScreen(name)
        await window.touchTargets(name)
        await window.axe(name)
      }
      const { id } = await village()
      await citizen.visit(`/reports/new?unit=${id}`)
      await page.getByLabel('投诉', { exact: true }).check()
      await press('下一步')
      const words = secret(`修路的钱对不上账，公示栏里的明细贴了一天就被撕掉了，编号${random()}`)
      await page.getByLabel('经过').fill(words)
      await press('下一步')
      await press('下一步')
      assert.equal(new URL(page.url()).pathname, '/reports/new/evidence')
      await look(citizen, 'first-empty')

      const input = page.locator('[data-evidence] input[type=file]')
      const listed = page.locator('[data-evidence] ul.lines')
      if (mode.js) await overABrokenLine(page, input, listed, picture)
      await input.setInputFiles(mode.js ? [book.path] : [picture.path, book.path])
      if (!mode.js) await press('上传选好的文件')
      await listed.getByText(book.name).waitFor()
      assert.ok((await listed.innerText()).includes(picture.name))
      await look(citizen, 'first-filled')
      await press('下一步')

      const phone = secret(`139${random()}`)
      await page.getByLabel(way.level === 'phone' ? '留手机号' : '实名', { exact: true }).check()
      await page.locator('[name=phone]').fill(phone)
      await press('获取验证码')
      const sent = await codeSentTo(phone)
      // Six digits alone stand in many files; like this a program would write them.
      for (const written of [`"code":"${sent}"`, `code=${sent}`]) secret(written)
      await page.locator('[name=code]').fill(sent)
      if (way.level === 'real_name') {
        await page.locator('[name=name]').fill(secret('覃沐翎'))
        await page.locator('[name=citizen_id]').fill(secret(citizenId()))
        await page.getByText('我是替别人填写的').click()
        await page.locator('[name=helps]').check()
        await page.locator('[name=helper_name]').fill(secret('佘砚舟'))
        await page.locator('[name=helper_phone]').fill(secret(`138${random()}`))
        await page.locator('[name=consent]').check()
      }
      await press('下一步')
      assert.equal(new URL(page.url()).pathname, '/reports/new/check', await page.locator('main').innerText())
      assert.ok((await page.locator('main').innerText()).includes(book.name))
      await press('提交')
      const kept = page.locator('.confirmation-keep strong')
      const [number, code] = [await kept.nth(0).innerText(), await kept.nth(1).innerText()]
      for (const text of [number, code]) {
        secret(text)
        secret(text.replaceAll(/[- ]/g, ''))
      }
      await press('清除本机记录')
      const open = async () => {
        await citizen.visit('/reports/status')
        await page.getByLabel('受理编号').fill(number)
        await page.getByLabel('查询码').fill(code)
        await press('查询')
      }

      // More of it later, with nothing but number and code.
      await open()
      const more = page.locator('#more')
      await look(citizen, 'status')
      await more.locator('input[type=file]').setInputFiles([later.path])
      if (mode.js) {
        await more.getByText('已传好，还没有提交').waitFor()
        await look(citizen, 'status-uploaded')
        // Taken out, and chosen again.
        await more.getByRole('button', { name: '移除' }).click()
        await more.getByText('已传好，还没有提交').waitFor({ state: 'detached' })
        await more.locator('input[type=file]').setInputFiles([later.path])
        await more.getByText('已传好，还没有提交').waitFor()
      }
      await more.locator('[name=more]').fill(secret(`收据是昨天补拍的，编号${random()}`))
      await press('提交补充')
      const told = await page.locator('main').innerText()
      assert.match(told, /收到您补充的情况/)
      assert.match(told, /附上1个文件：照片/)
      for (const { name } of [picture, book, later]) assert.ok(!told.includes(name), 'names stay sealed')
      await look(citizen, 'status-sent')

      // The desk.
      async function desk(who) {
        const window = await openWindow(browser, BASE, mode)
        const context = window.page.context()
        if (sessions.has(who.login)) await context.addCookies(sessions.get(who.login))
        else {
          await signIn(window.page, who)
          const cookies = await context.cookies()
          sessions.set(who.login, cookies.filter((cookie) => cookie.name !== 'elder'))
        }
        return window
      }
      const [intake, leader, handler] = [await desk(person('intake')), await desk(person('leader')), await desk(person('handler'))]
      const path = await caseAbout(intake, words)
      await intake.visit(`${path}/accept`)
      await submit(intake.page, '[name=seen]')
      await leader.visit(`${path}/assign`)
      await leader.page.locator('[name=handler]').first().check()
      await submit(leader.page, '[name=seen]')
      await handler.visit(path)
      await look(handler, 'desk')
      /** The file as the desk gets it. */
      const fetched = async (name, as = '') => {
        const href = await handler.page.getByRole('link', { name: `下载${name}` }).getAttribute('href')
        const answer = await handler.page.context().request.get(`${BASE}${href}${as}`)
        assert.equal(answer.status(), 200, name)
        return answer.body()
      }
      for (const { name, bytes } of [picture, book, later]) {
        assert.ok((await fetched(name)).equals(bytes), `${name}: as it came`)
        assert.ok((await handler.page.locator('main').innerText()).includes(hex(bytes)), `${name}: its digest`)
      }
      for (const { name } of [picture, later]) {
        const copy = await fetched(name, '&as=copy')
        assert.deepEqual([...copy.subarray(0, 2)], [0xff, 0xd8], 'a JPEG')
        for (const trace of ['Exif', camera]) assert.ok(!copy.includes(trace), `${trace} in the copy`)
      }
      assert.ok(picture.bytes.includes('Exif') && picture.bytes.includes(camera), 'the control: the original has them')
      await handler.page.locator('main a[href$="as=copy"]').first().click()
      await handler.page.waitForURL(/as=copy$/)
      const width = await handler.page.evaluate(() => document.images[0]?.naturalWidth)
      assert.equal(width, 1000, 'the copy is shown')

      // What the handler obtains is the case's, and not the reporter's.
      await handler.visit(`${path}/note`)
      await handler.page.locator('[name=text]').fill(secret(`到信用社调取了流水，编号${random()}`))
      await handler.page.locator('input[type=file]').setInputFiles([obtained.path])
      if (mode.js) await handler.page.getByText('已传好，还没有提交').waitFor()
      await look(handler, 'note')
      await submit(handler.page, '[name=seen]')
      assert.equal(new URL(handler.page.url()).search, '?done=note', await handler.page.locator('main').innerText())
      assert.match(await handler.page.locator('main').innerText(), /承办人员取得的材料（1份）/)
      assert.ok((await fetched(obtained.name)).equals(obtained.bytes))
      await look(handler, 'desk-obtained')
      await handler.visit(`${path}/print`)
      assert.ok((await handler.page.locator('main').innerText()).includes(hex(obtained.bytes)), 'digests on paper')
      await open()
      assert.ok(!(await page.content()).includes(obtained.name))
      assert.equal((await page.locator('main').innerText()).match(/附上1个文件/g).length, 1)
      for (const window of [citizen, intake, leader, handler]) await window.close()
    })
  }
})

/** With the script: one chunk's line breaks and it goes on by itself; then the page is left in the middle, and the same
 * file goes on from where it stood. */
async function overABrokenLine(page, input, listed, file) {
  const chunks = '**/reports/evidence/*/chunk*'
  const offsets = []
  const offset = (route) => Number(new URL(route.request().url()).searchParams.get('offset'))
  let cuts = 0
  let dead = false
  await page.route(chunks, async (route) => {
    offsets.push(offset(route))
    if (dead || (offset(route) > 0 && cuts === 0)) {
      cuts += 1
      return route.abort('connectionreset')
    }
    // The second piece arrives, the third never does.
    if (offsets.filter((one) => one > 0).length === 2) dead = true
    return route.continue()
  })
  await input.setInputFiles([file.path])
  await page.getByText('网络不稳，稍后自动接着传').waitFor()
  assert.ok((await page.locator('progress').count()) > 0, 'progress is shown')
  await page.waitForFunction(() => document.querySelector('.file-list progress')?.value > 0)
  for (let tries = 0; cuts < 2 && tries < 200; tries += 1) await new Promise((resume) => setTimeout(resume, 50))
  const stood = Math.max(...offsets)
  assert.ok(cuts >= 2 && stood > 0, `${offsets}`)
  // The page is closed and opened again.
  await page.unroute(chunks)
  await page.goto('/reports/new/evidence')
  assert.match(await listed.innerText(), /只传了/)
  const again = []
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url())
    if (pathname.endsWith('/chunk')) again.push(Number(searchParams.get('offset')))
  })
  await input.setInputFiles([file.path])
  await page.waitForURL('**/reports/new/evidence')
  await listed.getByText('照片，').waitFor()
  assert.equal(again[0], stood, `goes on where it stood: ${again}`)
  assert.ok(!(await listed.innerText()).includes('只传了'))
}
