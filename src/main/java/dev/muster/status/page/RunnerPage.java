package dev.muster.status.page;

import dev.muster.status.api.RunnerView;
import java.util.List;
import java.util.regex.Pattern;

/** One runner, its story and what it wrote. */
record RunnerPage(RunnerRow row, List<JobPage.Line> timeline, String log) {
  /** Colours and the like, which a terminal would not show either. */
  private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;?]*[ -/]*[@-~]");

  RunnerPage {
    timeline = List.copyOf(timeline);
  }

  static RunnerPage of(RunnerView runner) {
    String log = runner.log();
    return new RunnerPage(
        new RunnerRow(runner),
        JobPage.lines(runner.timeline()),
        log == null ? "" : ESCAPES.matcher(log).replaceAll(""));
  }

  boolean hasLog() {
    return !log.isBlank();
  }
}
