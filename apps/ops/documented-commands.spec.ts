/** The documentation's commands, and the examples of --help, parsed by the real definition: an option that went would fail. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT } from './failures.js';
import { buildProgram, everyCommand } from './program.js';

const PREFIX = /^npm run (?:-s )?ops -- /;

class Parsed extends Error {}

/** @returns the program, which throws `Parsed` where a command would begin its work */
function program(said: string[] = []): Command {
  const say = (text: string): void => void said.push(text);
  const streams = { out: say, err: say, isTerminal: false };
  return buildProgram({ streams, environment: {}, exitCode: EXIT.ok }).hook('preAction', () => {
    throw new Parsed();
  });
}

/** Only to look up what there is: a program parses once. */
const KNOWN = program();

/** A command's name alone stands for the command, whatever else it would need. */
function isName(words: readonly string[]): boolean {
  let command: Command | undefined = KNOWN;
  for (const word of words) command = command?.commands.find((one) => one.name() === word);
  return command !== undefined;
}

/** @returns what the parser objects to */
async function objection(line: string): Promise<string | undefined> {
  const said: string[] = [];
  try {
    await program(said).parseAsync(wordsOf(line), { from: 'user' });
  } catch (error) {
    if (error instanceof Parsed || (error as { code?: string }).code === 'commander.helpDisplayed')
      return undefined;
    return said.length > 0 ? said.join('').trim() : String(error);
  }
  return 'it does nothing';
}

/** A shell's words, as far as documentation goes: quotes, and at the end a redirection or a comment. */
function wordsOf(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const end = words.findIndex((word) => /^(#|>|\||2>)/.test(word));
  return (end < 0 ? words : words.slice(0, end)).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

/** Commands in code blocks and in running text; there, `dlq list` stands for `npm run ops -- dlq list`, and may be a name only. */
function commandsOf(markdown: string): string[] {
  const names = new Set(KNOWN.commands.map((command) => command.name()));
  const blocks = [...markdown.matchAll(/^```(?:sh|bash)?\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block.replace(/\\\n\s*/g, '').split('\n'),
  );
  const inline = [...markdown.replace(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) =>
    code.replace(/\s+/g, ' '),
  );
  const named = [...blocks, ...inline]
    .filter((line) => PREFIX.test(line))
    .map((line) => line.replace(PREFIX, ''));
  const short = inline
    .map((line) => line.replace(/^ops /, ''))
    .filter((line) => names.has(line.split(' ')[0] ?? '') && !isName(line.split(' ')));
  return [...named, ...short];
}

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

describe('the commands that are written down', () => {
  it('are found in the README and the runbook', () => {
    for (const name of ['README.md', 'docs/runbook.md']) {
      expect(commandsOf(readFileSync(name, 'utf8')).length).toBeGreaterThan(10);
    }
  });

  it.each(documents)('parse as they stand in %s', async (name) => {
    const commands = commandsOf(readFileSync(name, 'utf8'));
    const found = await Promise.all(commands.map(async (line) => [line, await objection(line)] as const));
    expect(found.filter(([, wrong]) => wrong !== undefined)).toEqual([]);
  });

  it('parse as the examples of --help have them', async () => {
    const said: string[] = [];
    for (const command of everyCommand(program(said))) command.outputHelp();
    const lines = said
      .join('')
      .split('\n')
      .map((line) => line.trim());
    const examples = lines.filter((line) => PREFIX.test(line)).map((line) => line.replace(PREFIX, ''));
    expect(examples.length).toBeGreaterThan(30);
    const found = await Promise.all(examples.map(async (line) => [line, await objection(line)] as const));
    expect(found.filter(([, wrong]) => wrong !== undefined)).toEqual([]);
  });

  it('would not parse with an option that is not there', async () => {
    expect(await objection('dlq list --colour red')).toContain("unknown option '--colour'");
    expect(await objection('dlq mend')).toContain('unknown command');
  });
});
