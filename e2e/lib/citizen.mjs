// What citizens of the journeys have: a village to speak of, a telephone, an id, things that prove.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A village below the township whose organ has people in the demonstration. */
export async function village() {
  const { items } = await (await fetch(`${process.env.BASE_URL}/api/v1/units?category=village&per_page=100`)).json()
  for (const { id } of items) {
    const unit = await (await fetch(`${process.env.BASE_URL}/api/v1/units/${id}`)).json()
    if (unit.parent?.name.includes('青石镇')) return unit
  }
  return assert.fail('no village below 青石镇')
}

/** The last code sent to a number. */
export async function codeSentTo(phone) {
  const outbox = join(process.env.DATA_FOLDER, 'outbox', 'sms.jsonl')
  for (let tries = 0; tries < 100; tries += 1) {
    const text = await readFile(outbox, 'utf8').catch(() => '')
    const lines = text.split('\n').filter(Boolean).map((line) => JSON.parse(line))
    const sent = lines.findLast((line) => line.to === phone && line.template === 'code')
    if (sent) return sent.params.code
    await new Promise((resume) => setTimeout(resume, 100))
  }
  return assert.fail('no code in the outbox')
}

/** An id of nobody: the area 999901 is given to no place. */
export function citizenId() {
  const digits = `999901${1950 + Math.floor(Math.random() * 50)}0307${String(Math.random()).slice(2, 5)}`
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0)
  return digits + '10X98765432'[sum % 11]
}

/** A telephone's photo of some hundred kilobytes, drawn by a browser, which says with what and where it was taken. */
export async function photo(page, camera) {
  const base64 = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1000, height: 750 })
    const pen = canvas.getContext('2d')
    const dots = pen.createImageData(canvas.width, canvas.height)
    for (let at = 0; at < dots.data.length; at += 1) dots.data[at] = at % 4 === 3 ? 255 : Math.random() * 255
    pen.putImageData(dots, 0, 0)
    return canvas.toDataURL('image/jpeg', 0.9).split(',')[1]
  })
  const jpeg = Buffer.from(base64, 'base64')
  return Buffer.concat([jpeg.subarray(0, 2), exif(camera), jpeg.subarray(2)])
}

/** An APP1 segment: the camera's name, and a place by latitude and longitude. */
function exif(camera) {
  const make = Buffer.from(`${camera}\0`, 'latin1')
  const [ifd, gps] = [8, 38]
  const rationals = gps + 2 + 4 * 12 + 4
  const tiff = Buffer.alloc(rationals + 48)
  const entry = (at, tag, type, count, value) => {
    tiff.writeUInt16LE(tag, at)
    tiff.writeUInt16LE(type, at + 2)
    tiff.writeUInt32LE(count, at + 4)
    if (typeof value === 'string') tiff.write(value, at + 8, 'latin1')
    else tiff.writeUInt32LE(value, at + 8)
  }
  tiff.write('II*\0', 0, 'latin1')
  tiff.writeUInt32LE(ifd, 4)
  tiff.writeUInt16LE(2, ifd)
  entry(ifd + 2, 0x010f, 2, make.length, tiff.length)
  entry(ifd + 14, 0x8825, 4, 1, gps)
  tiff.writeUInt16LE(4, gps)
  entry(gps + 2, 1, 2, 2, 'N\0')
  entry(gps + 14, 2, 5, 3, rationals)
  entry(gps + 26, 3, 2, 2, 'E\0')
  entry(gps + 38, 4, 5, 3, rationals + 24)
  for (const [at, number] of [31, 13, 49, 121, 28, 25].entries()) {
    tiff.writeUInt32LE(number, rationals + at * 8)
    tiff.writeUInt32LE(1, rationals + at * 8 + 4)
  }
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, make])
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([head, content])
}
