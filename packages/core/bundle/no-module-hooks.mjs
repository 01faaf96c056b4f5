/** Stands for `Hook` of require-in-the-middle and import-in-the-middle, which core does without. */
export class Hook {
  unhook() {}
}
