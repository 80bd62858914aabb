package dev.muster.fleet.acceptance;

/** What a look at a step says. */
sealed interface Verdict {
  /** It goes on; {@code what} it waits for, in words. */
  record Waits(String what) implements Verdict {}

  /** It is done; {@code evidence} is what was seen. */
  record Passed(String evidence) implements Verdict {}

  /** It cannot be done any more. */
  record Failed(String reason) implements Verdict {}

  /** There is nothing to do it with. */
  record Skipped(String reason) implements Verdict {}
}
