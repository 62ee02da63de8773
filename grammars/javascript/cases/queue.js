/**
 * @file A queue of jobs that survives restarts.
 */
import { readFile as read, writeFile } from 'node:fs/promises'
import path from 'node:path'
import * as codec from './codec.js'
import './polyfill'
export { Worker, default as start } from './worker'
export * from './errors'

const { EventEmitter } = require('events')
const legacy = require('../legacy')

/** Jobs that wait, at most. */
export const LIMIT = 1000
const STATES = { waiting: 0, running: 1, done: 2 }
let counter = 0,
  last = null

/**
 * Names a job. The second sentence is not shown.
 * @param {string} kind
 */
function nameOf(kind) {
  const local = kind.trim()
  return `${local}-${counter++}`
}

export async function* drain(queue, { limit = LIMIT, ...rest } = {}) {
  yield* queue.take(limit, rest)
}

/** Compares by {@link Job#priority}. */
export const byPriority = (a, b) => a.priority - b.priority
const debounce = function (run, wait) {
  let timer
  return function later() {
    clearTimeout(timer)
  }
}

/** One job. */
export class Job extends EventEmitter {
  static count = 0
  #secret = 'x'
  retry = () => this.run(1)

  constructor(kind, payload) {
    super()
    this.kind = kind
  }

  /** Whether it may run. */
  get ready() {
    return this.#check()
  }

  static async load(file) {
    return codec.decode(await read(path.join('jobs', file)))
  }

  #check() {
    return STATES[this.state] === STATES.waiting
  }

  [Symbol.iterator]() {}
}

const handlers = {
  mail: async (job) => deliver(job),
  clean: function (job) {
    return sweep(job)
  },
  report(job) {
    return legacy.report(job)
  },
}

Job.prototype.cancel = function () {
  writeFile('cancelled', this.kind)
}

module.exports = function create(options) {
  return import('./lazy.mjs').then((m) => m.make(options, handlers, nameOf, debounce))
}

export default (options) => new Job('default', options)
