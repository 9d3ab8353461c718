// One report on its whole way, told by five people: a citizen, the intake, a handler and the leader of the township's
// organ, and the county's organ above it. The first answer does not satisfy, the lamp turns red, the superior's is final.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { MODES, launch, openWindow } from '../lib/browser.mjs'
import { codeSentTo, village } from '../lib/citizen.mjs'
import { accounts, caseAbout, signIn, submit } from '../lib/office.mjs'
import { secret } from '../lib/secrets.mjs'

const BASE = process.env.BASE_URL
assert.ok(BASE, 'BASE_URL is the address of a running demonstration: use `cargo xtask test --only browser`')

const TOWNSHIP = '安澜县青石镇纪律检查委员会'
const COUNTY = '安澜县纪委监委'

const person = (role, unit) => {
  const found = accounts.find((one) => one.role === role && one.unit === unit)
  assert.ok(found, `no demonstration account: ${role} of ${unit}`)
  return found
}

const newsTo = async (phone) => {
  const text = await readFile(join(process.env.DATA_FOLDER, 'outbox', 'sms.jsonl'), 'utf8')
  return text.split('\n').filter((line) => line.includes(phone) && line.includes('"news"')).length
}

/** Messages that wait for their hour, as `daylight doctor --json` counts them. */
const waiting = async () => {
  const [program, ...words] = JSON.parse(process.env.DOCTOR)
  // Its exit code speaks of the installation, not of this.
  const { stdout } = await promisify(execFile)(program, words).catch((error) => error)
  return JSON.parse(stdout).checks.find((check) => check.code === 'sms').examined
}

/** Everything one test writes is its own, so that its traces can be told from others'. */
const WAYS = [
  {
    mode: 'phone elder nojs',
    // Another each time, because a number gets one code a minute.
    phone: secret(`139${String(Math.random()).slice(2, 10)}`),
    what: secret('修村道的钱去年就拨下来了，路到现在还是烂的，问村里说钱已经用完了，账从来没有贴出来过'),
    points: [secret('修路的钱拨了多少、花在哪里'), secret('账目什么时候贴出来给大家看')],
    asked: secret('请说明是哪一段路，有没有照片或者当时的通知'),
    supplied: secret('是小学门口到桥头那一段，通知是开会时念的，没有发纸'),
    finding: secret('查账和现场核对：拨付18万元，实际支出11万元，其余在村账上，账目未公开'),
    first: [secret('修路款共拨付18万元，已支出11万元，其余7万元在村集体账户上未动用。'), secret('账目将在本月内张贴在村务公开栏，并请监督委员会核对签字。')],
    missing: secret('只说钱在账上，没有说路什么时候修，也没有说为什么一年不公开'),
    second: [secret('县纪委核对银行流水：18万元全部到村，11万元为前期路基款，7万元本月用于铺面，工期三十天。'), secret('一年未公开是村会计失职，已警示提醒，账目今天已经张贴，照片见公开栏。')],
  },
  {
    mode: 'desktop normal js',
    phone: null,
    what: secret('老人去世两年了，养老金还有人按月领，村里说在办停发，一直没有停'),
    points: [secret('停发办到哪一步了'), secret('多领的钱追回来没有')],
    asked: secret('请写明老人所在的小组，便于核对名册'),
    supplied: secret('第三小组，去世的日子村里办席大家都知道'),
    finding: secret('核对火化证明与发放记录：多发21个月，经办人未上报死亡信息'),
    first: [secret('停发手续已于本月办结，名册中已作死亡登记。'), secret('多发的款项已向领取账户发出追缴通知，正在追缴。')],
    missing: secret('通知发了不等于追回来，也没有说是谁领走的、要不要负责'),
    second: [secret('停发手续经县级复核无误，同类情况已在全镇排查一遍。'), secret('多发的款项已经全部追回，领取人与经办人均已依规处理并留档。')],
  },
]

