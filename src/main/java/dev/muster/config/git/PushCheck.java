package dev.muster.config.git;

import dev.muster.config.ConfigRepository.Commit;
import java.util.List;

/** Judges a config before a push makes it the branch's head. */
public interface PushCheck {
  Verdict judge(Commit commit);

  /**
   * What the pusher is told.
   *
   * @param lines shown as {@code remote:} lines
   */
  record Verdict(boolean accepted, List<String> lines) {
    public Verdict {
      lines = List.copyOf(lines);
    }
  }
}
