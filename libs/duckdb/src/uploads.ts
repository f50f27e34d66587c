/** Less would be a statement for each few rows. */
const LEAST_BYTES = 256 * 1024;

/** How much Arrow data uploads may gather for a statement: the more there are, the less each. */
export class Uploads {
  private open = 0;

  /** @param bytes for one that is alone */
  constructor(private readonly bytes: number) {}

  /** The share of one more, to be closed at its end. */
  enter(): { readonly bytes: number; readonly leave: () => void } {
    this.open++;
    let entered = true;
    const leave = () => {
      if (entered) this.open--;
      entered = false;
    };
    return { bytes: Math.max(Math.floor(this.bytes / this.open), LEAST_BYTES), leave };
  }
}
