/** Shows the run while it goes on: a dashboard drawn again and again in a terminal, lines elsewhere. */

import type { WriteStream } from 'node:tty';
import type { Snapshot } from '../run/snapshot.js';
import { dashboard } from './dashboard.js';
import { COLOURS, NO_PAINT, type Paint } from './paint.js';
import { journalLine, plainLine } from './plain-line.js';

const DRAW_EVERY_MS = 500;
const LINE_EVERY_MS = 2_000;

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

export interface LiveView {
  /** Ends it and gives the terminal back. Does nothing the second time. */
  stop(): void;
}

export function paintFor(stream: WriteStream): Paint {
  return stream.isTTY && stream.hasColors() ? COLOURS : NO_PAINT;
}

export function startView(stream: WriteStream, snapshot: () => Snapshot): LiveView {
  return stream.isTTY ? startDashboard(stream, snapshot) : startLines(stream, snapshot);
}

function startDashboard(stream: WriteStream, snapshot: () => Snapshot): LiveView {
  const paint = paintFor(stream);
  const draw = (): void => {
    const frame = { columns: stream.columns || 80, rows: stream.rows || 24 };
    const lines = dashboard(snapshot(), frame, paint).map((line) => line + CLEAR_LINE);
    stream.write(HOME + lines.join('\r\n') + CLEAR_BELOW);
  };
  let running = true;
  const stop = (): void => {
    if (!running) return;
    running = false;
    clearInterval(timer);
    process.off('exit', stop);
    stream.write(LEAVE);
  };
  stream.write(ENTER);
  // Whatever ends the program, the terminal is given back.
  process.on('exit', stop);
  const timer = setInterval(draw, DRAW_EVERY_MS);
  draw();
  return { stop };
}

function startLines(stream: WriteStream, snapshot: () => Snapshot): LiveView {
  let told = 0;
  let lineAt = Date.now();
  const look = (): void => {
    const moment = snapshot();
    for (const entry of moment.journal.slice(told)) stream.write(`${journalLine(entry)}\n`);
    told = moment.journal.length;
    if (Date.now() - lineAt < LINE_EVERY_MS) return;
    lineAt = Date.now();
    stream.write(`${plainLine(moment)}\n`);
  };
  const timer = setInterval(look, DRAW_EVERY_MS);
  let running = true;
  return {
    stop: () => {
      if (!running) return;
      running = false;
      clearInterval(timer);
      look();
    },
  };
}
