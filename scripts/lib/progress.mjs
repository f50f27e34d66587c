import { Failure } from './fail.mjs';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * Does one step of a longer job and shows it as one line: with a spinner and the seconds so far on a terminal, as one
 * line before and after elsewhere. `work` may return a text that is added to the line.
 */
export async function step(title, work) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const stopSpinner = process.stdout.isTTY ? spin(title, seconds) : plain(title);
  try {
    const remark = await work();
    stopSpinner(`✔ ${title} (${[remark, seconds()].filter(Boolean).join(', ')})`);
  } catch (error) {
    stopSpinner(`✖ ${title} (${seconds()})`);
    throw error;
  }
}

function plain(title) {
  console.log(`… ${title}`);
  return (line) => console.log(line);
}

function spin(title, seconds) {
  let turn = 0;
  const draw = () => process.stdout.write(`\r\x1b[2K${frames[turn++ % frames.length]} ${title} ${seconds()}`);
  draw();
  const timer = setInterval(draw, 100);
  return (line) => {
    clearInterval(timer);
    process.stdout.write(`\r\x1b[2K${line}\n`);
  };
}

/** The result of `run`, or a failure with the end of what the program said. */
export function succeeded({ code, output }, what) {
  if (code === 0) return output;
  const tail = output.trimEnd().split('\n').slice(-25).join('\n');
  throw new Failure(`${tail}\n\n${what} failed, see above.`);
}
