package dev.muster.cli;

import dev.muster.kernel.notice.Finding;
import java.io.PrintStream;

/** Findings as commands show them: one line each, and under it the way out. */
final class Findings {
  private Findings() {}

  static void print(PrintStream out, Finding finding) {
    boolean warned = finding.ok() && finding.mend().isPresent();
    out.println(
        (warned ? "WARN  " : finding.ok() ? "ok    " : "ILL   ")
            + finding.check()
            + ": "
            + finding.detail());
    finding.mend().ifPresent(mend -> out.println("      " + mend));
  }
}
