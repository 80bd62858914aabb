package dev.muster.status.page;

import dev.muster.status.api.RunnerView;
import java.util.List;

/** One runner and its story. */
record RunnerPage(RunnerRow row, List<JobPage.Line> timeline) {
  RunnerPage {
    timeline = List.copyOf(timeline);
  }

  static RunnerPage of(RunnerView runner) {
    return new RunnerPage(new RunnerRow(runner), JobPage.lines(runner.timeline()));
  }
}
