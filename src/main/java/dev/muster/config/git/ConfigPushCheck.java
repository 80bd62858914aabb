package dev.muster.config.git;

import dev.muster.config.ChangeSummary;
import dev.muster.config.ConfigLoader;
import dev.muster.config.ConfigRepository.Commit;
import dev.muster.config.InForce;
import dev.muster.config.LoadResult;
import dev.muster.config.Problem;
import dev.muster.config.Revision;
import dev.muster.config.Snapshot;
import java.util.ArrayList;
import java.util.List;

/** Refuses a push with every problem of its config; tells a good one what will change. */
public final class ConfigPushCheck implements PushCheck {
  /** A terminal is read from its end. */
  private static final int MOST_LINES = 60;

  private final ConfigLoader loader;
  private final InForce inForce;
  private final ChangeSummary changes;

  public ConfigPushCheck(ConfigLoader loader, InForce inForce, ChangeSummary changes) {
    this.loader = loader;
    this.inForce = inForce;
    this.changes = changes;
  }

  @Override
  public Verdict judge(Commit commit) {
    return switch (loader.load(commit.revision(), commit.tree())) {
      case LoadResult.Rejected(Revision revision, List<Problem> problems) ->
          new Verdict(false, refusal(problems));
      case LoadResult.Accepted(Snapshot snapshot, List<Problem> warnings) ->
          new Verdict(true, acceptance(snapshot, warnings));
    };
  }

  private static List<String> refusal(List<Problem> problems) {
    List<String> lines = shortened(problems.stream().map(Problem::toString).toList());
    lines.add(
        problems.size() == 1
            ? "One problem; the config in force stays as it is."
            : problems.size() + " problems; the config in force stays as it is.");
    return lines;
  }

  private List<String> acceptance(Snapshot snapshot, List<Problem> warnings) {
    List<String> lines = new ArrayList<>(warnings.stream().map(Problem::toString).toList());
    List<String> changed = changes.lines(inForce.get(), snapshot);
    lines.add(changed.isEmpty() ? "Accepted; nothing changes." : "Accepted; this changes:");
    lines.addAll(shortened(changed));
    return lines;
  }

  private static List<String> shortened(List<String> lines) {
    if (lines.size() <= MOST_LINES) {
      return new ArrayList<>(lines);
    }
    List<String> shortened = new ArrayList<>(lines.subList(0, MOST_LINES));
    shortened.add("… and " + (lines.size() - MOST_LINES) + " more");
    return shortened;
  }
}
