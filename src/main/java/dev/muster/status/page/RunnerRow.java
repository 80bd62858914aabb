package dev.muster.status.page;

import dev.muster.status.api.RunnerView;

/** A runner as lists show it. */
record RunnerRow(RunnerView runner) {
  String tone() {
    return switch (runner.state()) {
      case "ready" -> "good";
      case "busy" -> "live";
      case "failed" -> "bad";
      case "planned", "launching", "booting", "starting", "assigned", "registered" -> "wait";
      default -> "calm";
    };
  }

  String poolHref() {
    return PoolRow.href(runner.pool());
  }
}
