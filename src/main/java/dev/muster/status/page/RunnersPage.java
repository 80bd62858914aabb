package dev.muster.status.page;

import dev.muster.status.api.RunnerView;
import java.util.List;

/** The runners that have not ended, newest first, and the last that did. */
record RunnersPage(Table livingTable, Table endedTable) {
  /** What the table of runners is filled with. */
  record Table(List<RunnerRow> runners) {
    Table {
      runners = List.copyOf(runners);
    }

    static Table of(List<RunnerView> runners) {
      return new Table(runners.stream().map(RunnerRow::new).toList());
    }
  }

  static RunnersPage of(List<RunnerView> living, List<RunnerView> ended) {
    return new RunnersPage(Table.of(living), Table.of(ended));
  }

  boolean anyLiving() {
    return !livingTable.runners().isEmpty();
  }

  boolean anyEnded() {
    return !endedTable.runners().isEmpty();
  }
}