describe('handling', () => {
  let browser
  /** Sessions by login: a one-time code opens one door once. */
  const sessions = new Map()

  before(async () => {
    browser = await launch(BASE)
  })
  after(() => browser?.close())

  for (const way of WAYS) {
    test(`five people, one report, ${way.mode}`, { timeout: 400_000 }, async () => {
      const mode = MODES.find((one) => one.name === way.mode)

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
      /** Opens the page of a deed, fills it in and presses its button. */
      async function act(window, path, slug, fill = async () => {}) {
        const { page } = window
        await window.visit(path)
        await window.fitsScreen(path)
        await page.locator(`a[href="${path}/${slug}"]`).click()
        await page.waitForLoadState('load')
        await window.screenshot(`case-${slug}`)
        await window.fitsScreen(slug)
        await window.touchTargets(slug)
        await window.axe(slug)
        await fill(page)
        await submit(page, '[name=seen]')
        const done = new URL(page.url())
        assert.equal(`${done.pathname}${done.search}`, `${path}?done=${slug}`, await page.locator('main').innerText())
      }
      const choose = (field) => async (page) => page.locator(`[name=${field}]`).first().check()
      const write = (field, text) => async (page) => page.locator(`[name=${field}]`).fill(text)

      const earlier = way.phone && (await waiting())
      // The citizen.
      const citizen = await openWindow(browser, BASE, mode)
      const { page } = citizen
      const press = async (name) => {
        await page.getByRole('button', { name, exact: true }).first().click()
        await page.waitForLoadState('load')
      }
      const { id } = await village()
      await citizen.visit(`/units/${id}?panel=reports`)
      await page.getByRole('link', { name: '我要反映' }).first().click()
      await page.waitForLoadState('load')
      await page.getByLabel('投诉', { exact: true }).check()
      await press('下一步')
      await page.getByLabel('经过').fill(way.what)
      await press('下一步')
      await page.getByLabel('第1个问题').fill(way.points[0])
      await page.getByLabel('第2个问题').fill(way.points[1])
      await press('下一步')
      await press('下一步')
      if (way.phone) {
        await page.getByLabel('留手机号', { exact: true }).check()
        await page.locator('[name=phone]').fill(way.phone)
        await press('获取验证码')
        await page.locator('[name=code]').fill(await codeSentTo(way.phone))
      } else {
        await page.getByLabel('匿名', { exact: true }).check()
      }
      await press('下一步')
      await press('提交')
      const kept = page.locator('.confirmation-keep strong')
      const [number, code] = [await kept.nth(0).innerText(), await kept.nth(1).innerText()]
      for (const text of [number, code]) {
        secret(text)
        secret(text.replaceAll(/[- ]/g, ''))
      }
      await press('清除本机记录')
      const look = async () => {
        await citizen.visit('/reports/status')
        await page.getByLabel('受理编号').fill(number)
        await page.getByLabel('查询码').fill(code)
        await press('查询')
        return page.locator('main').innerText()
      }
      const lamp = () => page.locator('.lamp').first().innerText()

      // The township's organ: intake, leader, handler.
      const intake = await desk(person('intake', TOWNSHIP))
      await intake.visit('/office/cases')
      await intake.screenshot('cases-intake')
      await intake.axe('/office/cases')
      const path = await caseAbout(intake, way.what)
      await intake.screenshot('case-file')
      await act(intake, path, 'accept')
      await look()
      assert.match(await lamp(), /首次办理/)
      await citizen.screenshot('handling-yellow')

      const leader = await desk(person('leader', TOWNSHIP))
      const handler = await desk(person('handler', TOWNSHIP))
      assert.equal((await handler.page.goto(path)).status(), 404, 'nobody gave it to the handler yet')
      await act(leader, path, 'assign', choose('handler'))
      await act(handler, path, 'ask', write('text', way.asked))
      assert.ok((await look()).includes(way.asked), 'the citizen reads the question')
      await page.getByLabel('要补充的情况').fill(way.supplied)
      await press('提交补充')
      await act(handler, path, 'note', write('text', way.finding))
      await act(handler, path, 'conclude', async (form) => {
        await form.locator('[name=conclusion][value=partly]').check()
        await form.locator('[name=text]').fill(way.finding)
      })

      // The gate: no point stays open.
      await leader.visit(`${path}/reply`)
      await leader.page.locator('[name=answer-1]').fill(way.first[0])
      await submit(leader.page, '[name=seen]')
      assert.match(await leader.page.locator('.error-summary').innerText(), /第2个问题/)
      assert.equal(await leader.page.locator('[name=answer-1]').inputValue(), way.first[0], 'what was typed stays')
      await leader.page.locator('[name=answer-2]').fill(way.first[1])
      await leader.screenshot('case-reply-filled')
      await submit(leader.page, '[name=seen]')
      assert.equal(new URL(leader.page.url()).search, '?done=reply')

      // Not satisfied: red, and with the superior.
      assert.ok((await look()).includes(way.first[1]), 'the citizen reads the answer')
      await citizen.screenshot('handling-answered')
      await citizen.axe('/reports/status')
      await page.locator('[name=missing]').fill(way.missing)
      await press('不满意')
      await look()
      assert.match(await lamp(), /上级办理/)
      await citizen.screenshot('handling-red')
      for (const window of [intake, leader, handler]) {
        const gone = await window.page.goto(path)
        assert.equal(gone.status(), 404, 'the first organ has it no more')
        // The address itself is kept for the way back from elder mode.
        const text = (await gone.text()).replaceAll(path, '/office/cases/999999')
        const nothing = await (await window.page.goto('/office/cases/999999')).text()
        assert.ok(text === nothing, 'the same bytes as for a number that does not exist')
      }

      // The county's organ, whose answer is final.
      const above = {}
      for (const role of ['intake', 'handler', 'leader']) above[role] = await desk(person(role, COUNTY))
      // It need not be accepted again.
      await above.intake.visit(path)
      assert.ok((await above.intake.page.locator('main').innerText()).includes(way.missing), 'the superior reads what is missing')
      await act(above.leader, path, 'assign', async (form) => {
        await form.getByLabel(person('handler', COUNTY).name).check()
      })
      await act(above.handler, path, 'conclude', async (form) => {
        await form.locator('[name=conclusion][value=substantiated]').check()
        await form.locator('[name=text]').fill(way.finding)
      })
      await act(above.leader, path, 'reply', async (form) => {
        await form.locator('[name=answer-1]').fill(way.second[0])
        await form.locator('[name=answer-2]').fill(way.second[1])
      })
      assert.ok((await look()).includes(way.second[1]), 'the citizen reads the final answer')
      await press('满意，可以办结')
      await look()
      assert.match(await lamp(), /已办结/)
      await citizen.screenshot('handling-done')
      // News leaves at the next of four hours of the day, at least half an hour later: never beside the deed.
      if (way.phone) {
        assert.equal(await newsTo(way.phone), 0, 'the gateway is told nothing in the minute of a deed')
        assert.ok((await waiting()) > earlier, 'but there is news, and it waits for its hour')
      }
      for (const window of [citizen, intake, leader, handler, ...Object.values(above)]) await window.page.context().close()
    })
  }
})
