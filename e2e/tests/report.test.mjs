// A citizen reports and comes back, on a phone and at a desk, with and without JavaScript, normal and elder.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MODES, launch, openWindow } from '../lib/browser.mjs'
import { secret } from '../lib/secrets.mjs'

const BASE = process.env.BASE_URL
assert.ok(BASE, 'BASE_URL is the address of a running demonstration: use `cargo xtask test --only browser`')

const WHAT = secret('村里的路灯坏了三个月，报修了四次没有人来修，晚上老人摔倒过')
const POINT = secret('路灯的维修费用到哪里去了')
const WHEN = secret('今年夏天割完麦子以后')
const WHO = secret('管电的那个老陈，大家都叫他陈电工')
const MORE = secret('昨天晚上又有人摔倒，送到了卫生院')

describe('report', () => {
  let browser

  before(async () => {
    browser = await launch(BASE)
  })
  after(() => browser?.close())

  for (const mode of MODES) {
    test(`from a village's page to the answer, ${mode.name}`, { timeout: 180_000 }, async () => {
      const window = await openWindow(browser, BASE, mode)
      const { page } = window
      const press = async (name) => {
        await page.getByRole('button', { name, exact: true }).first().click()
        await page.waitForLoadState('load')
      }
      const look = async (name) => {
        await window.screenshot(`report-${name}`)
        assert.equal(await page.locator('h1').count(), 1, `${name}: h1`)
        assert.ok(await page.getByRole('link', { name: '快速离开' }).isVisible(), `${name}: the quick exit`)
        await window.fitsScreen(name)
        await window.touchTargets(name)
        await window.axe(name)
      }
      const at = (path) => assert.equal(new URL(page.url()).pathname, path)

      await window.visit('/units?category=village')
      const village = await page.locator('main a[href^="/units/"]').first().getAttribute('href')
      await window.visit(`${village.split('?')[0]}?panel=reports`)
      await page.getByRole('link', { name: '我要反映' }).first().click()
      await page.waitForLoadState('load')
      if (mode.js) assert.equal(new URL(page.url()).search, '', 'what one came from leaves the address bar')
      await look('1-kind')
      await press('下一步')
      assert.match(await page.locator('.error-summary').innerText(), /请选择您要反映的是哪一类/)
      await page.getByLabel('求助', { exact: true }).check()
      await press('下一步')
      // The unit came along with the link, so it is not asked.
      at('/reports/new/facts')
      await look('3-facts')

      // Somebody else after all: the picker.
      await page.getByRole('link', { name: '返回上一步' }).click()
      await page.waitForLoadState('load')
      at('/reports/new/object')
      await page.getByLabel('写出名称').fill('青石镇')
      await press('搜索')
      assert.ok((await page.locator('.picks li').count()) > 0, 'something is found')
      assert.equal(new URL(page.url()).search, '', 'what was looked for is not in the address')
      await look('2-object')
      await press('就是这个，下一步')

      await page.getByLabel('经过').fill('太短')
      await press('下一步')
      assert.equal(await page.getByLabel('经过').inputValue(), '太短', 'what was typed stays')
      await page.getByLabel('经过').fill(WHAT)
      await page.getByLabel('有关的人').fill(WHO)
      await page.getByLabel('什么时候').fill(WHEN)
      await press('下一步')
      await page.getByLabel('第1个问题').fill(POINT)
      await press('再加一个问题')
      assert.equal(await page.getByLabel('第1个问题').inputValue(), POINT)
      assert.ok(await page.getByLabel('第4个问题').isVisible())
      await look('4-points')
      await press('下一步')
      at('/reports/new/evidence')
      await look('5-evidence')

      // The battery is dead; later the page is opened again.
      await window.visit('/reports/new')
      await look('resume')
      await page.getByRole('link', { name: '接着写' }).click()
      await page.waitForLoadState('load')
      at('/reports/new/identity')
      await look('6-identity')
      await page.getByLabel('匿名', { exact: true }).check()
      await press('下一步')
      at('/reports/new/check')
      for (const words of [WHAT, POINT, WHO, WHEN, '求助']) {
        assert.ok((await page.locator('main').innerText()).includes(words), words)
      }
      await look('7-check')
      await press('提交')
      at('/reports/new/done')
      await look('8-done')
      const kept = page.locator('.confirmation-keep strong')
      const [number, code] = [await kept.nth(0).innerText(), await kept.nth(1).innerText()]
      assert.match(number, /^\d{4}-\d{4}-\d{5}$/)
      for (const text of [number, code]) {
        secret(text)
        secret(text.replaceAll(/[- ]/g, ''))
      }
      if (mode.js) {
        await page.getByRole('button', { name: '保存图片' }).click()
        await page.locator('.slip-picture').waitFor()
      }
      await page.goBack()
      await page.reload()
      assert.equal((await kept.nth(0).innerText()).trim(), number, 'the same receipt however often')
      await press('清除本机记录')
      at('/reports/new/forgotten')
      await window.visit('/reports/new/done')
      assert.ok(!(await page.content()).includes(number), 'this device has forgotten')

      await window.visit('/reports/status')
      await look('9-status-form')
      await page.getByLabel('受理编号').fill(number)
      await page.getByLabel('查询码').fill('0000 0000 0000')
      await press('查询')
      assert.match(await page.locator('.error-summary').innerText(), /编号或查询码不对/)
      await page.getByLabel('受理编号').fill(number)
      await page.getByLabel('查询码').fill(code.toLowerCase())
      await press('查询')
      assert.ok((await page.locator('.lamp').innerText()).includes('待受理'))
      await look('10-status')
      await page.getByLabel('要补充的情况').fill(MORE)
      await press('提交补充')
      assert.match(await page.locator('.notice').innerText(), /收到您补充的情况/)
      assert.ok((await page.locator('.timeline').innerText()).includes(MORE))
      const url = page.url()
      assert.ok(!url.includes(number) && !url.includes(code) && !url.includes('?'), url)
      await window.close()
    })
  }

  test('the exit and three presses of Esc lead away, and "back" does not lead to the form', async () => {
    const window = await openWindow(browser, BASE, { name: 'exit', screen: 'phone', elder: false, js: true })
    const { page } = window
    for (const leave of [
      () => page.getByRole('link', { name: '快速离开' }).click(),
      async () => {
        for (let press = 0; press < 3; press += 1) await page.keyboard.press('Escape')
      },
    ]) {
      await window.visit('/help')
      await window.visit('/reports/new')
      await leave()
      await page.waitForURL('**/divisions**')
      await page.goBack()
      assert.equal(new URL(page.url()).pathname, '/help')
    }
    await window.close()
  })
})
